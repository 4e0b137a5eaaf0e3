import type { OpenCondition } from './conditions.ts'
import type { OutcomePoint } from './outcome-watch.ts'
import type { PerformanceJudgement } from './performance-rule.ts'
import type { ExpectedMetric } from './reference.ts'

/** The last mature cohort of the version that serves. */
export interface LastOutcome {
  /** End of the cohort, exclusive, microseconds. */
  readonly until: number
  readonly point: OutcomePoint
}

/** How many rows got no prediction. */
export interface FailedRows {
  readonly n: number
  readonly failed: number
  /** Surely more, on the 95% level, than the availability objective allows. */
  readonly isTooMany: boolean
}

/** What a monitor knows of the version that serves. */
export interface MonitorState {
  readonly version: number
  /**
   * Answers of the version within the last hour, without what was refused or failed, and how many of them a minute since
   * the first one.
   */
  readonly lastHour: number
  readonly perMinute: number
  /** Rows of the last hour that failed or were refused, of all that were asked for since the start. */
  readonly failures: FailedRows
  /** Milliseconds that the scoring of a row took, over the hour or the one before; undefined when there was too little. */
  readonly p99: number | undefined
  readonly expected: ExpectedMetric | undefined
  readonly lastOutcome: LastOutcome | undefined
  readonly performance: PerformanceJudgement | undefined
  /** Predictions, outcomes and corrections of outcomes that came after their cohort was judged, since the start. */
  readonly late: number
  /** Predictions of mature cohorts that nothing could be said about, since the start. */
  readonly unjudged: number
  /** The weightiest input of each group that drifted, and since when (microseconds). */
  readonly drift: readonly { readonly feature: string; readonly since: number }[]
  /** The conditions that alerts are open about. */
  readonly open: readonly OpenCondition[]
  /** What came before the start is being read back: until it is, nothing is judged, and figures of it are short. */
  readonly isReadingBack: boolean
}
