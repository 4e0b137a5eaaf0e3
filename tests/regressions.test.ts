import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createFeatureEngine } from '../src/data/features/feature-engine.ts'
import { type ReplayRequest, replayFeatures } from '../src/data/features/replay.ts'
import { readParts } from '../src/data/features/replay-parts.ts'
import { type ReadRows, ROWS_OF_A_PAGE } from '../src/data/features/row-buckets.ts'
import { count, last, max, min, stddev, sum } from '../src/language/define/aggregations.ts'
import { t } from '../src/language/define/column-types.ts'
import type { FeaturesDefinition } from '../src/language/define/definitions.ts'
import { entity } from '../src/language/define/entity.ts'
import { features } from '../src/language/define/features.ts'
import { stream } from '../src/language/define/stream.ts'
import { createDictionary } from '../src/language/expr/dictionary.ts'
import { openDuckdb } from '../src/stores/lake/duckdb.ts'
import { driversOf } from './laws/drivers.ts'
import type { LawEvent } from './laws/oracle.ts'

// What users of other feature stores reported, as they reported it: docs/regressions.md says which report is which.

const folder = mkdtempSync(join(tmpdir(), 'regressions-'))
afterAll(() => rmSync(folder, { recursive: true }))

const payments = stream('payments', {
  key: 'card',
  id: 'payment',
  time: 'at',
  corrections: { within: '7d' },
  schema: { payment: t.string(), card: t.string(), amount: t.number(), at: t.timestamp() },
})
const card = entity('card', { card: t.string() })
const HOUR = 3_600_000_000

/** Rows of one card in the order in which they become known, position by position. */
function rowsOf(rows: readonly (Partial<LawEvent> & { readonly id: string; readonly eventTime: number })[]) {
  return rows.map((row, position): LawEvent => {
    return { revision: 0, tombstone: false, entity: 'c', knownAt: row.eventTime, position, values: {}, ...row }
  })
}

/** What is served when all rows are known, and what a replay says to the same question. */
function answersOf(definition: FeaturesDefinition, events: readonly LawEvent[], time: number) {
  const query = { entity: 'c', t: time, cut: events.length }
  const drivers = driversOf({ stream: payments, definition, events, queries: [query], salt: 0 })
  const live = drivers.live()
  for (const event of events) live.apply(event)
  const [replayed = []] = drivers.replay(events, [query], ({ position }) => position)
  const valuesOf = (answers: typeof replayed) =>
    Object.fromEntries(Object.keys(definition.select).map((name, index) => [name, answers[index]?.value]))
  return { served: valuesOf(live.read('c', time) ?? []), replayed: valuesOf(replayed) }
}

test('of 10, 30 and 20 in three tiles the smallest is 10, the largest 30 and the deviation 10', () => {
  const window = ['3h', { hop: '1h' }] as const
  const definition = features('spending', {
    entity: card,
    from: payments,
    select: {
      smallest: min('amount').over(...window),
      largest: max('amount').over(...window),
      deviation: stddev('amount').over(...window),
      total: sum('amount').over(...window),
    },
  })
  const events = rowsOf(
    [10, 30, 20].map((amount, hour) => ({ id: `${hour}`, eventTime: hour * HOUR, values: { amount } })),
  )
  const expected = { smallest: 10, largest: 30, deviation: 10, total: 60 }
  expect(answersOf(definition, events, 3 * HOUR)).toEqual({ served: expected, replayed: expected })
})

test('a batch with its newest row first leaves the newest value', () => {
  const definition = features('spending', {
    entity: card,
    from: payments,
    select: { latest: last('amount', { ttl: '1d' }), ever: last('amount').over('lifetime') },
  })
  const events = rowsOf([3, 2, 1].map((hour) => ({ id: `${hour}`, eventTime: hour * HOUR, values: { amount: hour } })))
  const expected = { latest: 3, ever: 3 }
  expect(answersOf(definition, events, 4 * HOUR)).toEqual({ served: expected, replayed: expected })
})

test('a correction that is known after the question is not seen by it, and by the next one it is', () => {
  const definition = features('spending', {
    entity: card,
    from: payments,
    select: { total: sum('amount').over('1d'), payments: count().over('1d') },
  })
  const events = rowsOf([
    { id: 'a', eventTime: HOUR, values: { amount: 10 } },
    { id: 'b', eventTime: HOUR, values: { amount: 1 } },
    { id: 'a', revision: 1, eventTime: HOUR, knownAt: 5 * HOUR, values: { amount: 99 } },
    { id: 'b', revision: 1, tombstone: true, eventTime: HOUR, knownAt: 6 * HOUR },
  ])
  const queries = [5, 5.5, 7].map((hours) => ({ entity: 'c', t: hours * HOUR, cut: hours * HOUR }))
  const drivers = driversOf({ stream: payments, definition, events, queries, salt: 0 })
  const answers = drivers.replay(events, queries, ({ knownAt }) => knownAt)
  expect(answers.map((vector) => vector.map(({ value }) => value))).toEqual(
    // In the order of names: payments, total.
    [
      [2, 11],
      [2, 100],
      [1, 99],
    ],
  )
})

