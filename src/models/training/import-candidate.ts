import { readFile } from 'node:fs/promises'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import type { Encoders } from '../inference/encoders.ts'
import { treeCount } from '../inference/forest.ts'
import { encodeForest } from '../inference/forest-codec.ts'
import { createForestScorer } from '../inference/forest-scorer.ts'
import type { ForeignModel } from '../inference/formats/foreign-model.ts'
import { readModelFile } from '../inference/formats/read-model-file.ts'
import { createLinearScorer, encodeLinearModel } from '../inference/linear-model.ts'
import { type Candidate, importanceOf } from './candidate.ts'
import { importGraph } from './import-graph.ts'
import { matchInputs } from './match-inputs.ts'
import type { ImportedFile } from './training-job.ts'

/** A file of a model, read, and what makes a candidate of it. */
export interface ReadImport {
  /** What the file is, and what wrote it. */
  readonly origin: NonNullable<Candidate['imported']>
  /**
   * The model behind encoders that give it what it takes.
   * @param fitted encoders as they are fitted for a version that is trained here
   * @throws TruelineError `inputs_unmatched`
   */
  candidate(fitted: Encoders): Candidate
}

/**
 * Reads a file that another library wrote a model into, which gives one score for a row.
 * @throws TruelineError `model_file_invalid`, `unsupported_model`, `runtime_missing`
 */
export async function readImport({ path, byOrder }: ImportedFile): Promise<ReadImport> {
  return readModel(await readFile(path), byOrder ? 'order' : 'names')
}

/**
 * Reads what another library, or a program, wrote of a model that gives one score for a row.
 * @param match by what its inputs are found: their names, their order, or their names where it has some
 * @throws TruelineError `model_file_invalid`, `unsupported_model`, `runtime_missing`
 */
export function readModel(file: Uint8Array, match: 'names' | 'order' | 'names if any'): ReadImport {
  const { foreign, made } = read(file)
  const { outputs } = made.scorer
  if (outputs !== 1)
    throw new TruelineError('unsupported_model', `The model gives ${outputs} scores for a row, and here one is needed.`)
  const { format, writtenBy, objective, inputNames } = foreign
  const byOrder = match === 'order' || (match === 'names if any' && inputNames === undefined)
  const origin = { format, writtenBy, objective }
  return { origin, candidate: (fitted) => ({ ...candidateOf(foreign, made, fitted, byOrder), imported: origin }) }
}

function read(file: Uint8Array): { readonly foreign: Omit<ForeignModel, 'model'>; readonly made: Made } {
  try {
    const foreign = readModelFile(file)
    return { foreign, made: scorerOf(foreign) }
  } catch (thrown) {
    const { foreign, scorer, bytes } = importGraph(file, asTruelineError(thrown))
    return { foreign, made: { scorer, bytes, trees: 0 } }
  }
}

type Made = Pick<Candidate, 'scorer' | 'bytes' | 'trees'>

function candidateOf(
  foreign: Omit<ForeignModel, 'model'>,
  { scorer, bytes, trees }: Made,
  fitted: Encoders,
  byOrder: boolean,
): Omit<Candidate, 'imported'> {
  const { gains } = foreign
  const encoders = matchInputs(foreign, scorer.inputs, fitted, byOrder)
  const inputOf = encoders.columns?.map(({ input }) => input) ?? encoders.inputs.map((_, input) => input)
  return {
    ...{ encoders, scorer, bytes, trees },
    importance: importanceOf(encoders.inputs, inputOf, gains ?? new Float64Array(inputOf.length)),
  }
}

function scorerOf({ model }: ForeignModel): Made {
  if (model.kind === 'linear') {
    const { linear } = model
    return { scorer: createLinearScorer(linear), bytes: encodeLinearModel(linear), trees: 0 }
  }
  const { forest } = model
  return { scorer: createForestScorer(forest), bytes: encodeForest(forest), trees: treeCount(forest) }
}

/**
 * Refuses a model that gives something else than a number for a row, such as NaN.
 * @throws TruelineError `unsupported_model`
 */
export function requireFinite(scores: Float64Array): void {
  const wrong = scores.findIndex((score) => !Number.isFinite(score))
  if (wrong === -1) return
  const all = scores.reduce((count, score) => count + (Number.isFinite(score) ? 0 : 1), 0)
  throw new TruelineError(
    'unsupported_model',
    `The model gives ${scores[wrong]} for ${all} of ${scores.length} rows, where each needs a finite number.`,
    { remedy: 'Look for NaN among its weights and leaves, and for inputs that it cannot take as missing.' },
  )
}

/**
 * Refuses a model of a binary label whose scores are no probabilities: nobody could read them.
 * @throws TruelineError `unsupported_model`
 */
export function requireProbabilities(scores: Float64Array): void {
  const wrong = scores.find((score) => !(score >= 0 && score <= 1))
  if (wrong === undefined) return
  throw new TruelineError(
    'unsupported_model',
    `The label is 0 or 1, and the model gives ${wrong} for a row, which is no probability.`,
    {
      remedy:
        'Train it for probabilities: binary in LightGBM, binary:logistic in XGBoost, a classifier in scikit-learn.',
    },
  )
}
