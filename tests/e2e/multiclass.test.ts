import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY } from '../../src/core/time.ts'
import { findExperimentByName } from '../../src/models/experiments/experiments.ts'
import { searchRuns } from '../../src/models/experiments/search/search-runs.ts'
import { decodeEncoders } from '../../src/models/inference/encoders.ts'
import type { GoldenPredictions } from '../../src/models/inference/golden-predictions.ts'
import { takenInputs } from '../../src/models/inference/taken-inputs.ts'
import { readRun } from '../../src/models/registry/runs.ts'
import { readVersion } from '../../src/models/registry/versions.ts'
import type { Evaluation } from '../../src/models/training/evaluate.ts'
import type { GateResult } from '../../src/models/training/gate.ts'
import type { FoldsEvaluation } from '../../src/models/training/judge-folds.ts'
import type { DatasetManifest } from '../../src/models/training/training-job.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { CLASSES, openParcels } from './parcels-fixture.ts'
import { temporaryFolder, trainAndServe } from './shop-fixture.ts'
import { trueline } from './trueline.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform

beforeAll(async () => {
  folder = await temporaryFolder()
  platform = await openParcels(folder.path)
})

afterAll(async () => {
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

const config = ['--config', join(import.meta.dirname, 'parcels.config.ts')]

test('a model of several classes is trained, judged, served, tracked, and rebuilt to the same digest', async () => {
  const number = await trainAndServe(platform, 'arrival_state')
  const { metadata } = platform.parts
  const version = await readVersion(metadata, 'arrival_state', number)
  const evaluation = version.evaluation as Evaluation
  expect(Object.keys(evaluation.metrics).toSorted()).toEqual(['accuracy', 'log_loss', 'macro_auc', 'macro_f1'])
  expect(evaluation.metrics.macro_auc!.value).toBeGreaterThan(0.6)
  expect(evaluation.ofClasses!.classes.map(({ name }) => name)).toEqual(CLASSES)
  const told = evaluation.ofClasses!.confusion.flat().reduce((sum, count) => sum + count, 0)
  expect(told).toBe(evaluation.rows)
  expect(new Set(evaluation.segments.map(({ name }) => name))).toEqual(new Set(['north', 'south', 'sea']))
  expect(version.gate as GateResult).toMatchObject({
    ...{ checks: [{ against: 'baseline' }] },
    behaviour: [
      { kind: 'edge_cases', verdict: 'pass', worst: { class: expect.any(String) } },
      { kind: 'monotone', verdict: 'pass', sentence: expect.stringContaining("probability of 'late'") },
    ],
  })
  const { excluded, classes: learntClasses } = (await readRun(metadata, version.runId)).data as DatasetManifest
  expect(learntClasses).toEqual(CLASSES)
  expect(excluded.otherClass).toBeGreaterThan(20)
  expect(excluded.unlabelled).toBeGreaterThan(excluded.otherClass! + 20)
  const golden = JSON.parse(
    await readFile(platform.parts.artifacts.path(version.attachments['golden']!), 'utf8'),
  ) as GoldenPredictions
  for (const { score, probabilities } of golden.predictions) expect(score).toBe(Math.max(...probabilities!))
  const [listed] = (await platform.versions('arrival_state', {})).versions
  expect(listed!.metric).toEqual({ name: 'log_loss', value: evaluation.metrics.log_loss!.value })
  const { id } = (await findExperimentByName(metadata, 'arrival_state'))!
  const { items } = await searchRuns(metadata, { experiments: [id], filter: 'metrics.macro_f1 > 0.3' })
  expect(items[0]!.metrics.map(({ key }) => key)).toEqual(expect.arrayContaining(['log_loss', 'accuracy', 'macro_auc']))
  const takes = takenInputs(decodeEncoders(await platform.parts.artifacts.get(version.manifest.encoders)))
  expect(takes.slice(-3).map(({ name }) => name)).toEqual(CLASSES.map((name) => `target(route) = ${name}`))
  const words = ['arrival_state', String(number), '--into', join(folder.path, 'record')]
  const rebuilt = await trueline('rebuild', ...words, ...config, '--directory', join(folder.path, 'data'), '--json')
  expect(rebuilt.json).toMatchObject({ verdict: 'equal', digest: version.digest, rebuilt: version.digest })
})

test('the next candidate is compared with it on the same rows, also by its likeliest classes', async () => {
  const { version: number } = await platform.train('arrival_state', { name: 'ann' }, { at: platform.clock.now() - DAY })
  const { gate } = await readVersion(platform.parts.metadata, 'arrival_state', number)
  const { checks } = gate as GateResult
  expect(checks.map(({ against, decisions }) => [against, decisions !== undefined]).slice(0, 3)).toEqual([
    ['baseline', false],
    ['champion', false],
    ['champion', true],
  ])
  for (const { difference } of checks.slice(0, 3)) expect(Number.isFinite(difference!.value)).toBe(true)
})

test('lines of several classes are judged over folds, calibrated, and say what they chose', async () => {
  const { version: number } = await platform.train('arrival_lines', { name: 'ann' }, {})
  const { evaluation, manifest } = await readVersion(platform.parts.metadata, 'arrival_lines', number)
  const { chosen, folds, metrics, calibration, uncalibrated } = evaluation as Evaluation & {
    chosen: object
    folds: FoldsEvaluation
  }
  const fitted = JSON.parse(Buffer.from(await platform.parts.artifacts.get(manifest.calibration!)).toString())
  expect(fitted).toMatchObject({ kind: 'one_against_rest', classes: Array(3).fill({ kind: 'platt' }) })
  expect(uncalibrated!.error).not.toBe(calibration!.error)
  expect(chosen).toEqual({ lambda: expect.any(Number) })
  expect(folds.folds).toHaveLength(2)
  expect(folds.metrics.accuracy!.mean).toBeGreaterThan(0.4)
  expect(metrics.log_loss!.value).toBeLessThan(1.05)
})
