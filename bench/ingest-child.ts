// One side of the ingest benchmark: ingest-child.ts ours|raw ROWS FOLDER. Prints its seconds, CPU time and peak memory.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { virtualClock } from '../src/core/clock.ts'
import { createFeatureEngine } from '../src/data/features/feature-engine.ts'
import { createIngest } from '../src/data/features/ingest.ts'
import { digestOfFeatures } from '../src/language/define/digest.ts'
import { createDictionary } from '../src/language/expr/dictionary.ts'
import { loadProject } from '../src/platform/app/load-project.ts'
import { openDuckdb, sqlText } from '../src/stores/lake/duckdb.ts'
import { openLog } from '../src/stores/log/sqlite-event-log.ts'
import { peakMegabytes } from './peak-memory.ts'

const BATCH = 1000
/** Producers that each wait for the acknowledgement of a batch before they send the next. */
const PRODUCERS = 4

/** A call's body as it comes over HTTP, and the moment it comes (microseconds). */
interface Body {
  readonly text: string
  readonly at: number
}

/** Arrivals of January 2001 in the order of landing, in bodies of `BATCH` rows. */
async function readBodies(rows: number, folder: string): Promise<Body[]> {
  const flights = sqlText(resolve(import.meta.dirname, '../node_modules/vega-datasets/data/flights-3m.parquet'))
  const landed = 'epoch_us(date) + (delay + distance // 8 + 30) * 60000000'
  const duckdb = await openDuckdb({ temporaryFolder: folder })
  const reader = await duckdb.withConnection((connection) =>
    connection.runAndReadAll(
      `SELECT to_json({flight: 'F' || file_row_number, origin: origin, destination: destination, delay_min: delay,
         arrived_at: strftime(make_timestamp(${landed}), '%Y-%m-%dT%H:%M:%SZ')})::VARCHAR, (${landed})::DOUBLE AS landed
       FROM read_parquet(${flights}, file_row_number = true) WHERE date < '2001-02-01' ORDER BY landed LIMIT ${rows}`,
    ),
  )
  duckdb.close()
  const lines = reader.getRows() as [string, number][]
  return Array.from({ length: Math.ceil(lines.length / BATCH) }, (_, index) => {
    const batch = lines.slice(index * BATCH, (index + 1) * BATCH)
    return { text: `[${batch.map(([line]) => line).join(',')}]`, at: batch.at(-1)![1] }
  })
}

/** Parsed, checked, looked up among earlier ids, applied to the features, on disk, acknowledged. */
async function ingestOurs(bodies: readonly Body[], folder: string): Promise<number> {
  const project = await loadProject(resolve(import.meta.dirname, '../examples/flights/trueline.config.ts'))
  const clock = virtualClock(bodies[0]!.at)
  const log = await openLog(join(folder, 'log.db'), { clock })
  const groups = Object.values(project.features).map((definition) => ({
    digest: digestOfFeatures(definition, project),
    definition,
    stream: project.streams[definition.from]!,
    entity: project.entities[definition.entity]!,
  }))
  const engine = createFeatureEngine(groups, createDictionary())
  const readEvents = () => Promise.reject(new Error('No arrival is corrected.'))
  const ingest = createIngest({ streams: project.streams, log, readEvents, onAccepted: (batch) => engine.apply(batch) })
  let next = 0
  let accepted = 0
  const start = performance.now()
  async function produce(): Promise<void> {
    while (next < bodies.length) {
      const { text, at } = bodies[next++]!
      clock.advanceTo(at)
      const result = await ingest.ingest('arrivals', JSON.parse(text) as unknown[])
      accepted += result.accepted
    }
  }
  await Promise.all(Array.from({ length: PRODUCERS }, produce))
  const seconds = (performance.now() - start) / 1000
  if (accepted !== log.nextOffset || accepted < (bodies.length - 1) * BATCH)
    throw new Error(`${accepted} were accepted.`)
  await log.close()
  return seconds
}

/** The same bytes, row by row, into a table of two columns: one transaction a body. */
function insertRaw(bodies: readonly Body[], folder: string): number {
  const rows = bodies.map(({ text }) => (JSON.parse(text) as unknown[]).map((row) => JSON.stringify(row)))
  const database = new DatabaseSync(join(folder, 'raw.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000')
  database.exec('CREATE TABLE events (number INTEGER PRIMARY KEY, "row" TEXT NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO events ("row") VALUES (?)')
  const start = performance.now()
  for (const batch of rows) {
    database.exec('BEGIN IMMEDIATE')
    for (const row of batch) insert.run(row)
    database.exec('COMMIT')
  }
  const seconds = (performance.now() - start) / 1000
  database.close()
  return seconds
}

/** Median microseconds that the disk takes to sync 4 KB. */
function probeSync(folder: string): number {
  const file = openSync(join(folder, 'probe'), 'w')
  const page = new Uint8Array(4096)
  const times = Array.from({ length: 50 }, () => {
    writeSync(file, page)
    const start = performance.now()
    fsyncSync(file)
    return (performance.now() - start) * 1000
  })
  closeSync(file)
  return Math.round(times.sort((a, b) => a - b)[25]!)
}

const [side, rows = '', folder = ''] = process.argv.slice(2)
const bodies = await readBodies(Number(rows), folder)
const fsync_us = probeSync(folder)
const before = process.cpuUsage()
const seconds = side === 'ours' ? await ingestOurs(bodies, folder) : insertRaw(bodies, folder)
const { user, system } = process.cpuUsage(before)
const cpu_us = (user + system) / Number(rows)
console.log(JSON.stringify({ seconds, cpu_us, fsync_us, peak_rss_mb: peakMegabytes() }))
