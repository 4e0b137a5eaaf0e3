import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { type Random, seededRandom } from '../../core/random.ts'
import { compareIds } from '../../kernel/event-order.ts'
import { statusNames } from '../../kernel/status.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { digestOfTable } from '../../language/define/digest.ts'
import { table } from '../../language/define/table.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb, sqlText } from '../../stores/lake/duckdb.ts'
import { reviseEvents } from '../../stores/lake/revised-events.ts'
import type { Correction, EventBatch } from '../../stores/log/event-batch.ts'
import { createReferenceTables } from './reference-tables.ts'
import { replayTable } from './replay-table.ts'

const fares = table('fares', {
  key: ['origin', 'cabin'],
  schema: {
    origin: t.string(),
    cabin: t.int(),
    price: t.int({ nullable: true }),
    note: t.string({ nullable: true }),
    from: t.timestamp(),
    to: t.timestamp({ nullable: true }),
  },
  validFrom: 'from',
  validTo: 'to',
})
const project = collectProject([fares])
const stream = project.streams['fares']!
const names = Object.keys(stream.schema)

interface Row {
  readonly id: string
  readonly revision: number
  readonly tombstone: boolean
  readonly origin: string
  readonly cabin: number
  readonly price: number | null
  readonly note: string | null
  readonly from: number
  readonly to: number | null
}

interface Question {
  readonly origin: string | null
  readonly cabin: number
  readonly time: number
  /** Rows before this place in the log are seen. */
  readonly cut: number
}

/** Few ids, keys and times, so that everything ties and overlaps; revisions in any order, and ids beyond the basic plane. */
function makeRows(random: Random): Row[] {
  const draw = (most: number) => Math.floor(random.next() * most)
  const ids = ['a', 'b', 'c', '😀', '\uffee']
  const taken = new Set<string>()
  return Array.from({ length: 1 + draw(14) }, (): Row => {
    const from = draw(8)
    const tombstone = random.next() < 0.15
    return {
      ...{ id: ids[draw(ids.length)]!, revision: draw(4) + (tombstone ? 1 : 0), tombstone },
      ...{ origin: ['ORD', 'MDW'][draw(2)]!, cabin: draw(2), from },
      price: random.next() < 0.2 ? null : draw(100),
      note: random.next() < 0.2 ? null : ['high', 'low'][draw(2)]!,
      to: random.next() < 0.4 ? null : from + draw(6),
    }
  }).filter(({ id, revision }) => {
    const isNew = !taken.has(`${id} ${revision}`)
    taken.add(`${id} ${revision}`)
    return isNew
  })
}

/** What the text of docs/semantics.md says, over all rows there are. */
function oracle(rows: readonly Row[], { origin, cabin, time, cut }: Question): (string | number | null)[][] {
  const known = rows.slice(0, cut)
  const counting = known.filter(
    (row) => !row.tombstone && known.every((other) => other.id !== row.id || other.revision <= row.revision),
  )
  const begun = counting.filter((row) => row.origin === origin && row.cabin === cabin && row.from <= time)
  if (begun.length === 0) return ['price', 'note'].map(() => ['unknown_key', null])
  const valid = begun.filter((row) => row.to === null || time < row.to)
  const [best] = valid.sort((a, b) => b.from - a.from || compareIds(b.id, a.id))
  if (best === undefined) return ['price', 'note'].map(() => ['empty', null])
  return [best.price, best.note].map((value) => [value === null ? 'null' : 'value', value])
}

/** Rows [from, to) of the log as the ingest hands them on: each with what it means to those before it. */
function batchOf(rows: readonly Row[], from: number, to: number): EventBatch {
  const part = rows.slice(from, to)
  const corrections: Correction[] = []
  for (const [index, row] of part.entries()) {
    const before = rows.slice(0, from + index).filter(({ id }) => id === row.id)
    const best = before.toSorted((a, b) => b.revision - a.revision)[0]
    const supersedes = best === undefined || row.revision > best.revision
    const counts = supersedes && !row.tombstone
    const old = supersedes && best !== undefined && !best.tombstone ? rows.indexOf(best) : -1
    if (counts && old === -1) continue
    corrections.push({
      row: index,
      counts,
      ...(old === -1 ? {} : { old: { batch: batchOf(rows, old, old + 1), row: 0 } }),
    })
  }
  const numbers = (of: (row: Row, index: number) => number) => Float64Array.from(part, of)
  return {
    ...{ stream: 'fares', length: part.length, generation: 1, id: part.map(({ id }) => id), corrections },
    ...{ offset: numbers((_, index) => from + index), partition: new Uint8Array(part.length) },
    ...{ eventTime: numbers((row) => row.from), knownAt: numbers((_, index) => 1000 + from + index) },
    columns: names.map((name) => {
      const values = part.map((row) => row[name as keyof Row] as string | number | null)
      return stream.schema[name]!.type === 'string'
        ? (values as (string | null)[])
        : Float64Array.from(values, (value) => (value as number | null) ?? Number.NaN)
    }),
  }
}

