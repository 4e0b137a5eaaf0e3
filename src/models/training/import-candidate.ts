import { readFile } from 'node:fs/promises'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import type { Encoders } from '../inference/encoders.ts'
import { treeCount } from '../inference/forest.ts'
import { encodeForest } from '../inference/forest-codec.ts'
import { createForestScorer } from '../inference/forest-scorer.ts'
import type { ForeignModel } from '../inference/formats/foreign-model.ts'
import { orderOutputs } from '../inference/formats/order-outputs.ts'
import { readModelFile } from '../inference/formats/read-model-file.ts'
import { createLinearScorer, encodeLinearModel } from '../inference/linear-model.ts'
import { type Candidate, importanceOf } from './candidate.ts'
import { importGraph } from './import-graph.ts'
import { requireKnownCategories } from './known-categories.ts'
import { type MatchedInputs, matchInputs } from './match-inputs.ts'
import type { ImportedFile } from './training-job.ts'

/** A file of a model, read, and what makes a candidate of it. */
export interface ReadImport {
  /** What the file is, and what wrote it. */
  readonly origin: Omit<NonNullable<Candidate['imported']>, 'matched'>
  /**
   * The model behind encoders that give it what it takes.
   * @param fitted encoders as they are fitted for a version that is trained here
   * @param values of a dataset, in the order of the inputs: categories that the file lists are held against them
   * @throws TruelineError `inputs_unmatched`
   */
  candidate(fitted: Encoders, values?: readonly Float64Array[]): Candidate
}

/**
 * Reads a file that another library wrote a model into, which gives one score for a row, or one for each class.
 * @param classes of the model that it should be a version of, where there are several
 * @throws TruelineError `model_file_invalid`, `unsupported_model`, `runtime_missing`
 */
export async function readImport({ path, byOrder }: ImportedFile, classes?: readonly string[]): Promise<ReadImport> {
  return readModel(await readFile(path), byOrder ? 'order' : 'names', classes)
}

/**
 * Reads what another library, or a program, wrote of a model that gives one score for a row, or one for each class.
 * @param match by what its inputs are found: their names, their order, or their names where it has some
 * @param classes in the order in which its scores shall be; absent of a model of one score
 * @throws TruelineError `model_file_invalid`, `unsupported_model`, `runtime_missing`
 */
export function readModel(
  file: Uint8Array,
  match: 'names' | 'order' | 'names if any',
  classes?: readonly string[],
): ReadImport {
  const { foreign, model, made: asWritten } = read(file)
  requireOutputs(asWritten.scorer.outputs, classes)
  const { format, writtenBy, objective, inputNames, classNames } = foreign
  const places = classes === undefined || classNames === undefined ? undefined : placesOf(classNames, classes)
  const made = places === undefined || model === undefined ? asWritten : scorerOf(orderOutputs(model, places))
  const byOrder = match === 'order' || (match === 'names if any' && inputNames === undefined)
  const origin = { format, writtenBy, objective }
  return {
    origin,
    candidate(fitted, values) {
      const { matched, ...candidate } = candidateOf(foreign, made, fitted, byOrder)
      if (values !== undefined) requireKnownCategories(candidate.encoders, [...foreign.categories.keys()], values)
      // What a program of the project gives was made for these inputs: nobody asks what was taken for what.
      return { ...candidate, imported: match === 'names if any' ? origin : { ...origin, matched } }
    },
  }
}

function requireOutputs(outputs: number, classes: readonly string[] | undefined): void {
  const gives = `The model gives ${outputs} ${outputs === 1 ? 'score' : 'scores'} for a row, and here`
  if (classes === undefined && outputs !== 1)
    throw new TruelineError('unsupported_model', `${gives} one is needed.`, {
      remedy: 'A model of several classes has a label with classes: label(stream, outcome, { classes: [...] }).',
    })
  if (classes !== undefined && outputs !== classes.length)
    throw new TruelineError(
      'unsupported_model',
      `${gives} ${classes.length} are needed, one for each of the classes ${classes.join(', ')}, in this order.`,
      { remedy: 'Train it on the numbers of the classes as the label of the model orders them, from 0 on.' },
    )
}

