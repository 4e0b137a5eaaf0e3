// One side of the offline benchmark: offline-child.ts ours|asof|window ROWS OUTPUT. Prints its seconds and peak memory.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { materializeFeatures } from '../src/data/features/materialize.ts'
import { createDictionary } from '../src/language/expr/dictionary.ts'
import { openDuckdb, sqlText } from '../src/stores/lake/duckdb.ts'
import { ownUsage } from './child.ts'
import { arrivals, delays, flightsOf, origin } from './offline-features.ts'

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
