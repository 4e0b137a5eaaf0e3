import type {
  ComparisonAnswer,
  ExperimentDetail,
  ExperimentPage,
  MetricHistories,
  RunDetail,
  RunPage,
} from './experiment-answers.ts'

/** What is searched, and which page of it: filter and order as the tracking protocol has them. */
export interface ExperimentQuery {
  readonly filter?: string | undefined
  readonly order_by?: string | undefined
  readonly view?: 'active' | 'deleted' | 'all' | undefined
  /** 100 unless given. */
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export interface RunQuery extends ExperimentQuery {
  /** Id or name of an experiment; all that are active unless given. */
  readonly experiment?: string | undefined
  /** Keys such as `metrics.auc, params.depth`; some of the newest run unless given. */
  readonly columns?: string | undefined
}

/** What is asked of experiments and their runs. */
export interface ExperimentDesk {
  experiments(query: ExperimentQuery): Promise<ExperimentPage>
  /** By id or name. */
  experiment(experiment: string): Promise<ExperimentDetail>
  runs(query: RunQuery): Promise<RunPage>
  /** By id, the beginning of it, or `run-12` of a training. */
  run(run: string): Promise<RunDetail>
  compare(runs: readonly string[]): Promise<ComparisonAnswer>
  histories(runs: readonly string[], key: string, places: number): Promise<MetricHistories>
}