/**
 * For each class the place that it has in the file, whose classes may be in another order, as scikit-learn sorts them; undefined where
 * they need not move.
 */
function placesOf(given: readonly string[], classes: readonly string[]): readonly number[] | undefined {
  if (given.every((name, place) => name === classes[place])) return undefined
  // Places, unless they are names: classes may be called by numbers too, in another order.
  const areNumbered = given.every((name, place) => name === String(place))
  if (areNumbered && given.every((name) => !classes.includes(name))) return undefined
  const places = classes.map((name) => given.indexOf(name))
  if (!(areNumbered || places.includes(-1))) return places
  const saying = `The classes of the model are ${quoted(given)}, and here they are ${quoted(classes)}`
  const unknown = given.find((name) => !classes.includes(name))
  if (unknown === undefined)
    throw new TruelineError('unsupported_model', `${saying}: whether these are names or places cannot be told.`, {
      remedy: 'Name the classes of the label in the order of the model, or train it on names that are no places.',
    })
  const nearest = nearestName(unknown, classes)
  const meant = nearest === undefined ? '' : ` Did you mean '${nearest}'?`
  throw new TruelineError('unsupported_model', `${saying}: '${unknown}' is none of them.${meant}`, {
    remedy: 'Train it on the names of the classes as the label has them, or on their numbers, from 0 on.',
  })
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

interface ReadFile {
  readonly foreign: Omit<ForeignModel, 'model'>
  /** Absent of what onnxruntime scores. */
  readonly model?: ForeignModel['model']
  readonly made: Made
}

function read(file: Uint8Array): ReadFile {
  try {
    const foreign = readModelFile(file)
    const { model } = foreign
    return { foreign, model, made: scorerOf(model) }
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
): Omit<Candidate, 'imported'> & { readonly matched: MatchedInputs } {
  const { gains } = foreign
  const { encoders, matched } = matchInputs(foreign, scorer.inputs, fitted, byOrder)
  const inputOf = encoders.columns?.map(({ input }) => input) ?? encoders.inputs.map((_, input) => input)
  return {
    ...{ encoders, matched, scorer, bytes, trees },
    importance: importanceOf(encoders.inputs, inputOf, gains ?? new Float64Array(inputOf.length)),
  }
}

function scorerOf(model: ForeignModel['model']): Made {
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
 * Refuses a model of a binary label, or of several classes, whose scores are no probabilities: nobody could read them.
 * @param outputs scores of a row, which must add up to 1 where they are several, unless a calibration makes them
 * @throws TruelineError `unsupported_model`
 */
export function requireProbabilities(scores: Float64Array, outputs = 1, isCalibrated = false): void {
  const wrong = scores.find((score) => !(score >= 0 && score <= 1))
  if (wrong === undefined) {
    if (outputs > 1 && !isCalibrated) requireShares(scores, outputs)
    return
  }
  throw new TruelineError(
    'unsupported_model',
    `The label ${outputs > 1 ? 'is one of several classes' : 'is 0 or 1'}, and the model gives ${wrong} for a row, which is no probability.`,
    {
      remedy:
        'Train it for probabilities: binary or multiclass in LightGBM, binary:logistic or multi:softprob in XGBoost, a classifier in scikit-learn.',
    },
  )
}

/** What probabilities of float32 may miss when they are added up. */
const SHARES_TOLERANCE = 1e-4

function requireShares(scores: Float64Array, outputs: number): void {
  for (let at = 0; at < scores.length; at += outputs) {
    const sum = scores.subarray(at, at + outputs).reduce((all, score) => all + score, 0)
    if (Math.abs(sum - 1) <= SHARES_TOLERANCE) continue
    throw new TruelineError(
      'unsupported_model',
      `The probabilities that the model gives for the classes of a row add up to ${sum}, not to 1.`,
      {
        remedy:
          "Give the definition a calibration, such as calibration: 'temperature', which makes them add up to 1; or train it for classes that exclude each other: multiclass in LightGBM, multi:softprob in XGBoost.",
      },
    )
  }
}
