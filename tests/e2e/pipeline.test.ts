import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { byTime, col, gbdt, label, model } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { holdsOn } from '../../src/models/registry/data-holds.ts'
import { listRuns, readRun } from '../../src/models/registry/runs.ts'
import { listVersions } from '../../src/models/registry/versions.ts'
import type { DatasetManifest } from '../../src/models/training/training-job.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { isRunning, trainingProcesses } from './child-processes.ts'
import {
  importShop,
  makeHistory,
  NOW,
  openShop,
  orders,
  refundSize,
  returns,
  sentBack,
  temporaryFolder,
} from './shop-fixture.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform
const ann = { name: 'ann' }
/** It needs no baseline. */
const variant = 'without_windows'

/** Steps that each run does, whatever is kept. */
const always = ['extract', 'verify', 'register']

/** Long enough to be met while it is trained. */
const slow = (servingLag: '0s' | '1s') =>
  model('slow', {
    servingLag,
    ...{ predicts: refundSize.predicts, at: orders, features: [orders.pick('amount')] },
    label: label(returns, col('refund')).on('order').within('2d').absent('exclude'),
    split: byTime({ train: '9d', validate: '3d', test: '3d' }),
    trainer: gbdt({ trees: 1500, depth: 6, earlyStopping: 0 }),
  })

beforeAll(async () => {
  folder = await temporaryFolder()
  const project = collectProject([
    sentBack,
    { ...refundSize, training: { limits: { memory: 30e6 }, tests: true } },
    slow('0s'),
  ])
  platform = (await openShop({ folder: folder.path, project })).platform
  await importShop(platform, folder.path, makeHistory())
})

