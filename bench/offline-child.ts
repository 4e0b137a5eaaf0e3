// One side of the offline benchmark: offline-child.ts ours|asof|window ROWS OUTPUT. Prints its seconds and peak memory.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { replayFeatures } from '../src/data/features/replay.ts'
import { count, entity, features, mean, stream, t } from '../src/index.ts'
import { createDictionary } from '../src/language/expr/dictionary.ts'
import { openDuckdb, sqlText } from '../src/stores/lake/duckdb.ts'
import { type ParquetColumn, writeParquet } from '../src/stores/lake/write-parquet.ts'
import { ownUsage } from './child.ts'

const flights = sqlText(resolve(import.meta.dirname, '../node_modules/vega-datasets/data/flights-3m.parquet'))

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

async function runOurs(rows: number, output: string, temporaryFolder: string): Promise<void> {
  const duckdb = await openDuckdb({ temporaryFolder })
  await duckdb.withConnection(async (connection) => {
    const landed = 'epoch_us(date) + (delay + distance // 8 + 30) * 60000000'
    const { values } = await replayFeatures(connection, {
      definition: delays,
      stream: arrivals,
      entity: origin,
      dictionary: createDictionary(),
      events: `(SELECT ${landed} AS _event_time, origin, delay FROM read_parquet(${flights}) LIMIT ${rows})`,
      visibleAt: 'event._event_time',
      spine: `(SELECT file_row_number AS _ordinal, epoch_us(date) AS _t, origin FROM read_parquet(${flights}, file_row_number = true) LIMIT ${rows})`,
      time: '_t',
      cut: '_t',
      rowColumns: ['origin'],
      rows,
    })
    const vectors = Object.entries(delays.select).map(
      ([name, { type }], index): ParquetColumn => ({
        name,
        values: values[index]!,
        type: type === 'int' ? 'BIGINT' : 'DOUBLE',
      }),
    )
    const ordinal = Float64Array.from({ length: rows }, (_, row) => row)
    await writeParquet(connection, output, [{ name: 'ordinal', values: ordinal, type: 'BIGINT' }, ...vectors])
  })
  duckdb.close()
}

async function runReference(formulation: string, rows: number, output: string, temporaryFolder: string): Promise<void> {
  const sql = readFileSync(resolve(import.meta.dirname, `reference/offline-${formulation}.sql`), 'utf8')
  const duckdb = await openDuckdb({ temporaryFolder, memory: '1500MB' })
  const text = sql
    .replaceAll('$FLIGHTS', flights)
    .replaceAll('$ROWS', String(rows))
    .replaceAll('$OUTPUT', sqlText(output))
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
