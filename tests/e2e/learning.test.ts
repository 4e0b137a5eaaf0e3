import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY } from '../../src/core/time.ts'
import { byTime, col, gbdt, grid, halving, label, linear, logistic, model } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { findExperimentByName } from '../../src/models/experiments/experiments.ts'
import { searchRuns } from '../../src/models/experiments/search/search-runs.ts'
import { readModelFile } from '../../src/models/inference/formats/read-model-file.ts'
import { decodeLinearModel, type LinearModel } from '../../src/models/inference/linear-model.ts'
import { readVersion } from '../../src/models/registry/versions.ts'
import type { Evaluation } from '../../src/models/training/evaluate.ts'
import type { FoldsEvaluation } from '../../src/models/training/judge-folds.ts'
import { runTraining } from '../../src/models/training/run-training.ts'
import type { SearchResult } from '../../src/models/training/search/search-result.ts'
import type { TrainingResult } from '../../src/models/training/training-job.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import {
  customerOrders,
  importShop,
  makeHistory,
  openShop,
  orders,
  returns,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

const asked = {
  at: orders,
  time: 'ordered_at',
  features: [customerOrders, orders.pick('amount')],
  split: byTime({ train: '10d', validate: '1d', test: '3d', folds: 2, embargo: '6h' }),
} as const
const isSentBack = label(returns, col('refund').gt(0)).on('order').within('2d').absent(false)
const project = collectProject([
  model('sent_back', {
    ...asked,
    predicts: 'whether an order is sent back',
    label: isSentBack,
    trainer: logistic({ lambdas: 12 }),
    search: grid({ l1Ratio: [0, 1] }),
    weights: { classes: 'balanced', rows: col('amount').add(1) },
  }),
  model('sent_back_trees', {
    ...asked,
    predicts: 'whether an order is sent back',
    label: isSentBack,
    split: byTime({ train: '10d', validate: '1d', test: '3d' }),
    trainer: gbdt({ trees: 6, depth: 2, seed: 1 }),
    search: halving({ trials: 4, factor: 2, space: { depth: [1, 2, 3], lambda: { from: 0.1, to: 10, scale: 'log' } } }),
  }),
  model('refund', {
    ...asked,
    predicts: 'how much of an order is refunded',
    label: label(returns, col('refund')).on('order').within('2d').absent('exclude'),
    trainer: linear({ lambda: 0.1 }),
  }),
])
/** What a version says of how it was learnt, beside its evaluation. */
interface Said extends Evaluation {
  readonly chosen?: Readonly<Record<string, number>>
  readonly search?: SearchResult
  readonly folds?: FoldsEvaluation
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform

beforeAll(async () => {
  folder = await temporaryFolder()
  platform = (await openShop({ folder: folder.path, project })).platform
  await importShop(platform, folder.path, makeHistory())
})

afterAll(async () => {
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

async function train(name: string): Promise<TrainingResult> {
  const { lake, log, clock } = platform.parts
  await lake.flush()
  const files = Object.fromEntries(['orders', 'returns'].map((stream) => [stream, lake.files(stream)]))
  const own = await mkdtemp(join(folder.path, 'job-'))
  const model = { project, model: name, variant: 'full' } as const
  const state = { offset: log.flushedOffset, cut: clock.now(), files, rivals: [], threads: 2, folder: own }
  return await runTraining({ ...model, ...state }, { onProgress: () => undefined })
}

test('a logistic model is searched for, judged over folds by weighted rows, and serves', async () => {
  const version = await trainAndServe(platform, 'sent_back')
  const { evaluation, manifest } = await readVersion(platform.parts.metadata, 'sent_back', version)
  const { weighted, search, folds, chosen } = evaluation as Said
  expect(weighted).toBe(true)
  expect(search?.trials.map(({ parameters }) => parameters)).toEqual([{ l1Ratio: 0 }, { l1Ratio: 1 }])
  expect(chosen).toMatchObject({ ...search!.trials[search!.best - 1]!.parameters, lambda: expect.any(Number) })
  const { metadata } = platform.parts
  const { id: experiment } = (await findExperimentByName(metadata, 'sent_back'))!
  const byTraining = await searchRuns(metadata, { experiments: [experiment], filter: "tags.`trueline.run` = 'run-2'" })
  const [parent] = byTraining.items
  const below = `tags.mlflow.parentRunId = '${parent!.id}'`
  const orderBy = 'attributes.run_name ASC'
  const trials = await searchRuns(metadata, { experiments: [experiment], filter: below, orderBy })
  expect(trials.items.map(({ params, metrics }) => ({ params, auc: metrics[0]?.value }))).toEqual(
    search!.trials.map(({ parameters, rounds }) => ({
      params: [{ key: 'l1Ratio', value: String(parameters['l1Ratio']) }],
      auc: rounds[0]!.value,
    })),
  )
  const [first, last] = folds!.folds
  expect(last!.from - first!.from).toBe(DAY)
  expect(last!.training).toBeGreaterThan(first!.training)
  const values = folds!.folds.map(({ metrics }) => metrics.auc!)
  expect(folds!.metrics.auc!.mean).toBeCloseTo((values[0]! + values[1]!) / 2, 12)
  expect(folds!.metrics.auc!.deviation).toBeCloseTo(Math.abs(values[0]! - values[1]!) / Math.SQRT2, 12)
  const measured = Object.fromEntries(parent!.metrics.map(({ key, value }) => [key, value]))
  expect(measured['auc_folds_mean']).toBe(folds!.metrics.auc!.mean)
  const given = Object.fromEntries(parent!.params.map(({ key, value }) => [key, value]))
  expect(given['chosen.l1Ratio']).toBe(String(chosen!['l1Ratio']))
  const { weights } = decodeLinearModel(await platform.parts.artifacts.get(manifest.scorer))
  expect(weights.some((weight) => weight !== 0)).toBe(true)
  const row = { order: 'new', customer: 'c1', product: 'p1', amount: 20, card: null, ordered_at: platform.clock.now() }
  const { predictions } = await platform.predict('sent_back', [row])
  expect(predictions[0]).toMatchObject({ score: expect.any(Number) })
})

test('halving takes the parameters of one trial, and the same search gives the same model', async () => {
  const { search, chosen, evaluation, scorerFile } = await train('sent_back_trees')
  expect(search?.trials.map(({ rounds }) => rounds.length).toSorted()).toEqual([1, 1, 2, 3])
  expect(chosen).toEqual(search?.trials[search.best - 1]?.parameters)
  expect(evaluation.weighted).toBeUndefined()
  const again = await train('sent_back_trees')
  expect(await readFile(again.scorerFile)).toEqual(await readFile(scorerFile))
})

test('a linear model of a number is trained, and exported for other runtimes', async () => {
  const { evaluation, onnxFile, folds } = await train('refund')
  expect(evaluation.metrics.rmse!.value).toBeGreaterThan(0)
  expect(folds!.metrics.rmse!.mean).toBeGreaterThan(0)
  const { linear: read } = readModelFile(await readFile(onnxFile!)).model as { linear: LinearModel }
  expect(read.featureNames).toContain('amount')
})
