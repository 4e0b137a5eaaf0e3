import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../../src/core/random.ts'
import { valueAt } from '../../src/stores/log/event-batch.ts'
import { answersName, CALL, openClicks } from './scored-clicks.ts'

/** Calls that are sent for each kill. */
const CALLS = 12

/** Sends what was not sent yet, and says all that was answered and logged then, in the order of the clicks. */
async function finish(folder: string, calls: number) {
  const { log, lake, scorer, send, next, close } = await openClicks(folder)
  const started = performance.now()
  for (let number = next(); number < calls; number += 1) await send(number)
  await scorer.advance()
  const time = performance.now() - started
  await log.drained()
  if (scorer.failure !== undefined) throw scorer.failure
  const answers: unknown[] = []
  const named: string[] = []
  for await (const batch of lake.scanEvents(answersName))
    for (let row = 0; row < batch.length; row += 1) {
      const [askedAt, decidedBy, decision, error, event, position, prediction, score, t, version] = batch.columns.map(
        (column) => valueAt(column, row, column instanceof Float64Array ? 'number' : 'string'),
      )
      answers.push({ askedAt, decidedBy, decision, error, event, score, t, version })
      named.push(prediction as string)
      assert.ok((position as number) < batch.offset[row]!)
    }
  const logged: unknown[] = []
  const ids: string[] = []
  for await (const block of log.scanPredictions({}))
    for (let row = 0; row < block.length; row += 1) {
      ids.push(block.id(row))
      const values = block.values.map((column) => (Number.isNaN(column[row]) ? null : column[row]))
      logged.push({ row: block.rows[row], t: block.t[row], score: block.score[row], values })
    }
  const { received, scored, rejected, passed } = scorer.position!
  await close()
  // An answer names the prediction that was logged with it.
  assert.deepEqual(named, ids)
  return { state: { answers, logged, counts: { received, scored, rejected, passed } }, time }
}

/** Lets a process of its own go on, and kills it some milliseconds after it began. */
async function killOnce(folder: string, calls: number, time: number): Promise<void> {
  const module = fileURLToPath(new URL('./stream-child.ts', import.meta.url))
  const child = spawn(process.execPath, [module, folder, String(calls)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  for await (const line of createInterface(child.stdout!))
    if (line === 'begins') void setTimeout(time).then(() => child.kill('SIGKILL'))
  assert.equal((await exited)[1], 'SIGKILL')
}

/** Holds a stream that is scored while it is killed so many times to one that never was. */
export async function killStreams(kills: number): Promise<void> {
  const calls = kills * CALLS
  await using clean = await mkdtempDisposable(join(tmpdir(), 'trueline-stream-clean-'))
  const { state: expected, time } = await finish(clean.path, calls)
  assert.equal(expected.answers.length, calls * CALL)
  assert.deepEqual(expected.counts, { received: calls * CALL, scored: calls * CALL, rejected: 0, passed: 0 })
  assert.ok(new Set(expected.logged.map((one) => JSON.stringify((one as { values: unknown }).values))).size > CALL)
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-stream-killed-'))
  const random = seededRandom(77)
  for (let kill = 0; kill < kills; kill += 1) await killOnce(folder.path, calls, (random.next() * 2 * time) / kills)
  assert.deepEqual((await finish(folder.path, calls)).state, expected)
}
