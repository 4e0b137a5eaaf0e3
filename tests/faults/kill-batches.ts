import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../../src/core/random.ts'
import { MINUTE } from '../../src/core/time.ts'
import type { DestinationLocation } from '../../src/language/define/batch-definition.ts'
import type { BatchJob, BatchReport } from '../../src/operate/serving/batch/batch-job.ts'
import { runBatch } from '../../src/operate/serving/batch/run-batch.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { digestOfFile } from '../../src/stores/lake/file-digest.ts'
import { csvOf, importShop, makeHistory, NOW, openShop, type ShopHistory, trainAndServe } from '../e2e/shop-fixture.ts'

/** Rows of a population: the parts are small, so that there are many of them to be killed in. */
const ROWS = 3000
const ROWS_OF_A_PART = 400

/** What the scoring of a population ended with. */
interface Ended {
  readonly output: unknown
  readonly rejected: string
  readonly report: BatchReport
}

/** A job of the model that serves: what differs from run to run is left out. */
export type JobToKill = Omit<BatchJob, 'folder' | 'base'>

/** A shop with a model that serves, in a folder of its own, and a job of it. */
export async function shopToKill(folder: string): Promise<JobToKill> {
  const history = makeHistory()
  const { platform } = await openShop({ folder })
  try {
    await importShop(platform, folder, history)
    await trainAndServe(platform, 'sent_back')
    return await jobToKill(platform, folder, history.orders)
  } finally {
    await platform.close()
  }
}

/** A job of a platform over a population with rows that are wrong; what it reads stays there when the platform has ended. */
export async function jobToKill(
  platform: OwnedPlatform,
  folder: string,
  orders: ShopHistory['orders'],
): Promise<JobToKill> {
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const order = orders[(index * 7) % orders.length]!
    const amount = index % 1000 === 500 ? -1 : order.amount
    return { ...order, order: `N${index}`, ordered_at: NOW - index * MINUTE, amount }
  })
  const file = join(folder, 'to-kill.csv')
  await writeFile(file, csvOf(rows))
  const start = { population: 'population', destination: 'scores' }
  const state = await platform.beginScoring('sent_back', { name: 'ann' }, start)
  const definition: BatchJob['definition'] = {
    ...{ model: 'sent_back', population: { kind: 'csv', paths: [file] }, columns: {}, keep: ['amount'] },
    ...{ to: { kind: 'parquet', path: 'scores.parquet' }, write: 'replace', quality: [], rejectBudget: 1 },
  }
  return { ...state, definition, threads: 1, rowsOfPart: ROWS_OF_A_PART }
}

/** Holds scorings that are killed so many times to one that never was: to a file, and then to a table. */
export async function killBatches(job: JobToKill, ground: string, kills: number): Promise<void> {
  const random = seededRandom(50)
  for (const kind of ['parquet', 'sqlite'] as const) {
    const clean = await jobIn(ground, `clean-${kind}`, kind, job)
    const start = performance.now()
    const expected = await finish(clean)
    const time = performance.now() - start
    const { received, scored, rejected } = expected.report
    assert.deepEqual([received, scored, rejected], [ROWS, ROWS - 3, 3])
    const killed = await jobIn(ground, `killed-${kind}`, kind, job)
    let done = 0
    for (let kill = 0; kill < Math.ceil(kills / 2); kill += 1) {
      if (!(await killOnce(killed, (0.1 + random.next()) * time))) continue
      done += 1
      const { output, rejected } = await outcome(killed)
      assert.deepEqual([output, rejected], [expected.output, expected.rejected])
      // What was done once is done again, for other kills to meet.
      await forget(killed, done % 2 === 0)
    }
    const ended = await finish(killed)
    assert.deepEqual([ended.output, ended.rejected], [expected.output, expected.rejected])
    assert.deepEqual(figuresOf(ended.report), figuresOf(expected.report))
  }
}

async function jobIn(ground: string, name: string, kind: 'parquet' | 'sqlite', job: JobToKill): Promise<BatchJob> {
  const base = join(ground, name)
  const folder = join(base, 'work')
  await mkdir(folder, { recursive: true })
  const to: DestinationLocation =
    kind === 'parquet' ? { kind, path: 'scores.parquet' } : { kind, path: 'scores.db', table: 'scores' }
  const whole = { ...job, base, folder, definition: { ...job.definition, to } }
  await writeFile(join(base, 'job.json'), JSON.stringify(whole))
  return whole
}

async function finish(job: BatchJob): Promise<Ended> {
  const report = await runBatch(job, () => undefined)
  return { ...(await outcome(job)), report }
}

/** What whoever reads the scores sees. */
async function outcome({ base, folder, definition }: BatchJob): Promise<Omit<Ended, 'report'>> {
  const rejected = await readFile(join(folder, 'rejected.jsonl'), 'utf8')
  if (definition.to.kind === 'parquet') return { output: await digestOfFile(join(base, 'scores.parquet')), rejected }
  const database = new DatabaseSync(join(base, 'scores.db'), { readOnly: true })
  const output = database.prepare('SELECT * FROM scores').all()
  database.close()
  return { output, rejected }
}

/** Forgets what was done of a job: all of it, or what came after its second part. */
async function forget({ base, folder }: BatchJob, isWhole: boolean): Promise<void> {
  const kept = join(base, 'kept')
  await cp(folder, kept, { recursive: true })
  await rm(folder, { recursive: true })
  await mkdir(folder)
  if (!isWhole)
    for (const name of ['population.parquet', 'rejected.jsonl', 'staged.json', 'part-00000.parquet', 'part-00000.json'])
      await cp(join(kept, name), join(folder, name))
  await rm(kept, { recursive: true })
}

/** All of a report but how long it took, and where its files are. */
function figuresOf(report: BatchReport): object {
  return { ...report, seconds: 0, rowsPerSecond: 0, output: '', rejects: '' }
}

/** Does a job in a process of its own and kills that within `time` milliseconds of its beginning. */
async function killOnce({ base }: BatchJob, time: number): Promise<boolean> {
  const module = fileURLToPath(new URL('./batch-child.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [module, join(base, 'job.json')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let isDone = false
  for await (const line of createInterface(child.stdout!)) {
    if (line === 'begins') void setTimeout(time).then(() => child.kill('SIGKILL'))
    if (line === 'done') {
      isDone = true
      child.kill('SIGKILL')
    }
  }
  assert.equal((await exited)[1], 'SIGKILL')
  return isDone
}