function shown(
  dictionary: ReturnType<typeof createDictionary>,
  values: readonly number[],
  statuses: readonly number[],
) {
  const [price, note] = values as [number, number]
  return [
    [statusNames[statuses[0]!]!, Number.isNaN(price) ? null : price],
    [statusNames[statuses[1]!]!, Number.isNaN(note) ? null : dictionary.decode(note)],
  ]
}

test('live and replayed, a row reads the version that is valid at t, as the oracle says', async () => {
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder: tmpdir() })
  const statuses = new Set<string>()
  try {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = seededRandom(seed)
      const rows = makeRows(random)
      const dictionary = createDictionary()
      const digest = digestOfTable(project.tables['fares']!, project)
      const tables = createReferenceTables([{ digest, definition: project.tables['fares']!, stream }], dictionary)
      const live = tables.table(digest)!
      const read = live.reader(['price', 'note'])
      const questions: Question[] = []
      const answers: unknown[] = []
      for (let cut = 0; cut <= rows.length; cut += 1) {
        if (cut > 0) tables.apply(batchOf(rows, cut - 1, cut))
        for (const origin of ['ORD', 'MDW', null])
          for (const time of [-1, 0, 3, 5, 12]) {
            const question = { origin, cabin: seed % 2, time, cut }
            const values = new Float64Array(2)
            const found = new Uint8Array(2)
            read(live.keyOf([origin, question.cabin])?.text ?? '', time, values, found, 0)
            questions.push(question)
            answers.push(shown(dictionary, [...values], [...found]))
          }
      }
      const expected = questions.map((question) => oracle(rows, question))
      for (const [[status]] of expected as [[string]][]) statuses.add(status)
      expect(answers, `live, seed ${seed}`).toEqual(expected)
      expect(
        await duckdb.withConnection((connection) => replayed(connection, rows, questions)),
        `replayed, seed ${seed}`,
      ).toEqual(expected)
    }
  } finally {
    duckdb.close()
  }
  expect([...statuses].sort()).toEqual(['empty', 'null', 'unknown_key', 'value'])
})

async function replayed(
  connection: Parameters<typeof replayTable>[0],
  rows: readonly Row[],
  questions: readonly Question[],
): Promise<unknown[]> {
  const literal = (value: string | number | boolean | null) =>
    typeof value === 'string' ? sqlText(value) : String(value)
  const events = rows.map((row, offset) => {
    const own = names.map((name) => `${literal(row[name as keyof Row])} AS "${name}"`)
    const log = `${offset}::BIGINT AS _offset, ${literal(row.id)} AS _id, ${row.revision}::BIGINT AS _revision, ${row.tombstone} AS _tombstone`
    return `SELECT ${log}, ${row.from}::BIGINT AS _event_time, ${1000 + offset}::BIGINT AS _known_at, ${own.join(', ')}`
  })
  const asked = questions.map(
    ({ origin, cabin, time, cut }, ordinal) =>
      `SELECT ${ordinal}::BIGINT AS _ordinal, ${literal(origin)}::VARCHAR AS start, ${cabin}::BIGINT AS cabin, ${time}::DOUBLE AS _t, ${cut}::DOUBLE AS _cut`,
  )
  await connection.run(`CREATE OR REPLACE TABLE _events AS ${events.join(' UNION ALL ')}`)
  await connection.run(`CREATE OR REPLACE TABLE _asked AS ${asked.join(' UNION ALL ')}`)
  const dictionary = createDictionary()
  const { events: revised, supersession } = await reviseEvents(
    connection,
    '_events',
    stream.corrections.within,
    'fares',
  )
  const output = await replayTable(connection, {
    ...{ definition: project.tables['fares']!, stream, dictionary, columns: ['price', 'note'], events: revised },
    visibleAt: 'event._offset',
    ...(supersession === undefined ? {} : { hiddenAt: 'event._hidden_offset' }),
    ...{ spine: '_asked', time: '_t', cut: '_cut', rowColumns: ['start', 'cabin'], rows: questions.length },
  })
  return questions.map((_, row) =>
    shown(
      dictionary,
      output.values.map((column) => column[row]!),
      output.statuses.map((column) => column[row]!),
    ),
  )
}
