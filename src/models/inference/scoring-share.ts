import { decodeScorer } from './decode-scorer.ts'
import { createVectorScorer, decodeEncoders, type VectorScorer } from './encoders.ts'

/** The artifacts that a version's vectors are scored by. */
export interface ScorerBytes {
  readonly encoders: Uint8Array
  readonly scorer: Uint8Array
}

/** Rows to be scored, in memory that threads share. */
export interface SharedScoring {
  readonly rows: number
  /** One column an input. */
  readonly columns: readonly Float64Array[]
  /** `outputs` of each row. */
  readonly scores: Float64Array
  /** One number: the first row that nobody has taken. */
  readonly next: Int32Array
}

/** Rows that a thread takes at a time: few enough that all end at about the same time. */
const ROWS_AT_ONCE = 16_384

/**
 * The scorer of a version's vectors.
 * @throws TruelineError `artifact_corrupt`, and as `decodeScorer` does
 */
export function scorerOf({ encoders, scorer }: ScorerBytes): VectorScorer {
  return createVectorScorer(decodeEncoders(encoders), decodeScorer(scorer))
}

/** Scores rows that no other thread has taken, until there are none. */
export function scoreShare(
  scorer: Pick<VectorScorer, 'outputs' | 'scoreColumns'>,
  { rows, columns, scores, next }: SharedScoring,
): void {
  const take = (): number => Atomics.add(next, 0, ROWS_AT_ONCE)
  for (let from = take(); from < rows; from = take()) {
    const to = Math.min(rows, from + ROWS_AT_ONCE)
    const some = columns.map((column) => column.subarray(from, to))
    scores.set(scorer.scoreColumns(some, to - from), from * scorer.outputs)
  }
}
