import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../../core/canonical.ts'
import { planVector } from '../../data/features/vector.ts'
import type { GbdtParameters } from '../../language/define/gbdt.ts'
import { createCalibrator, decodeCalibration } from '../inference/calibration.ts'
import { decodeScorer } from '../inference/decode-scorer.ts'
import {
  createVectorEncoder,
  createVectorScorer,
  decodeEncoders,
  type Encoders,
  type VectorEncoder,
} from '../inference/encoders.ts'
import { encodeForest } from '../inference/forest-codec.ts'
import { createForestScorer } from '../inference/forest-scorer.ts'
import { exportOnnx } from '../inference/onnx-export.ts'
import type { Scorer } from '../inference/scorer.ts'
import { calibrateScores } from './calibrate-scores.ts'
import { buildDataset, type Dataset } from './dataset.ts'
import { environmentOf } from './environment.ts'
import { type Evaluation, evaluate, type Judged } from './evaluate.ts'
import { fitEncoders } from './fit-encoders.ts'
import { judgeCandidate, type Rivals } from './gate.ts'
import { trainGbdt } from './gbdt/train-gbdt.ts'
import type { GbdtData } from './gbdt/training-data.ts'
import { goldenRows } from './golden-rows.ts'
import { type DatasetJudgement, judgeDataset, refuseBadRows } from './judge-dataset.ts'
import type { RivalColumns } from './rival-columns.ts'
import { segmentRows } from './segments.ts'
import { splitRows } from './time-split.ts'
import type { Rival, TrainingJob, TrainingResult } from './training-job.ts'

/** Share of the work, for progress. */
const DATASET_DONE = 0.4
const TREES_DONE = 0.9

/** A training with the rows that it saw, for who describes them. */
export interface Trained {
  readonly result: Omit<TrainingResult, 'referenceFile'>
  readonly train: { readonly times: Float64Array; readonly columns: readonly Float64Array[] }
  readonly test: Judged
}

/**
 * Builds the dataset of a job, trains on its first part, stops by the second, and judges on the third. Files go into the
 * job's folder.
 * @param onProgress told in one sentence what is being done, and the share done
 * @param onJudged told what became of the rows at their checks, before they are refused for it
 * @throws TruelineError `quality_gate_failed` when the rows breach their checks
 */
export async function runTraining(
  job: TrainingJob,
  onProgress: (sentence: string, done: number) => void,
  onJudged: (judgements: readonly DatasetJudgement[]) => void = () => undefined,
): Promise<Trained> {
  const started = performance.now()
  const dataset = await buildDataset(job, (sentence, done) => onProgress(sentence, done * DATASET_DONE))
  const datasetSeconds = (performance.now() - started) / 1000
  const model = job.project.models[job.model]!
  const plan = planVector(model, job.project, job.variant)
  const { validate, test } = splitRows(dataset.times, dataset.split)
  const judgements = judgeDataset(job, dataset, test)
  if (judgements.length > 0) onJudged(judgements)
  refuseBadRows(judgements)
  const parameters = model.trainer.parameters as unknown as GbdtParameters
  onProgress('fitting encoders', DATASET_DONE)
  const { encoders, inTime } = fitEncoders(plan, { ...dataset, rows: validate }, dataset.textOf)
  const encoder = createVectorEncoder(encoders)
  const trainingStarted = performance.now()
  const trained = await trainGbdt(
    tableOf(dataset, encoder, 0, validate, inTime),
    tableOf(dataset, encoder, validate, test),
    parameters,
    {
      objective: model.task,
      threads: job.threads,
      onProgress: ({ trees, of }) =>
        onProgress(`growing tree ${trees} of ${of}`, DATASET_DONE + (TREES_DONE - DATASET_DONE) * (trees / of)),
    },
  )
  const trainSeconds = (performance.now() - trainingStarted) / 1000
  onProgress('evaluating', TREES_DONE)
  const from = model.calibration === undefined ? test : validate
  const { calibration, scores, uncalibrated } = calibrateScores(
    model.calibration,
    dataset.labels.subarray(from),
    scoreRows(encoders, createForestScorer(trained.forest), dataset, from),
    test - from,
  )
  const judged: Judged = { labels: dataset.labels.slice(test), scores, times: dataset.times.slice(test) }
  const segmentations = dataset.segments.map(({ column, values }) => segmentRows(column, values.slice(test)))
  const { seed } = parameters
  const evaluation: Evaluation = {
    ...evaluate(model.task, judged, segmentations, seed),
    ...(uncalibrated === undefined ? {} : { uncalibrated }),
  }
  const rivals = await scoreRivals(job.rivals, dataset, test)
  const gate = judgeCandidate(model.gate, judged, rivals, segmentations, seed)
  const scorerFile = join(job.folder, 'scorer.bin')
  const encodersFile = join(job.folder, 'encoders.json')
  const calibrationFile = join(job.folder, 'calibration.json')
  const onnxFile = join(job.folder, 'model.onnx')
  const goldenFile = join(job.folder, 'golden.json')
  await writeFile(scorerFile, encodeForest(trained.forest))
  await writeFile(encodersFile, canonicalJson(encoders))
  if (calibration !== undefined) await writeFile(calibrationFile, canonicalJson(calibration))
  await writeFile(onnxFile, exportOnnx(trained.forest, encoders))
  await writeFile(goldenFile, canonicalJson(goldenRows(dataset, judged.scores, test)))
  const importance = importanceOf(dataset, encoder, trained.importance)
  return {
    result: {
      dataset: dataset.manifest,
      datasetSeconds,
      trainSeconds,
      inputs: dataset.inputs,
      features: dataset.manifest.features,
      trees: trained.bestIteration,
      importance,
      evaluation,
      gate,
      environment: environmentOf(job.threads),
      scorerFile,
      encodersFile,
      ...(calibration === undefined ? {} : { calibrationFile }),
      onnxFile,
      goldenFile,
    },
    train: {
      times: dataset.times.subarray(0, validate),
      columns: dataset.columns.map((column) => column.subarray(0, validate)),
    },
    test: judged,
  }
}

