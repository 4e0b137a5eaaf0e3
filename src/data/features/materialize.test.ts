import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { count, max, mean, share } from '../../language/define/aggregations.ts'
import { t } from '../../language/define/column-types.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { materializeFeatures } from './materialize.ts'
import { type ReplayRequest, replayFeatures } from './replay.ts'

const folder = mkdtempSync(join(tmpdir(), 'materialize-'))
const duckdb = await openDuckdb({ temporaryFolder: join(folder, 'temporary') })
afterAll(() => {
  duckdb.close()
  rmSync(folder, { recursive: true })
})

const payments = stream('payments', {
  key: 'card',
  time: 'at',
  schema: { card: t.int({ nullable: true }), amount: t.number(), at: t.timestamp() },
})
const card = entity('card', { card: t.int() })
const spending = features('spending', {
  entity: card,
  from: payments,
  select: {
    large: share(col('amount').gt(40)).over('50ms'),
    largest: max('amount').over('50ms'),
    mean_amount: mean('amount').over('50ms'),
    payments: count().over('lifetime'),
  },
})

const rows = 3000
await duckdb.withConnection((connection) =>
  connection.run(`
    CREATE TABLE payments AS SELECT 'p' || i AS _id, (hash(i) % 1000000)::BIGINT AS _event_time, (hash(i) % 1000000 + hash(i + 7) % 900)::BIGINT AS _known_at,
      (hash(i + 1) % 70)::BIGINT AS card, (hash(i + 2) % 1000) / 7 AS amount FROM range(9000) AS r(i);
    CREATE TABLE asked AS SELECT i AS _ordinal, (hash(i + 4) % 1000000)::BIGINT AS _t, CASE WHEN i % 10 > 0 THEN (hash(i + 5) % 75)::BIGINT END AS card FROM range(${rows}) AS r(i)`),
)

function request(more: Partial<ReplayRequest>): ReplayRequest {
  return {
    definition: spending,
    stream: payments,
    entity: card,
    dictionary: createDictionary(),
    events: 'payments',
    visibleAt: 'event._known_at',
    spine: 'asked',
    time: '_t',
    cut: '_t',
    rowColumns: ['card'],
    rows,
    ...more,
  }
}

async function readAll(path: string): Promise<(number | boolean | null)[][]> {
  return duckdb.withConnection(async (connection) => {
    const reader = await connection.runAndReadAll(
      `SELECT ordinal::INT, large, largest, mean_amount, payments::INT FROM '${path}/*.parquet' ORDER BY ordinal`,
    )
    return reader.getRowsJson() as (number | boolean | null)[][]
  })
}

test('the files hold what a replay answers, in one part or in many, a row for each key without nulls', async () => {
  const { values } = await duckdb.withConnection((connection) => replayFeatures(connection, request({})))
  const expected = Array.from({ length: rows }, (_, row) => [row, ...values.map((column) => column[row]!)])
    .filter(([row]) => row! % 10 > 0)
    .map((row) => row.map((value) => (Number.isNaN(value) ? null : value)))
  await materializeFeatures(duckdb, request({}), join(folder, 'one'))
  expect(await readAll(join(folder, 'one'))).toEqual(expected)

  const progress: number[] = []
  await materializeFeatures(duckdb, request({ mostAtOnce: 2500 }), join(folder, 'many'), (done, of) => {
    expect(of).toBe(rows)
    progress.push(done)
  })
  expect(readdirSync(join(folder, 'many'))).toHaveLength(5)
  expect(await readAll(join(folder, 'many'))).toEqual(expected)
  expect(progress).toHaveLength(6)
  expect(progress).toEqual(progress.toSorted((a, b) => a - b))
  expect(progress.slice(-2)).toEqual([rows * 0.9, rows])
})

test('nothing of what went through files on the way is left behind', () => {
  expect(readdirSync(join(folder, 'temporary'))).toEqual([])
})
