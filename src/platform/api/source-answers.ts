/** A run of a source: received = accepted + duplicates + rejected. Times are microseconds. */
export interface SourceRunAnswer {
  readonly number: number
  readonly source: string
  readonly kind: 'schedule' | 'asked' | 'backfill'
  readonly status: 'running' | 'succeeded' | 'partial' | 'failed'
  readonly startedAt: number
  readonly finishedAt?: number
  /** It goes on after a failure, a pause for its rate, or a restart: each time is a turn. */
  readonly turns: number
  readonly received: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly deleted: number
  readonly from?: number
  readonly to?: number
  readonly watermark?: string
  readonly error?: { readonly error: string; readonly code: string; readonly path?: string; readonly remedy: string }
}

/** How a source stands. */
export interface SourceListing {
  readonly name: string
  readonly into: string
  readonly kind: string
  readonly owner?: string
  readonly description?: string
  readonly schedule?: string
  /** Of the highest row that is safe, as the source writes it. */
  readonly watermark?: string
  /** Since the last new row, microseconds. */
  readonly lag?: number
  readonly newestRowAt?: number
  /** Its first run began. */
  readonly since?: number
  /** Longest time without a new row that is promised, microseconds. */
  readonly freshness?: number
  /** New rows that every stretch of `per` microseconds is to bring, and what the last whole one from `from` on brought. */
  readonly volume?: {
    readonly per: number
    readonly atLeast?: number
    readonly atMost?: number
    readonly from?: number
    readonly rows?: number
  }
  readonly breaker: 'closed' | 'open' | 'half_open'
  /** Failures in a row. */
  readonly failures: number
  /** When it runs or goes on; absent when it runs as it is asked to. */
  readonly due?: number
  /** What is done with rows whose columns are not those below. */
  readonly onSchemaChange: 'accept' | 'quarantine' | 'stop'
  /** Its columns with their types, in the source's own words. */
  readonly columns: Readonly<Record<string, string>>
  /** How the columns found last differ, in words. */
  readonly changes?: string
  /** What is to be known of times that name no zone, in words, where the source names none either. */
  readonly localTimes?: string
  readonly run?: SourceRunAnswer
}
