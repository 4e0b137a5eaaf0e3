import { TruelineError } from '../../../core/errors.ts'
import type { Category } from '../../../language/define/encoding-definition.ts'
import type { Forest } from '../forest.ts'
import type { LinearModel } from '../linear-model.ts'

/** Formats of files that are read, by the library whose they are; `linear` is a JSON of our own that any program can write. */
export type ModelFormat = 'lightgbm' | 'xgboost' | 'onnx' | 'linear'

/** A model that another library wrote down, as it is scored here. */
export interface ForeignModel {
  readonly format: ModelFormat
  /** What wrote it, such as `XGBoost 3.2.0`, as far as the file says. */
  readonly writtenBy: string
  /** What it was trained for, or its operator, in the library's word. */
  readonly objective: string
  readonly model:
    | { readonly kind: 'forest'; readonly forest: Forest }
    | { readonly kind: 'linear'; readonly linear: LinearModel }
  /** Its inputs in their order; undefined where the file only numbers them. */
  readonly inputNames: readonly string[] | undefined
  /** Of inputs that the library turns into numbers itself, by their places: a category is taken as its place in the list. */
  readonly categories: ReadonlyMap<number, readonly Category[]>
  /** What each input brought in training, in the library's measure; undefined where the file does not say. */
  readonly gains: Float64Array | undefined
  /** Names of the classes in the order of its scores, where the file says them. */
  readonly classNames?: readonly string[] | undefined
}

const libraryNames: Readonly<Record<ModelFormat, string>> = {
  lightgbm: 'LightGBM',
  xgboost: 'XGBoost',
  onnx: 'ONNX',
  linear: 'linear JSON',
}

/** The error of a file that is damaged, or of something else. */
export function fileFault(format: ModelFormat, fault: string, cause?: unknown): TruelineError {
  return new TruelineError(
    'model_file_invalid',
    `The file cannot be read as a model of ${libraryNames[format]}: ${fault}.`,
    cause === undefined ? {} : { cause },
  )
}

/** The error of a model that is whole, and has what is not scored here. */
export function notScored(format: ModelFormat, what: string, remedy?: string): TruelineError {
  const message = `This model of ${libraryNames[format]} has ${what}.`
  return new TruelineError('unsupported_model', message, remedy === undefined ? {} : { remedy })
}

/** Whether a value that was read is a list of categories. */
export function isCategories(value: unknown): value is readonly Category[] {
  const isOne = (one: unknown): boolean =>
    typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean'
  return Array.isArray(value) && value.every(isOne)
}

/** The largest power of two that is a float32. */
const MOST_GAIN = 2 ** 127

/** A gain of a split as it is added up: where libraries had more than their numbers hold, what those hold. */
export function countedGain(gain: number): number {
  return Number.isNaN(gain) ? 0 : Math.min(Math.max(gain, -MOST_GAIN), MOST_GAIN)
}

/** Names for inputs that a file only numbers. */
export function numberedNames(inputs: number): string[] {
  return Array.from({ length: inputs }, (_, input) => `f${input}`)
}
