/** What a benchmark prints: one object. `ratio` says how much better than the reference we are; above 1 is better. */
export interface BenchResult {
  readonly bench: string
  readonly ours: number
  readonly reference: number
  readonly ratio: number
  /** Of `ours` and `reference`. */
  readonly unit: string
  /** Most memory that our side held. */
  readonly peak_rss_mb: number
  readonly [detail: string]: unknown
}
