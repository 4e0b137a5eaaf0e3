import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { count, last, mean } from '../../language/define/aggregations.ts'
import { t } from '../../language/define/column-types.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { readColumns } from '../../stores/lake/read-columns.ts'
import { materializeFeatures } from './materialize.ts'
import { type ReplayRequest, replayFeatures } from './replay.ts'
import { rangesOf } from './replay-part.ts'
import { createRowBuckets } from './row-buckets.ts'

const folder = mkdtempSync(join(tmpdir(), 'replay-threads-'))
const duckdb = await openDuckdb({ temporaryFolder: folder })
const connection = await duckdb.connect()
afterAll(() => {
  connection.closeSync()
  duckdb.close()
  rmSync(folder, { recursive: true })
})

const payments = stream('payments', {
  key: 'card',
  time: 'at',
  schema: { card: t.int(), amount: t.number(), shop: t.string(), at: t.timestamp() },
})
const card = entity('card', { card: t.int() })

/** 160,000 payments and as many questions about 700 cards, neither in any order. */
const rows = 160_000
await connection.run(`
  CREATE TABLE payments AS SELECT 'p' || i AS _id, (hash(i) % 1000000)::BIGINT AS _event_time, (hash(i) % 1000000 + hash(i + 7) % 900)::BIGINT AS _known_at,
    (hash(i + 1) % 700)::BIGINT AS card, (hash(i + 2) % 1000) / 7 AS amount, 'shop ' || (hash(i + 3) % 9) AS shop FROM range(${rows}) AS r(i);
  CREATE TABLE asked AS SELECT i AS _ordinal, (hash(i + 4) % 1000000)::BIGINT AS _t, (hash(i + 5) % 710)::BIGINT AS card FROM range(${rows}) AS r(i)`)

const definition = features('spending', {
  entity: card,
  from: payments,
  select: {
    mean_amount: mean('amount').over('200ms'),
    other_shops: count().where(col('shop').ne('shop 3')).over('500ms'),
    last_shop: last('shop', { ttl: '1s' }),
  },
})
const request: Omit<ReplayRequest, 'threads'> = {
  definition,
  stream: payments,
  entity: card,
  // Codes of texts depend on which comes first: one dictionary gives all the same.
  dictionary: createDictionary(),
  events: 'payments',
  visibleAt: 'event._known_at',
  spine: 'asked',
  time: '_t',
  cut: '_t',
  rowColumns: ['card'],
  rows,
}

test('any number of threads, and any pace of the calling one, gives the same bits, in memory and in files', async () => {
  const alone = await replayFeatures(connection, { ...request, threads: 1 })
  const shops = alone.values[Object.keys(definition.select).indexOf('last_shop')]!
  const texts = [...shops.subarray(0, 100)].filter((code) => !Number.isNaN(code)).map(request.dictionary.decode)
  expect(new Set(texts).size).toBeGreaterThan(5)

  const together = await replayFeatures(connection, { ...request, threads: 3 })
  const bits = (columns: readonly (Float64Array | Uint8Array)[]) =>
    columns.map(({ buffer, byteOffset, byteLength }) => digestOf(new Uint8Array(buffer, byteOffset, byteLength)))
  expect(bits([...together.values, ...together.statuses])).toEqual(bits([...alone.values, ...alone.statuses]))
  let turns = 0
  const ticking = setInterval(() => {
    turns += 1
  }, 0)
  const paced = await replayFeatures(connection, { ...request, threads: 1, questionsAtOnce: 2000 })
  clearInterval(ticking)
  expect(bits([...paced.values, ...paced.statuses])).toEqual(bits([...alone.values, ...alone.statuses]))
  expect(turns).toBeGreaterThan(10)

  const files = join(folder, 'vectors')
  await materializeFeatures(duckdb, { ...request, threads: 3 }, files)
  expect(readdirSync(files)).toHaveLength(2)
  const columns = Object.keys(definition.select).map((name) => `coalesce(${name}::DOUBLE, 'nan'::DOUBLE)`)
  const sql = `SELECT ${columns.join(', ')} FROM '${files}/*.parquet' ORDER BY ordinal`
  const written = await readColumns(
    connection,
    sql,
    columns.map(() => 'double' as const),
    rows,
  )
  expect(bits(written)).toEqual(bits(alone.values))
})

test('what fails on another thread fails the whole', async () => {
  const files = join(folder, 'blocked')
  mkdirSync(join(files, 'part-0000-1.parquet'), { recursive: true })
  await expect(materializeFeatures(duckdb, { ...request, threads: 2 }, files)).rejects.toMatchObject({ code: 'EISDIR' })
})

test('a part is cut between buckets, into ranges of about as many rows', () => {
  const read = (entities: number[], ofBucket: number) => {
    const buckets = createRowBuckets(9, ofBucket, 0, entities.length)
    buckets.add(Float64Array.from(entities), [], entities.length)
    return buckets.end()
  }
  const ranges = (events: number[], queries: number[], ofBucket = 0) =>
    rangesOf({ events: read(events, ofBucket), queries: read(queries, ofBucket) }, 3).map(({ from, to }) => [from, to])
  expect(ranges([1, 1, 1, 4, 4, 6], [1, 3, 3, 4, 9])).toEqual([
    [0, 2],
    [2, 5],
    [5, 10],
  ])
  expect(ranges([1, 1, 1, 4, 4, 6], [1, 3, 3, 4, 9], 1)).toEqual([
    [0, 1],
    [1, 3],
    [3, 5],
  ])
  expect(ranges([7, 7, 7, 7], [2, 8, 8])).toEqual([
    [0, 8],
    [8, 9],
  ])
  expect(ranges([], [])).toEqual([])
})
