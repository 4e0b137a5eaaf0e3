import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../../src/core/random.ts'
import { createIngest } from '../../src/data/features/ingest.ts'
import { importFile } from '../../src/data/sources/import-file.ts'
import { openDuckdb } from '../../src/stores/lake/duckdb.ts'
import { eventsIn } from '../../src/stores/lake/event-columns.ts'
import type { Lake } from '../../src/stores/lake/lake.ts'
import { openTrips, trips, tripsFile, writeTrips } from './trips.ts'

const live = [0, 1, 2].map((trip) => ({ trip: `T${trip}`, fare: 7, at: 1_000_000_000_000_000 - 5 }))

/** Rows that are in no file yet when the imports begin. */
async function begin(folder: string, files: number): Promise<void> {
  await writeTrips(folder, files)
  const { log, lake, close } = await openTrips(folder)
  const ingest = createIngest({ streams: { trips }, log, readEvents: lake.readEvents, onAccepted: () => {} })
  await ingest.ingest('trips', live)
  await close()
}

/** Imports the files from `next` on, and says how the log and the lake stand then. */
async function finish(folder: string, next: number, files: number) {
  const { log, lake, close } = await openTrips(folder)
  const times: number[] = []
  for (let number = next; number < files; number += 1) {
    const start = performance.now()
    await importFile({ stream: trips, path: tripsFile(folder, number), log, lake, onImported: () => {} })
    times.push(performance.now() - start)
  }
  const { accepted, rejected } = log.conservation('trips')
  const letters = log.deadLetters({ limit: 100_000 }).rows.map(({ code, row, reason }) => [code, row, reason])
  const { nextOffset, generation } = log
  const state = { accepted, rejected, letters, nextOffset, generation, content: await contentOf(lake) }
  await close()
  return { state, time: Math.max(...times) }
}

/** All that the lake holds, row by row. */
async function contentOf(lake: Lake): Promise<unknown> {
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder })
  try {
    const files = lake.files('trips').map(({ path }) => path)
    const events = eventsIn(files, trips.schema)
    return await duckdb.withConnection(async (connection) => {
      const sql = `SELECT count(*), count(DISTINCT _offset), sum(_revision > 0), sum(_tombstone::INT),
        md5(string_agg(to_json(event)::VARCHAR, '' ORDER BY _offset)) FROM ${events} event`
      return (await connection.runAndReadAll(sql)).getRowsJson()
    })
  } finally {
    duckdb.close()
  }
}

/** Runs one import in a process of its own and kills it at a moment within `time` milliseconds of its beginning. */
async function killOnce(folder: string, number: number, time: number): Promise<boolean> {
  const module = fileURLToPath(new URL('./import-child.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [module, folder, String(number)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let isDone = false
  for await (const line of createInterface(child.stdout!)) {
    if (line === 'begins') void setTimeout(time).then(() => child.kill('SIGKILL'))
    if (line === 'done') isDone = true
  }
  assert.equal((await exited)[1], 'SIGKILL')
  return isDone
}

/** Holds an import that is killed so many times to one that never was. */
export async function killImports(kills: number): Promise<void> {
  const files = Math.min(kills, 12)
  await using clean = await mkdtempDisposable(join(tmpdir(), 'trueline-import-clean-'))
  await begin(clean.path, files)
  const { state: expected, time } = await finish(clean.path, 0, files)
  assert.ok(expected.accepted > files * 2000)
  const codes = new Set(expected.letters.map(([code]) => code))
  assert.deepEqual(codes, new Set(['out_of_range', 'revision_conflict']))
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-import-killed-'))
  await begin(folder.path, files)
  const random = seededRandom(50)
  let next = 0
  for (let kill = 0; kill < kills; kill += 1)
    if (await killOnce(folder.path, Math.min(next, files - 1), random.next() * 1.2 * time)) next += 1
  assert.deepEqual((await finish(folder.path, next, files)).state, expected)
}
