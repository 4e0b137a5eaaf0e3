import type { Estimate } from '../../stats/intervals/estimate.ts'
import type { DifferenceVerdict } from '../../stats/intervals/judge-difference.ts'
import type { PairedDecisions } from '../../stats/intervals/paired-decisions.ts'
import type { TestedDifference } from '../../stats/intervals/tested-difference.ts'

export type Verdict = DifferenceVerdict['verdict']

/** One comparison of the gate: with the baseline, the champion, or the champion on a segment or at a threshold. */
export interface GateCheck {
  readonly against: 'baseline' | 'champion' | 'chance'
  readonly segment?: GateSegment
  /** The decisions at this threshold, or of several classes the likeliest ones, are compared: the difference is that of the shares of right ones. */
  readonly decisions?: Pick<PairedDecisions, 'onlyCandidate' | 'onlyChampion' | 'mcnemar'> & {
    readonly threshold?: number
  }
  readonly verdict: Verdict
  readonly reason: string
  /** Its bounds are one-sided: each holds at (1 + confidence) / 2. */
  readonly difference?: Estimate
}

/** Rows of one group, or of several that prove too little alone. */
export interface GateSegment {
  readonly column: string
  readonly name: string | null
  readonly rows: number
  /** Of how many groups it is made, if of several; `name` is null then. */
  readonly groups?: number
  /** It could not prove by itself that it is not worse, and is judged with others of its kind; it can only fail. */
  readonly pooled?: true
}

/** A tested difference with its bounds, as plain data. */
export function estimateOf(
  difference: TestedDifference | undefined,
  alpha: number,
): { readonly difference?: Estimate } {
  if (difference === undefined) return {}
  const { value, standardError } = difference
  const [low, high] = [difference.lower(alpha), difference.upper(alpha)]
  return { difference: { value, standardError, low, high, confidence: 1 - 2 * alpha } }
}