test('keys of two columns that read the same when glued together are two entities, live and in a replay', async () => {
  const places = stream('places', {
    key: ['from', 'to'],
    time: 'at',
    schema: { from: t.string(), to: t.string(), at: t.timestamp() },
  })
  const route = entity('route', { from: t.string(), to: t.string() })
  const definition = features('routes', { entity: route, from: places, select: { trips: count().over('lifetime') } })
  const engine = createFeatureEngine(
    [{ digest: 'sha256:', definition, stream: places, entity: route }],
    createDictionary(),
  )
  const [group] = engine.groups()
  expect(group?.keyOf(['1', '23'])).not.toBe(group?.keyOf(['12', '3']))
  const duckdb = await openDuckdb({ temporaryFolder: folder })
  try {
    const { values } = await duckdb.withConnection(async (connection) => {
      await connection.run(`
        CREATE TABLE places AS SELECT 'e' || i AS _id, i::BIGINT AS _event_time, i::BIGINT AS _known_at,
          CASE WHEN i < 3 THEN '1' ELSE '12' END AS "from", CASE WHEN i < 3 THEN '23' ELSE '3' END AS "to" FROM range(5) AS r(i);
        CREATE TABLE asked AS FROM (VALUES (0, '1', '23'), (1, '12', '3'), (2, '123', '')) AS rows(_ordinal, origin, target)`)
      return replayFeatures(connection, {
        ...{ definition, stream: places, entity: route, dictionary: createDictionary(), events: 'places', rows: 3 },
        ...{ visibleAt: 'event._known_at', spine: 'asked', time: '10', cut: '10', rowColumns: ['origin', 'target'] },
      })
    })
    expect([...values[0]!]).toEqual([3, 2, 0])
  } finally {
    duckdb.close()
  }
})

test('a join of 17,000 rows reads each row once, and holds no more of them than it is told to', async () => {
  const definition = features('spending', { entity: card, from: payments, select: { total: sum('amount').over('1d') } })
  const rows = 17_000
  const mostAtOnce = 5000
  const duckdb = await openDuckdb({ temporaryFolder: folder })
  try {
    await duckdb.withConnection(async (connection) => {
      await connection.run(`
        CREATE TABLE payments AS SELECT 'p' || i AS _id, i::BIGINT AS _event_time, i::BIGINT AS _known_at,
          'card ' || (hash(i) % 1700) AS card, i / 7 AS amount FROM range(${rows}) AS r(i);
        CREATE TABLE asked AS SELECT i AS _ordinal, i::BIGINT AS _t, 'card ' || (hash(i + 1) % 1700) AS card FROM range(${rows}) AS r(i)`)
      const request: ReplayRequest = {
        ...{ definition, stream: payments, entity: card, dictionary: createDictionary(), events: 'payments', rows },
        ...{ visibleAt: 'event._known_at', spine: 'asked', time: '_t', cut: '_t', rowColumns: ['card'] },
      }
      const sizes: number[] = []
      for await (const { events, queries } of readParts(connection, request, { ordersTies: false, rows, mostAtOnce })) {
        sizes.push(events.count + queries.count)
        const columns = new Set([...events.columns, ...queries.columns])
        const bytes = [...columns].reduce((total, { byteLength }) => total + byteLength, 0)
        // Of each bucket one page may not be full.
        const roomOf = ({ count, starts }: ReadRows) => count + ROWS_OF_A_PAGE * (starts.length - 1)
        // Time, visibility and amount of an event; t and ordinal of a question.
        expect(bytes).toBeLessThanOrEqual(8 * (3 * roomOf(events) + 2 * roomOf(queries)))
        expect(events.starts.length).toBeLessThan(5)
      }
      expect(sizes.reduce((total, size) => total + size, 0)).toBe(2 * rows)
      // Whole entities of about 20 rows come to a little more or less.
      expect(Math.max(...sizes)).toBeLessThan(1.2 * mostAtOnce)
    })
  } finally {
    duckdb.close()
  }
})
