import type { RowFault } from '../../data/quality/row-reader.ts'

/**
 * Why a score is none: a sum that overflowed, or a number that is none. Nothing is decided from it and no answer carries it,
 * however it was asked for; the row is answered as one that could not be scored.
 */
export function scoreFault(score: number): RowFault | undefined {
  return Number.isFinite(score) ? undefined : { code: 'scoring_failed', reason: `The score is ${score}.` }
}