/**
 * Rows [from, to), encoded, as the trainer takes them: float32, which is all that a model ever sees.
 * @param inTime columns of the encoders with what the rows are at their own t
 */
function tableOf(
  { columns, labels }: Dataset,
  encoder: VectorEncoder,
  from: number,
  to: number,
  inTime: ReadonlyMap<number, Float64Array> = new Map(),
): GbdtData {
  const taken = encoder.encodeColumns(columns, from, to)
  for (const [place, { column }] of encoder.values.entries()) {
    const values = inTime.get(column)
    if (values !== undefined) taken[place]!.set(values)
  }
  const featureNames = encoder.values.map(({ name }) => name)
  return { rows: to - from, featureNames, columns: taken, labels: Float32Array.from(labels.subarray(from, to)) }
}

/** The gain of each input, over all columns that it is encoded into; most first. */
function importanceOf(
  { inputs }: Dataset,
  encoder: VectorEncoder,
  gains: ArrayLike<number>,
): TrainingResult['importance'] {
  const importance = inputs.map(({ name }, input) => ({
    feature: name,
    gain: encoder.values.reduce((sum, of, place) => (of.input === input ? sum + gains[place]! : sum), 0),
  }))
  return importance.toSorted((a, b) => b.gain - a.gain)
}

/** Scores of the rows from `from` on, by a model that reads some of their inputs. */
function scoreRows(encoders: Encoders, model: Scorer, { inputs, columns }: RivalColumns, from: number): Float64Array {
  const scorer = createVectorScorer(encoders, model)
  const taken = encoders.inputs.map(({ name }) => columns[inputs.findIndex((input) => input.name === name)]!)
  return scorer.scoreColumns(
    taken.map((column) => column.subarray(from)),
    columns[0]!.length - from,
  )
}

async function scoreRivals(rivals: readonly Rival[], dataset: Dataset, from: number): Promise<Rivals> {
  const scores: { baseline?: Float64Array; champion?: Float64Array } = {}
  for (const { role, scorer, encoders, calibration, vectors } of rivals) {
    if (vectors.kind === 'lost') continue
    const model = decodeScorer(await readFile(scorer))
    const fitted = decodeEncoders(await readFile(encoders))
    const own = dataset.rivals.get(role)
    const raw = own === undefined ? scoreRows(fitted, model, dataset, from) : scoreRows(fitted, model, own, 0)
    scores[role] =
      calibration === undefined ? raw : raw.map(createCalibrator(decodeCalibration(await readFile(calibration))))
  }
  return { ...scores, incomparable: rivals.flatMap(({ role, vectors }) => (vectors.kind === 'lost' ? [role] : [])) }
}
