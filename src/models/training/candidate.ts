import type { Encoders } from '../inference/encoders.ts'
import type { ExplanationPart } from '../inference/explain/explanation-part.ts'
import type { Scorer } from '../inference/scorer.ts'
import type { TrainingResult } from './training-job.ts'

/** A model before it is judged, with what stands before it. */
export interface Candidate {
  readonly encoders: Encoders
  readonly scorer: Scorer
  /** The scorer as an artifact. */
  readonly bytes: Uint8Array
  /** 0 of a model that has none. */
  readonly trees: number
  /** Of each input of the vector, most first. */
  readonly importance: TrainingResult['importance']
  /** What explains its scores, where the scorer does not say it itself. */
  readonly explanation?: ExplanationPart
  /** The same model for other runtimes, where it can be said so. */
  readonly onnx?: Uint8Array
  /** What the trainer chose for itself on the validation rows, by the names of its parameters. */
  readonly chosen?: Readonly<Record<string, number>>
  /** Where it came from, if it was read from a file. */
  readonly imported?: TrainingResult['imported']
  /** What the program that made it says of itself, if one did. */
  readonly program?: NonNullable<TrainingResult['program']> & {
    readonly environment: Readonly<Record<string, unknown>>
  }
}

/** What each input of a vector brings, over all columns that it is made into; most first. */
export function importanceOf(
  inputs: readonly { readonly name: string }[],
  /** The input that each gain is of. */
  inputOf: readonly number[],
  gains: ArrayLike<number>,
): TrainingResult['importance'] {
  const importance = inputs.map(({ name }, input) => ({
    feature: name,
    gain: inputOf.reduce((sum, of, place) => (of === input ? sum + gains[place]! : sum), 0),
  }))
  return importance.toSorted((a, b) => b.gain - a.gain)
}
