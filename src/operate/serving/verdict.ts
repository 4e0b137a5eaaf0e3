/** How a decision came about. Equal ones are the same object. */
export interface Verdict {
  /** Undefined when the model gives scores alone. */
  readonly decision: string | undefined
  /**
   * What decided in the place of the score, as it is logged and answered: `hand:NUMBER` of a rule by hand,
   * `rule:CODE`, or `missing:INPUT` and `stale:GROUP` for features that are not there. Undefined when the score did, or nothing.
   */
  readonly decidedBy: string | undefined
  /** A stable code for why, and what it says to people. */
  readonly reason?: { readonly code: string; readonly text?: string }
}
