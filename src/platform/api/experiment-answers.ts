/** A number, or in words where JSON has none: `NaN`, `Infinity`, `-Infinity`. */
export type MetricValue = number | 'NaN' | 'Infinity' | '-Infinity'

/** A name and what is said under it. */
export interface Said {
  readonly key: string
  readonly value: string
}

/** An experiment. Times are microseconds. */
export interface ExperimentAnswer {
  readonly id: string
  readonly name: string
  readonly lifecycle: 'active' | 'deleted'
  readonly artifactLocation: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly tags: readonly Said[]
  /** Those that are active. */
  readonly runs: number
  readonly lastRunAt?: number
}

/** A page of experiments; `next` is the cursor of the page after it, null on the last one. */
export interface ExperimentPage {
  readonly experiments: readonly ExperimentAnswer[]
  readonly next: string | null
}

/** An experiment with what a table of its runs may have columns of: the keys of its newest hundred runs. */
export interface ExperimentDetail extends ExperimentAnswer {
  readonly columns: {
    readonly metrics: readonly string[]
    readonly params: readonly string[]
    readonly tags: readonly string[]
  }
}

/** A run as a row of a table. Times are microseconds. */
export interface RunAnswer {
  /** 32 hexadecimal digits. */
  readonly id: string
  /** Id of its experiment. */
  readonly experiment: string
  readonly name: string
  readonly status: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'
  readonly user: string
  readonly startedAt: number
  readonly endedAt?: number
  readonly lifecycle: 'active' | 'deleted'
  /** Id (`run-12`) of the training that it shows; absent of a run that somebody logged. */
  readonly training?: string
}

/** A page of a table of runs. */
export interface RunPage {
  /** Keys as a filter has them, such as `metrics.auc`: of each value of a row. */
  readonly columns: readonly string[]
  readonly runs: readonly (RunAnswer & { readonly values: readonly (MetricValue | string | null)[] })[]
  readonly next: string | null
}

/** A run with all that is said of it. */
export interface RunDetail extends RunAnswer {
  readonly experimentName: string
  readonly artifactUri: string
  readonly params: readonly Said[]
  /** The latest of each. */
  readonly metrics: readonly {
    readonly key: string
    readonly value: MetricValue
    readonly step: number
    readonly at: number
  }[]
  readonly tags: readonly Said[]
  readonly datasets: readonly {
    readonly name: string
    readonly digest: string
    readonly sourceType: string
    /** What it was used for. */
    readonly context?: string
  }[]
  readonly modelInputs: readonly string[]
  readonly modelOutputs: readonly { readonly model: string; readonly step: number }[]
}

/** Histories of a metric for a chart, run by run. */
export interface MetricHistories {
  readonly key: string
  readonly histories: readonly {
    readonly run: string
    readonly name: string
    /** Whether every point is among those that the places stand for; of a very long history there is one a place. */
    readonly whole: boolean
    readonly points: readonly {
      readonly step: number
      readonly at: number
      readonly value: MetricValue
      readonly least: MetricValue
      readonly most: MetricValue
    }[]
  }[]
}

/** What runs say under a key, in their order; null of one that says nothing. */
export interface DifferenceAnswer<T> {
  readonly key: string
  readonly values: readonly (T | null)[]
}

/** Where runs differ; what is equal in all of them is counted. */
export interface ComparisonAnswer {
  readonly runs: readonly RunAnswer[]
  readonly params: readonly DifferenceAnswer<string>[]
  readonly metrics: readonly DifferenceAnswer<MetricValue>[]
  readonly tags: readonly DifferenceAnswer<string>[]
  /** Digests of datasets, by name and use. */
  readonly data: readonly DifferenceAnswer<string>[]
  /** Digests of the definitions of features. */
  readonly features: readonly DifferenceAnswer<string>[]
  readonly equal: Readonly<Record<'params' | 'metrics' | 'tags' | 'data' | 'features', number>>
}
