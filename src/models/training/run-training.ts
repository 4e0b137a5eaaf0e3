import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GbdtParameters } from '../../language/define/gbdt.ts'
import type { Forest } from '../inference/forest.ts'
import { decodeForest, encodeForest } from '../inference/forest-codec.ts'
import { createForestScorer } from '../inference/forest-scorer.ts'
import { exportOnnx } from '../inference/onnx-export.ts'
import { buildDataset, type Dataset } from './dataset.ts'
import { environmentOf } from './environment.ts'
import { evaluate, type Judged } from './evaluate.ts'
import { judgeCandidate, type Rivals } from './gate.ts'
import { trainGbdt } from './gbdt/train-gbdt.ts'
import type { GbdtData } from './gbdt/training-data.ts'
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
 */
export async function runTraining(
  job: TrainingJob,
  onProgress: (sentence: string, done: number) => void,
): Promise<Trained> {
  const started = performance.now()
  const dataset = await buildDataset(job, (sentence, done) => onProgress(sentence, done * DATASET_DONE))
  const datasetSeconds = (performance.now() - started) / 1000
  const model = job.project.models[job.model]!
  const { validate, test } = splitRows(dataset.times, dataset.split)
  const names = dataset.inputs.map(({ name }) => name)
  const parameters = model.trainer.parameters as unknown as GbdtParameters
  const trainingStarted = performance.now()
  const trained = await trainGbdt(
    tableOf(dataset, names, 0, validate),
    tableOf(dataset, names, validate, test),
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
  const judged: Judged = {
    labels: dataset.labels.slice(test),
    scores: scoreRows(trained.forest, names, dataset, test),
    times: dataset.times.slice(test),
  }
  const segmentations = dataset.segments.map(({ column, values }) => segmentRows(column, values.slice(test)))
  const { seed } = parameters
  const evaluation = evaluate(model.task, judged, segmentations, seed)
  const rivals = await scoreRivals(job.rivals, names, dataset, test)
  const gate = judgeCandidate(model.gate, judged, rivals, segmentations, seed)
  const scorerFile = join(job.folder, 'scorer.bin')
  const onnxFile = join(job.folder, 'model.onnx')
  await writeFile(scorerFile, encodeForest(trained.forest))
  await writeFile(onnxFile, exportOnnx(trained.forest))
  const importance = names.map((feature, index) => ({ feature, gain: trained.importance[index]! }))
  return {
    result: {
      dataset: dataset.manifest,
      datasetSeconds,
      trainSeconds,
      inputs: dataset.inputs,
      features: dataset.manifest.features,
      trees: trained.bestIteration,
      importance: importance.sort((a, b) => b.gain - a.gain),
      evaluation,
      gate,
      environment: environmentOf(job.threads),
      scorerFile,
      onnxFile,
    },
    train: {
      times: dataset.times.subarray(0, validate),
      columns: dataset.columns.map((column) => column.subarray(0, validate)),
    },
    test: judged,
  }
}

/** Rows [from, to) as the trainer takes them: float32, which is all that a model ever sees of its inputs. */
function tableOf({ columns, labels }: Dataset, featureNames: readonly string[], from: number, to: number): GbdtData {
  return {
    rows: to - from,
    featureNames,
    columns: columns.map((column) => Float32Array.from(column.subarray(from, to))),
    labels: Float32Array.from(labels.subarray(from, to)),
  }
}

/** Scores of the dataset's rows from `from` on, by a forest that reads some of its inputs. */
function scoreRows(forest: Forest, names: readonly string[], { columns, times }: Dataset, from: number): Float64Array {
  const scorer = createForestScorer(forest)
  const taken = forest.featureNames.map((name) => columns[names.indexOf(name)]!)
  const vector = new Float64Array(taken.length)
  const scores = new Float64Array(times.length - from)
  for (let row = 0; row < scores.length; row += 1) {
    for (let input = 0; input < taken.length; input += 1) vector[input] = taken[input]![from + row]!
    scores[row] = scorer.scoreRow(vector, 0)
  }
  return scores
}

async function scoreRivals(
  rivals: readonly Rival[],
  names: readonly string[],
  dataset: Dataset,
  from: number,
): Promise<Rivals> {
  const scores: { baseline?: Float64Array; champion?: Float64Array } = {}
  for (const { role, scorer } of rivals.filter(({ comparable }) => comparable))
    scores[role] = scoreRows(decodeForest(await readFile(scorer)), names, dataset, from)
  return { ...scores, incomparable: rivals.filter(({ comparable }) => !comparable).map(({ role }) => role) }
}
