// Makes the data directory that the predict benchmark serves from: predict-state-child.ts FOLDER. Every real flight of
// January 2001 is imported as it was known at noon of 1 February, and a model of 200 trees trained on it is promoted.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { DuckDBInstance } from '@duckdb/node-api'
import { virtualClock } from '../src/core/clock.ts'
import { openPlatform } from '../src/platform/app/open-platform.ts'
import { findFlights, splitFlights } from '../src/platform/simulate/flights.ts'
import { writeHistoryBefore } from '../src/platform/simulate/write-history.ts'
import { benchProject, MODEL, NOON } from './predict-project.ts'

const folder = process.argv[2]!
mkdirSync(folder, { recursive: true })
const project = await benchProject()
const files = await splitFlights(findFlights(), folder)
const platform = await openPlatform({
  config: project,
  directory: join(folder, 'data'),
  clock: virtualClock(NOON),
})
for (const [name, file] of [
  ['departures', files.departures],
  ['arrivals', files.arrivals],
] as const)
  await platform.importHistory(name, await writeHistoryBefore({ stream: project.streams[name]!, file }, NOON, folder))
const { version } = await platform.train(MODEL, { name: 'data-scientist' })
await platform.approve(MODEL, version, { name: 'domain-expert' }, 'For the benchmark.')
await platform.promote(MODEL, version, { name: 'domain-expert' }, 'For the benchmark.')
await platform.close()
writeFileSync(join(folder, 'rows.json'), JSON.stringify(await rowsAfterNoon(files.departures)))
console.log(JSON.stringify({ version }))

/** The flights that were to leave in the hour after noon, as a client asks about them. */
async function rowsAfterNoon(departures: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(
    `SELECT flight, origin, destination, distance_mi, strftime(scheduled_at, '%Y-%m-%dT%H:%M:%SZ') AS scheduled_at
     FROM '${departures}' WHERE scheduled_at >= '2001-02-01 12:00' AND scheduled_at < '2001-02-01 13:00'
     ORDER BY departures.scheduled_at, flight`,
  )
  connection.closeSync()
  return reader.getRowObjectsJson()
}
