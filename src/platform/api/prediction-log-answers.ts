import type { FeatureReading } from './feature-answers.ts'

/** A prediction as it was logged. What is masked is shown so: a text in place of a column, no value of a feature. */
export interface LoggedPrediction {
  readonly prediction_id: string
  readonly model: string
  readonly version: number
  readonly digest: string
  /** Microseconds. */
  readonly t: number
  readonly served_at: number
  readonly mode: string
  readonly row: Readonly<Record<string, unknown>>
  /** Columns of the row that are times, in microseconds there. */
  readonly times: readonly string[]
  readonly score: number | null
  /** Of a model of several classes: the likeliest one, and the probability of each by its name. */
  readonly class?: string
  readonly probabilities?: Readonly<Record<string, number>>
  readonly decision?: string
  readonly decided_by?: string
  readonly latency_us: number
  /** Values as the model takes them, null where there is none or it is masked; where they were asked for. */
  readonly features?: Readonly<
    Record<string, { readonly value: number | null; readonly status: FeatureReading['status'] }>
  >
}

/** A page of the log: version by version, and in each in the order in which they were logged. */
export interface LoggedPredictionPage {
  readonly predictions: readonly LoggedPrediction[]
  /** To be given as `after` for the next page; absent on the last. */
  readonly next?: string
  /**
   * Of a page that ended before it was full, as it had looked at many rows for few: so far it looked, microseconds. The next page looks
   * further.
   */
  readonly searched_to?: number
}

export interface LoggedPredictionQuery {
  readonly model?: string | undefined
  readonly version?: number | undefined
  readonly decision?: string | undefined
  /** COLUMN=VALUE: whose row has this value, as it is logged; of a time as ISO 8601. */
  readonly entity?: string | undefined
  /** Answered in [from, to), microseconds. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** `newest` first unless given; `log`: version by version in the order of the log. */
  readonly order?: 'newest' | 'log' | undefined
  readonly after?: string | undefined
  /** 100 unless given. */
  readonly limit?: number | undefined
  readonly features?: boolean | undefined
}

/** How the log of predictions stands. */
export interface PredictionLogState {
  /** In the log's own table, and in the lake as Parquet. */
  readonly log: { readonly rows: number; readonly bytes: number; readonly oldest?: number }
  readonly lake: { readonly rows: number; readonly bytes: number; readonly files: number }
  /** Gone, by model and why: `retention` or `budget`. */
  readonly removed: readonly { readonly model: string; readonly reason: string; readonly rows: number }[]
  readonly models: readonly {
    readonly model: string
    /** Answered and not logged: the disk was too slow, or full. */
    readonly shed: number
    /** Not of the sample that is logged. */
    readonly unsampled: number
    /** How far the log is behind, microseconds. */
    readonly lag: number
  }[]
  readonly sink?: {
    readonly delivered: number
    /** Refused by the receiver for good, since the start. */
    readonly skipped: number
    /** Removed from the log before they were delivered, since the start. */
    readonly missed: number
    readonly failures: number
    readonly lastFailure?: string
    readonly lag: number
  }
}
