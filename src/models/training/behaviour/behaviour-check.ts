import type { BehaviourDefinition } from '../../../language/define/behaviour-definition.ts'
import type { EncoderInput } from '../../inference/encoders.ts'

/** What came of one test of a candidate's behaviour. */
export interface BehaviourCheck {
  readonly kind: BehaviourDefinition['kind']
  readonly verdict: 'pass' | 'fail'
  /** One plain sentence. */
  readonly sentence: string
  /** How many scores were compared. */
  readonly cases: number
  /** Where a score moved most, or broke. */
  readonly worst?: BehaviourCase
}

/** A score before and after a change of one row. */
export interface BehaviourCase {
  /** What was changed, such as `distance_mi`, and into what. */
  readonly input: string
  readonly changed: string
  /** Place of the row among those that were tried. */
  readonly row: number
  /** The class whose probability it is, of a model of several. */
  readonly class?: string
  /** Null where a score is no finite number. */
  readonly before: number | null
  readonly after: number | null
}

/** A candidate with the rows that it is tried on. */
export interface BehaviourSubject {
  readonly inputs: readonly BehaviourInput[]
  /** One array an input: rows of the test part. */
  readonly rows: readonly Float64Array[]
  /** One array an input: rows that it was trained on, for the range of its values. */
  readonly train: readonly Float64Array[]
  /** Scores of rows given by column, as they would be served; of several classes one of each, row by row. */
  score(columns: readonly Float64Array[]): Float64Array
  /** Smallest and largest score that there can be; absent: any that is finite. */
  readonly range?: { readonly low: number; readonly high: number }
  /** Names of the classes, of a model of several. */
  readonly classes?: readonly string[]
}

export interface BehaviourInput extends EncoderInput {
  /** Bounds of the schema, where it has any; in the unit of the vector. */
  readonly min?: number
  readonly max?: number
}

/** Rows of which something was changed. */
export interface Change {
  readonly input: string
  readonly changed: string
  readonly columns: readonly Float64Array[]
}

/**
 * What a change did to a score.
 * @param place of the score among those of all rows
 */
export function caseOf(
  { input, changed }: Change,
  place: number,
  before: Float64Array,
  after: Float64Array,
  { classes }: Pick<BehaviourSubject, 'classes'>,
): BehaviourCase {
  const outputs = classes?.length ?? 1
  return {
    ...{ input, changed, row: Math.floor(place / outputs) },
    ...(classes === undefined ? {} : { class: classes[place % outputs]! }),
    ...{ before: finite(before[place]!), after: finite(after[place]!) },
  }
}

function finite(score: number): number | null {
  return Number.isFinite(score) ? score : null
}

/** A column of one value. */
export function filled(column: Float64Array, value: number): Float64Array {
  return new Float64Array(column.length).fill(value)
}

/** A figure in a sentence. */
export function digits(value: number): string {
  return String(Number(value.toPrecision(3)))
}
