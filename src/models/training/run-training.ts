import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../../core/canonical.ts'
import { planVector } from '../../data/features/vector.ts'
import { seedOf } from '../../language/define/trainer-definition.ts'
import { createCalibrator, decodeCalibration } from '../inference/calibration.ts'
import { decodeScorer } from '../inference/decode-scorer.ts'
import { createVectorScorer, decodeEncoders, type Encoders } from '../inference/encoders.ts'
import type { Scorer } from '../inference/scorer.ts'
import { calibrateScores } from './calibrate-scores.ts'
import { buildDataset, type Dataset } from './dataset.ts'
import { environmentOf } from './environment.ts'
import { type Evaluation, evaluate, type Judged } from './evaluate.ts'
import { fitEncoders } from './fit-encoders.ts'
import { judgeCandidate, type Rivals } from './gate.ts'
import { goldenRows } from './golden-rows.ts'
import { readImport, requireProbabilities } from './import-candidate.ts'
import { type DatasetJudgement, judgeDataset, refuseBadRows } from './judge-dataset.ts'
import { noOutcomeError } from './no-outcome.ts'
import type { RivalColumns } from './rival-columns.ts'
import { segmentRows } from './segments.ts'
import { splitRows } from './time-split.ts'
import { trainCandidate } from './train-candidate.ts'
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
 * Builds the dataset of a job, trains on its first part, stops by the second, and judges on the third; or judges the model of
 * a file in the same way. Files go into the job's folder.
 * @param onProgress told in one sentence what is being done, and the share done
 * @param onJudged told what became of the rows at their checks, before they are refused for it
 * @throws TruelineError `quality_gate_failed` when the rows breach their checks, `single_class`, and the codes of the trainer and of `readImport`
 */
export async function runTraining(
  job: TrainingJob,
  onProgress: (sentence: string, done: number) => void,
  onJudged: (judgements: readonly DatasetJudgement[]) => void = () => undefined,
): Promise<Trained> {
  const started = performance.now()
  // Before minutes are spent on rows.
  const imported = job.imported === undefined ? undefined : await readImport(job.imported)
  const dataset = await buildDataset(job, (sentence, done) => onProgress(sentence, done * DATASET_DONE))
  const datasetSeconds = (performance.now() - started) / 1000
  const model = job.project.models[job.model]!
  const plan = planVector(model, job.project, job.variant)
  const { validate, test } = splitRows(dataset.times, dataset.split)
  const judgements = judgeDataset(job, dataset, test)
  if (judgements.length > 0) onJudged(judgements)
  refuseBadRows(judgements)
  if (imported === undefined && model.task === 'binary' && dataset.outcomes === 0)
    throw noOutcomeError(job, dataset.times.length)
  onProgress('fitting encoders', DATASET_DONE)
  const { encoders: fitted, inTime } = fitEncoders(plan, { ...dataset, rows: validate }, dataset.textOf)
  const trainingStarted = performance.now()
  const candidate =
    imported === undefined
      ? await trainCandidate(job, dataset, { encoders: fitted, inTime }, { validate, test }, (sentence, done) =>
          onProgress(sentence, DATASET_DONE + (TREES_DONE - DATASET_DONE) * done),
        )
      : imported.candidate(fitted)
  const { encoders, scorer } = candidate
  const trainSeconds = (performance.now() - trainingStarted) / 1000
  onProgress('evaluating', TREES_DONE)
  const from = model.calibration === undefined ? test : validate
  const { calibration, scores, uncalibrated } = calibrateScores(
    model.calibration,
    dataset.labels.subarray(from),
    scoreRows(encoders, scorer, dataset, from),
    test - from,
  )
  if (imported !== undefined && model.task === 'binary') requireProbabilities(scores)
  const judged: Judged = { labels: dataset.labels.slice(test), scores, times: dataset.times.slice(test) }
  const segmentations = dataset.segments.map(({ column, values }) => segmentRows(column, values.slice(test)))
  const seed = seedOf(model.trainer)
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
  await writeFile(scorerFile, candidate.bytes)
  await writeFile(encodersFile, canonicalJson(encoders))
  if (calibration !== undefined) await writeFile(calibrationFile, canonicalJson(calibration))
  if (candidate.onnx !== undefined) await writeFile(onnxFile, candidate.onnx)
  await writeFile(goldenFile, canonicalJson(goldenRows(dataset, judged.scores, test)))
  return {
    result: {
      dataset: dataset.manifest,
      datasetSeconds,
      trainSeconds,
      inputs: dataset.inputs,
      features: dataset.manifest.features,
      trees: candidate.trees,
      importance: candidate.importance,
      evaluation,
      gate,
      environment: environmentOf(job.threads),
      scorerFile,
      encodersFile,
      ...(calibration === undefined ? {} : { calibrationFile }),
      ...(candidate.onnx === undefined ? {} : { onnxFile }),
      goldenFile,
      ...(candidate.imported === undefined ? {} : { imported: candidate.imported }),
    },
    train: {
      times: dataset.times.subarray(0, validate),
      columns: dataset.columns.map((column) => column.subarray(0, validate)),
    },
    test: judged,
  }
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
