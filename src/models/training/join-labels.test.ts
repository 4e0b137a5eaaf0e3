import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { t } from '../../language/define/column-types.ts'
import type { LabelDefinition } from '../../language/define/definitions.ts'
import { label } from '../../language/define/label.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { joinLabels } from './join-labels.ts'

const outcomes = stream('outcomes', {
  ...{ key: 'name', time: 'at', id: ['name', 'line'], sequence: 'line' },
  schema: { name: t.string(), value: t.int({ nullable: true }), line: t.int({ nullable: true }), at: t.timestamp() },
})

/** An outcome: name, value, line, when it happened, when it became known, id. */
type Outcome = readonly [string, number | null, number | null, number, number, string]

async function labelsOf(
  asked: readonly (readonly [string | null, number])[],
  events: readonly Outcome[],
  more: Partial<LabelDefinition> = {},
): Promise<(number | null)[]> {
  const definition = {
    ...label(outcomes, col('value').gt(5)).on('name').within('1s').absent('exclude'),
    ...{ within: 100, ...more },
  } as LabelDefinition
  const duckdb = await openDuckdb({ temporaryFolder: tmpdir() })
  try {
    return await duckdb.withConnection(async (connection) => {
      const text = (value: string | number | null) => (value === null ? 'NULL' : `'${value}'`)
      await connection.run('CREATE TABLE spine (_ordinal BIGINT, _t BIGINT, name VARCHAR)')
      for (const [ordinal, [name, at]] of asked.entries())
        await connection.run(`INSERT INTO spine VALUES (${ordinal}, ${at}, ${text(name)})`)
      await connection.run(
        'CREATE TABLE events (name VARCHAR, value BIGINT, line BIGINT, _event_time BIGINT, _known_at BIGINT, _id VARCHAR)',
      )
      for (const event of events) await connection.run(`INSERT INTO events VALUES (${event.map(text).join(', ')})`)
      const { labels } = await joinLabels(connection, {
        ...{ label: definition, stream: outcomes, spine: 'spine', events: 'events', cut: 1000, rows: asked.length },
      })
      return Array.from(labels, (value) => (Number.isNaN(value) ? null : value))
    })
  } finally {
    duckdb.close()
  }
}

test('a row has the first outcome of its key in [t, t + within) that is known before the cut', async () => {
  const events: Outcome[] = [
    ['a', 9, 0, 99, 99, 'a1'],
    ['a', 9, 0, 100, 100, 'a2'],
    ['a', 1, 0, 150, 150, 'a3'],
    ['b', 9, 0, 200, 200, 'b1'],
    ['c', 9, 0, 120, 1000, 'c1'],
    ['c', 1, 0, 130, 999, 'c2'],
  ]
  const asked = [
    ['a', 100],
    ['a', 101],
    ['a', 151],
    ['b', 100],
    ['b', 101],
    ['c', 100],
    [null, 100],
  ] as const
  expect(await labelsOf(asked, events)).toEqual([1, 0, null, null, 1, 0, null])
})

test('outcomes of one time are ordered by their sequence, none being 0, and then by their id', async () => {
  const asked = [['a', 100]] as const
  expect(
    await labelsOf(asked, [
      ['a', 1, 1, 110, 110, 'x'],
      ['a', 9, null, 110, 110, 'y'],
    ]),
  ).toEqual([1])
  expect(
    await labelsOf(asked, [
      ['a', 1, null, 110, 110, 'x'],
      ['a', 9, -1, 110, 110, 'y'],
    ]),
  ).toEqual([1])
  expect(
    await labelsOf(asked, [
      ['a', 1, 0, 110, 110, 'b'],
      ['a', 9, null, 110, 110, 'Z'],
    ]),
  ).toEqual([1])
})

test('a label that is null is no label, and not the one that absence means', async () => {
  const asked = [
    ['a', 100],
    ['b', 100],
  ] as const
  const events: Outcome[] = [
    ['a', null, 0, 110, 110, 'a1'],
    ['a', 9, 0, 120, 120, 'a2'],
  ]
  expect(await labelsOf(asked, events)).toEqual([null, null])
  expect(await labelsOf(asked, events, { absent: { value: false } })).toEqual([null, 0])
})

test('of a label with classes an outcome is the number of one; any other is none, and is counted', async () => {
  const claims = stream('claims', {
    ...{ key: 'name', time: 'at', id: ['name'] },
    schema: { name: t.string(), reason: t.string({ nullable: true }), at: t.timestamp() },
  })
  const made = label(claims, col('reason'), { classes: ['late', "isn't", 'fine'] })
    .on('name')
    .within('1s')
  const duckdb = await openDuckdb({ temporaryFolder: tmpdir() })
  try {
    await duckdb.withConnection(async (connection) => {
      await connection.run(`CREATE TABLE spine AS SELECT * FROM (VALUES
        (0::BIGINT, 0::BIGINT, 'a'), (1, 0, 'b'), (2, 0, 'c'), (3, 0, 'd'), (4, 0, 'e')) row(_ordinal, _t, name)`)
      await connection.run(`CREATE TABLE events AS SELECT *, 1::BIGINT _event_time, 1::BIGINT _known_at, name _id FROM (VALUES
        ('a', 'fine'), ('b', 'lost'), ('c', NULL), ('d', 'isn''t')) row(name, reason)`)
      const joined = async (definition: LabelDefinition) => {
        const query = { label: definition, stream: claims, spine: 'spine', events: 'events', cut: 10, rows: 5 }
        return await joinLabels(connection, query)
      }
      const excluding = await joined(made.absent('exclude'))
      expect([...excluding.labels]).toEqual([2, Number.NaN, Number.NaN, 1, Number.NaN])
      expect(excluding).toMatchObject({ found: 4, otherClass: 1 })
      const filled = await joined(made.absent('fine'))
      expect([...filled.labels]).toEqual([2, Number.NaN, Number.NaN, 1, 2])
    })
  } finally {
    duckdb.close()
  }
})