afterAll(async () => {
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

/** Where the output of each step comes from; how strict a gate is depends on how often it was asked before. */
async function statesOf(run: string): Promise<Record<string, string>> {
  const { steps } = await platform.runSteps(run)
  return Object.fromEntries(
    steps
      .filter(({ step }) => step !== 'gate')
      .map(({ step, status, from }) => [step, from === undefined ? status : `of ${from.run}`]),
  )
}

test('each step is done once for what it is made of, says where it was taken from, and is made again where it is damaged', async () => {
  const first = await platform.train('sent_back', ann, { at: NOW, variant })
  const done = await statesOf(first.run)
  expect(Object.keys(done)).toEqual(
    expect.arrayContaining([...always, 'features', 'dataset', 'validate', 'train', 'evaluate', 'compare']),
  )
  expect(new Set(Object.values(done))).toEqual(new Set(['done']))

  const second = await platform.train('sent_back', ann, { at: NOW, variant })
  const taken = Object.fromEntries(
    Object.keys(done).map((step) => [step, always.includes(step) ? 'done' : `of ${first.run}`]),
  )
  expect(await statesOf(second.run)).toEqual(taken)
  expect(second.cached).toMatchObject({ features: first.run, train: first.run })
  expect(second).toMatchObject({ version: first.version, isNew: false, metrics: first.metrics, gate: first.gate })

  const { steps } = await platform.runSteps(first.run)
  const { digest } = steps.find(({ step }) => step === 'features')!.files['rows.parquet']!
  writeFileSync(join(folder.path, 'data', 'cache', 'files', digest.slice(7)), 'something else')
  const third = await platform.train('sent_back', ann, { at: NOW, variant })
  // The rows are the same again, and so is all that was made of them.
  expect(await statesOf(third.run)).toEqual({ ...taken, features: 'done' })
  const { lines } = await platform.runLog({ run: third.run })
  expect(lines.map(({ text }) => text)).toContainEqual(expect.stringMatching(/rows\.parquet is damaged/))
})

test('what looks at the present never passes for what was there before', async () => {
  await platform.ingest('orders', [
    { order: 'P1', customer: 'C1', product: 'P1', amount: 3, card: null, ordered_at: NOW - 3_600_000_000 },
  ])
  const { run } = await platform.train('sent_back', ann, { at: NOW, variant })
  expect((await statesOf(run))['features']).toBe('done')
})

test('a training whose process is killed goes on with the step that it was killed in', async () => {
  const training = platform.train('slow', ann, { at: NOW })
  const [run] = await runs()
  const pid = await trainingOf(run!)
  process.kill(pid, 'SIGKILL')
  expect(await training).toMatchObject({ run })
  const states = await statesOf(run!)
  expect([states['features'], states['dataset'], states['train']]).toEqual([`of ${run}`, `of ${run}`, 'done'])
  const { lines } = await platform.runLog({ run: run! })
  expect(lines.map(({ text }) => text)).toContainEqual(expect.stringMatching(/ended by SIGKILL\. It goes on\./))
})

test('a training that is cancelled ends with its process, and nothing of it is registered', async () => {
  const { items: before } = await listVersions(platform.parts.metadata, 'slow')
  const training = expect(platform.train('slow', ann, { at: NOW, cache: false })).rejects.toMatchObject({
    code: 'run_cancelled',
    message: expect.stringMatching(/cancelled by ben/),
  })
  const [run] = await runs()
  const pid = await trainingOf(run!)
  const cancelled = await platform.cancelRun(run!, { name: 'ben' })
  expect(cancelled).toMatchObject({ status: 'failed', error: { code: 'run_cancelled' } })
  await training
  expect(isRunning(pid)).toBe(false)
  expect((await listVersions(platform.parts.metadata, 'slow')).items).toHaveLength(before.length)
  await expect(platform.cancelRun(run!, ann)).rejects.toMatchObject({ code: 'run_finished' })
  // Nothing was taken of what the training before had kept.
  expect(await statesOf(run!)).toMatchObject({ features: 'done', dataset: 'done', train: 'cancelled' })
  expect(await readdir(join(folder.path, 'data', 'work'))).toEqual([])
})

test('a training that takes more memory than it may is ended by code', async () => {
  await expect(platform.train('refund_size', ann)).rejects.toMatchObject({
    code: 'training_memory_exceeded',
    path: 'training.limits.memory',
  })
})

test('who asks for what is asked for already gets that, and another person a run of their own, of one dataset', async () => {
  const at = NOW - 2e9
  const built = await platform.buildDataset('sent_back', { at, variant })
  expect(built.cachedFrom).toBe(undefined)
  const answers = await Promise.all(
    ['ann', 'ann', 'eve', 'ann'].map((name) => platform.train('sent_back', { name }, { at, variant })),
  )
  expect(new Set([answers[0], answers[1], answers[3]].map((answer) => answer!.run)).size).toBe(1)
  expect(answers[2]!.run).not.toBe(answers[0]!.run)
  expect(new Set(answers.map(({ version }) => version)).size).toBe(1)
  expect(answers[0]!.dataset.digest).toBe(built.manifest.content)
  expect((await statesOf(answers[0]!.run))['features']).toBe('of dataset build')
})

test('the files that a version was trained on are held for as long as there is a record of it', async () => {
  const { metadata } = platform.parts
  const { items } = await listVersions(metadata, 'sent_back')
  const { files } = (await readRun(metadata, items[0]!.runId)).data as DatasetManifest
  const digests = Object.values(files).flatMap((list) => list.map(({ digest }) => digest))
  expect(digests.length).toBeGreaterThan(1)
  expect((await holdsOn(metadata, digests)).map(({ stream }) => stream)).toEqual(
    expect.arrayContaining(['orders', 'returns']),
  )
  const remove = metadata.database.deleteFrom('data_holds').execute()
  await expect(remove).rejects.toThrow('append-only')
})

test('the rows that versions were trained on are there to the bit, whatever is done to their streams, or it is told', async () => {
  const { lake, metadata } = platform.parts
  const { items } = await listVersions(metadata, 'sent_back')
  const { files } = (await readRun(metadata, items.at(-1)!.runId)).data as DatasetManifest
  const check = async () => (await platform.registry.checkArtifacts()).data
  const held = await check()
  expect(held).toMatchObject({ faults: [] })
  expect(held.files).toBeGreaterThanOrEqual(Object.values(files).flat().length)
  // Late rows, the same history once more, and a flush each: what comes is added in files of its own.
  const order = { order: 'L1', customer: 'C1', product: 'P1', amount: 3, card: null, ordered_at: NOW - 7_200_000_000 }
  await platform.ingest('orders', [order])
  await lake.flush()
  await expect(importShop(platform, folder.path, makeHistory())).rejects.toThrow()
  await lake.flush()
  expect(await check()).toEqual(held)
  const [{ digest } = { digest: '' }] = files['orders']!
  const { path } = lake.files('orders').find((file) => file.digest === digest)!
  const bytes = readFileSync(path)
  chmodSync(path, 0o644)
  writeFileSync(path, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]))
  const needed = { neededBy: expect.arrayContaining([expect.stringMatching(/^sent_back\/\d+ rows of orders$/)]) }
  expect((await check()).faults).toMatchObject([{ digest, state: 'corrupt', ...needed }])
  renameSync(path, `${path}.aside`)
  expect((await check()).faults).toMatchObject([{ digest, state: 'missing', ...needed }])
  rmSync(`${path}.aside`)
  writeFileSync(path, bytes)
  expect(await check()).toEqual(held)
})

test('a run that was broken off and is defined otherwise now ends with the reason', async () => {
  const training = expect(platform.train('slow', ann, { at: NOW - 5e9 })).rejects.toMatchObject({
    code: 'platform_stopped',
  })
  const [run] = await runs()
  await trainingOf(run!)
  await platform.close()
  await training
  const project = collectProject([slow('1s')])
  platform = (await openShop({ folder: folder.path, project, apply: true })).platform
  expect(await readRun(platform.parts.metadata, run!)).toMatchObject({ status: 'running' })
  await platform.tick()
  expect(await readRun(platform.parts.metadata, run!)).toMatchObject({
    ...{
      status: 'failed',
      error: { code: 'training_inputs_gone', message: expect.stringMatching(/defined otherwise/) },
    },
  })
})

/** Ids of the runs that go on, when there are any. */
async function runs(): Promise<string[]> {
  for (;;) {
    const { items } = await listRuns(platform.parts.metadata, { status: 'running' })
    if (items.length > 0) return items.map(({ id }) => id)
    await setTimeout(5)
  }
}

/** The process of a run that is learning, when it does. */
async function trainingOf(run: string): Promise<number> {
  for (;;) {
    const [pid] = trainingProcesses()
    if (pid !== undefined && (await statesOf(run))['train'] === 'running') return pid
    await setTimeout(5)
  }
}
