import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../../src/core/random.ts'
import { openTrips } from './trips.ts'

/** Longest time after which a merge or a start is killed, ms: most of them are over by then. */
const TIME = 120

/** Runs a part of the work in a process of its own and kills it at some moment of it, or soon after. */
async function killOnce(folder: string, part: 'start' | 'merge', time: number): Promise<boolean> {
  const module = fileURLToPath(new URL('./merge-child.ts', import.meta.url))
  const child = spawn(process.execPath, [module, folder, part], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let isDone = false
  for await (const line of createInterface(child.stdout)) {
    if (line === 'begins') void setTimeout(time).then(() => child.kill('SIGKILL'))
    if (line === 'done') isDone = true
  }
  assert.equal((await exited)[1], 'SIGKILL')
  return isDone
}

/** What is there: each row once, in its order, in files that are all known. */
async function requireWhole(folder: string): Promise<{ readonly rows: number; readonly files: number }> {
  const { log, lake, close } = await openTrips(folder)
  const ids: string[] = []
  const offsets: number[] = []
  for await (const batch of lake.scanEvents('trips')) {
    ids.push(...batch.id)
    offsets.push(...batch.offset)
  }
  assert.deepEqual(
    offsets,
    Array.from({ length: log.nextOffset }, (_, offset) => offset),
  )
  assert.deepEqual(
    ids,
    offsets.map((offset) => `T${offset}`),
  )
  const known = [...lake.files('trips'), ...lake.replacedFiles()].map(({ path }) => path).sort()
  const events = join(folder, 'lake', 'events', 'trips')
  const there = await readdir(events).catch(() => [])
  assert.deepEqual(there.map((name) => join(events, name)).sort(), known)
  const state = { rows: log.nextOffset, files: lake.files('trips').length }
  await close()
  return state
}

/** Kills merges of small files, and the starts that remove what was merged, and looks at what is there each time. */
export async function killMerges(kills: number): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-merges-killed-'))
  const random = seededRandom(12)
  let done = 0
  let rows = 0
  for (let kill = 0; kill < kills; kill += 1) {
    const isDone = await killOnce(folder.path, kill % 3 === 2 ? 'start' : 'merge', random.next() * TIME)
    done += isDone ? 1 : 0
    const state = await requireWhole(folder.path)
    assert.ok(state.rows >= rows)
    rows = state.rows
  }
  assert.ok(done < kills)
  assert.ok(rows >= 48)
}
