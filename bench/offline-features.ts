// What the offline benchmarks compute: how late the flights from an airport have been, over four windows.
import { resolve } from 'node:path'
import { count, entity, features, mean, stream, t } from '../src/index.ts'
import { sqlText } from '../src/stores/lake/duckdb.ts'

const ALL_FLIGHTS = 3_000_000
const flightsFile = sqlText(resolve(import.meta.dirname, '../node_modules/vega-datasets/data/flights-3m.parquet'))

/** SQL for the first flights of the file. */
export function flightsOf(rows: number): string {
  const all = `read_parquet(${flightsFile}, file_row_number = true)`
  return rows >= ALL_FLIGHTS ? all : `(SELECT * FROM ${all} LIMIT ${rows})`
}

export const arrivals = stream('arrivals', {
  key: 'origin',
  time: 'landed',
  schema: { origin: t.string(), delay: t.int(), landed: t.timestamp() },
})

export const origin = entity('origin', { origin: t.string() })

export const delays = features('origin_delays', {
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
