// One side of the offline benchmark: offline-child.ts ours|asof|window ROWS OUTPUT. Prints its seconds and peak memory.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { materializeFeatures } from '../src/data/features/materialize.ts'
import { count, entity, features, mean, stream, t } from '../src/index.ts'
import { createDictionary } from '../src/language/expr/dictionary.ts'
import { openDuckdb, sqlText } from '../src/stores/lake/duckdb.ts'
import { ownUsage } from './child.ts'

const ALL_FLIGHTS = 3_000_000
const flightsFile = sqlText(resolve(import.meta.dirname, '../node_modules/vega-datasets/data/flights-3m.parquet'))

const arrivals = stream('arrivals', {
  key: 'origin',
  time: 'landed',
  schema: { origin: t.string(), delay: t.int(), landed: t.timestamp() },
})
const origin = entity('origin', { origin: t.string() })
const delays = features('origin_delays', {
  entity: origin,
  from: arrivals,
  select: {
    count_1h: count().over('1h'),
    mean_1h: mean('delay').over('1h'),
    count_3h: count().over('3h'),
    mean_3h: mean('delay').over('3h'),
    count_24h: count().over('24h'),
    mean_24h: mean('delay').over('24h'),
    count_7d: count().over('7d'),
    mean_7d: mean('delay').over('7d'),
  },
})

/** The first flights of the file, for either side. */
function flightsOf(rows: number): string {
  const all = `read_parquet(${flightsFile}, file_row_number = true)`
  return rows >= ALL_FLIGHTS ? all : `(SELECT * FROM ${all} LIMIT ${rows})`
}

async function runOurs(rows: number, output: string, temporaryFolder: string): Promise<void> {
  const duckdb = await openDuckdb({ temporaryFolder })
  const landed = 'epoch_us(date) + (delay + distance // 8 + 30) * 60000000'
  const request = {
    definition: delays,
    stream: arrivals,
    entity: origin,
    dictionary: createDictionary(),
    events: `(SELECT ${landed} AS _event_time, origin, delay FROM ${flightsOf(rows)})`,
    visibleAt: 'event._event_time',
    spine: `(SELECT file_row_number AS _ordinal, epoch_us(date) AS _t, origin FROM ${flightsOf(rows)})`,
    time: '_t',
    cut: '_t',
    rowColumns: ['origin'],
    rows,
  }
  await materializeFeatures(duckdb, request, output)
  duckdb.close()
}

async function runReference(formulation: string, rows: number, output: string, temporaryFolder: string): Promise<void> {
  const sql = readFileSync(resolve(import.meta.dirname, `reference/offline-${formulation}.sql`), 'utf8')
  const duckdb = await openDuckdb({ temporaryFolder, memory: '1500MB' })
  const text = sql.replaceAll('$FLIGHTS', flightsOf(rows)).replaceAll('$OUTPUT', sqlText(output))
  await duckdb.withConnection((connection) => connection.run(text))
  duckdb.close()
}

const [side = '', rows = '', output = ''] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'bench-offline-side-'))
const start = performance.now()
if (side === 'ours') await runOurs(Number(rows), output, folder)
else await runReference(side, Number(rows), output, folder)
const seconds = (performance.now() - start) / 1000
rmSync(folder, { recursive: true })
console.log(JSON.stringify({ seconds, peak_rss_mb: ownUsage().peak_rss_mb }))
