// The kernel's own part of the offline benchmark, on one thread: offline-kernel-child.ts ROWS in-order|late-and-corrected.
// Rows are sorted and in memory before the clock starts. Prints its seconds.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { planGroup } from '../src/kernel/plan.ts'
import { replayGroup } from '../src/kernel/replay.ts'
import { createDictionary } from '../src/language/expr/dictionary.ts'
import { openDuckdb } from '../src/stores/lake/duckdb.ts'
import { readColumns } from '../src/stores/lake/read-columns.ts'
import { ownUsage } from './child.ts'
import { arrivals, delays, flightsOf } from './offline-features.ts'

const [rows = '', events = ''] = process.argv.slice(2)
const count = Number(rows)

/** One event in fifty is known up to a day late; of one in a hundred the delay is corrected six hours after. */
const inOrder = `SELECT *, landed AS visible, 'infinity'::DOUBLE AS hidden FROM landings`
const lateAndCorrected = `
  WITH late AS (SELECT *, landed + CASE WHEN hash(row) % 50 = 0 THEN (hash(row + 1) % 86400000000)::BIGINT ELSE 0 END AS visible FROM landings)
  SELECT *, CASE WHEN hash(row) % 100 = 1 THEN visible + 21600000000 ELSE 'infinity'::DOUBLE END AS hidden FROM late
  UNION ALL
  SELECT * REPLACE (delay + 7 AS delay, visible + 21600000000 AS visible), 'infinity'::DOUBLE AS hidden FROM late WHERE hash(row) % 100 = 1`

const folder = mkdtempSync(join(tmpdir(), 'bench-offline-kernel-'))
const duckdb = await openDuckdb({ temporaryFolder: folder })
const [eventColumns, queryColumns] = await duckdb.withConnection(async (connection) => {
  await connection.run(`
    CREATE TABLE airports AS SELECT origin, row_number() OVER () AS entity FROM (SELECT DISTINCT origin FROM ${flightsOf(count)});
    CREATE TABLE landings AS SELECT entity, file_row_number AS row, epoch_us(date) + (delay + distance // 8 + 30) * 60000000 AS landed, delay
      FROM ${flightsOf(count)} JOIN airports USING (origin)`)
  const doubles = (names: string) => names.split(' ').map((name) => `${name}::DOUBLE`)
  const ofEvents = `SELECT ${doubles('entity landed visible hidden delay')} FROM (${events === 'in-order' ? inOrder : lateAndCorrected}) ORDER BY entity, landed, row`
  const ofQueries = `SELECT ${doubles('entity epoch_us(date)')} FROM ${flightsOf(count)} JOIN airports USING (origin) ORDER BY entity, date`
  return [
    await readColumns(connection, ofEvents, ['double', 'double', 'double', 'double', 'double']),
    await readColumns(connection, ofQueries, ['double', 'double']),
  ]
})
duckdb.close()
rmSync(folder, { recursive: true })

const [entities, times, visibleAt, hiddenAt, delay] = eventColumns as [
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
]
const [asking, askedTimes] = queryColumns as [Float64Array, Float64Array]
const plan = planGroup(delays, arrivals, createDictionary())
const unread = new Float64Array(0)
const columns = Object.keys(arrivals.schema).map((name) => (name === 'delay' ? delay : unread))
const output = {
  values: plan.features.map(() => new Float64Array(count)),
  statuses: plan.features.map(() => new Uint8Array(count)),
}
const eventRows = { count: entities.length, entities: Int32Array.from(entities), times, visibleAt, columns }
const queries = {
  count,
  entities: Int32Array.from(asking),
  times: askedTimes,
  cuts: askedTimes,
  rows: Uint32Array.from(askedTimes, (_, row) => row),
}
const start = performance.now()
replayGroup(plan, events === 'in-order' ? eventRows : { ...eventRows, hiddenAt }, queries, output)
const seconds = (performance.now() - start) / 1000
console.log(JSON.stringify({ seconds, peak_rss_mb: ownUsage().peak_rss_mb }))
