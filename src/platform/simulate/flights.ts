import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { TruelineError } from '../../core/errors.ts'
import { parquetFiles, sqlText } from '../../stores/lake/duckdb.ts'

/** Files of the flights example, one row a flight in each. */
export interface FlightFiles {
  readonly departures: string
  readonly arrivals: string
  readonly rows: number
}

/**
 * Path of the three million flights of January to June 2001 in the npm package vega-datasets.
 * @throws TruelineError `file_not_found` when the package is not installed
 */
export function findFlights(): string {
  const require = createRequire(import.meta.url)
  const base = require.resolve.paths('vega-datasets') ?? []
  const found = base.map((folder) => join(folder, 'vega-datasets', 'data', 'flights-3m.parquet')).find(existsSync)
  if (found !== undefined) return found
  throw new TruelineError('file_not_found', 'The flights of the demo are not installed.', {
    remedy: 'Install them: npm install vega-datasets',
  })
}

/**
 * Splits the flights into what is known before (departures) and after (arrivals) each of them. A flight has no number,
 * so its place in the file makes one; it lands when its delay and its flying time (8 miles a minute and half an hour)
 * have passed, to the minute.
 * @param rows at most so many flights, spread evenly over the half year
 */
export async function splitFlights(source: string, folder: string, rows?: number): Promise<FlightFiles> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const departures = join(folder, 'departures.parquet')
  const arrivals = join(folder, 'arrivals.parquet')
  try {
    await connection.run(
      `CREATE TABLE numbered AS SELECT *, file_row_number AS number FROM ${parquetFiles([source], 'file_row_number = true')}`,
    )
    const total = await count(connection.runAndReadAll('SELECT count(*) FROM numbered'))
    const step = rows === undefined || rows >= total ? 1 : total / rows
    await connection.run(
      `CREATE VIEW flights AS SELECT printf('F%07d', number) AS flight, origin, destination,
         distance::INTEGER AS distance_mi, delay::INTEGER AS delay_min, date AS scheduled_at,
         date + to_minutes(delay::INTEGER + (distance // 8)::INTEGER + 30) AS arrived_at
       FROM numbered WHERE floor((number + 1) / ${step}) > floor(number / ${step})`,
    )
    await connection.run(
      `COPY (SELECT flight, origin, destination, distance_mi, scheduled_at FROM flights ORDER BY scheduled_at, flight)
       TO ${sqlText(departures)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    await connection.run(
      `COPY (SELECT flight, origin, destination, delay_min, arrived_at FROM flights ORDER BY arrived_at, flight)
       TO ${sqlText(arrivals)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    const kept = await count(connection.runAndReadAll('SELECT count(*) FROM flights'))
    return { departures, arrivals, rows: kept }
  } finally {
    instance.closeSync()
  }
}

async function count(reader: Promise<{ getRows(): unknown[][] }>): Promise<number> {
  return Number((await reader).getRows()[0]?.[0])
}
