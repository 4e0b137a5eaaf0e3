import type { Generated } from 'kysely'

/**
 * Tables of experiments and their runs. Times whose name ends in `_ms` are milliseconds, as clients of the tracking
 * protocol give and ask for them.
 */
export interface ExperimentTables {
  experiments: ExperimentRow
  experiment_tags: ExperimentTagRow
  experiment_runs: ExperimentRunRow
  run_params: RunParamRow
  run_metrics: RunMetricRow
  run_latest_metrics: RunMetricRow
  run_tags: RunTagRow
  input_datasets: InputDatasetRow
  run_datasets: RunDatasetRow
  run_models: RunModelRow
  logged_models: LoggedModelRow
  logged_model_params: LoggedModelParamRow
  logged_model_tags: LoggedModelTagRow
  logged_model_metrics: LoggedModelMetricRow
}

export interface ExperimentRow {
  id: Generated<number>
  name: string
  /** Null for the platform's own place. */
  artifact_location: string | null
  lifecycle: 'active' | 'deleted'
  created_ms: number
  updated_ms: number
}

interface ExperimentTagRow {
  experiment: number
  key: string
  value: string
}

export interface ExperimentRunRow {
  number: Generated<number>
  /** 32 hexadecimal digits. */
  id: string
  experiment: number
  name: string
  status: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'
  user: string
  started_ms: number
  ended_ms: number | null
  lifecycle: 'active' | 'deleted'
  /** 1 when it was deleted because its experiment was. */
  deleted_with_experiment: number
  /** Number of the training that it shows. */
  training: number | null
  /** Number of the training that it is a trial of. */
  trial_of: number | null
}

interface RunParamRow {
  run: number
  key: string
  value: string
}

export interface RunMetricRow {
  run: number
  key: string
  step: number
  timestamp_ms: number
  /** 0 where `nan` is 1: SQL has no NaN. */
  value: number
  nan: number
}

interface RunTagRow {
  run: number
  key: string
  value: string
}

export interface InputDatasetRow {
  number: Generated<number>
  experiment: number
  name: string
  digest: string
  source_type: string
  source: string
  schema: string | null
  profile: string | null
}

interface RunDatasetRow {
  run: number
  dataset: number
  /** Of its tags, what the run used it for. */
  context: string | null
  /** JSON */
  tags: string
}

interface RunModelRow {
  run: number
  direction: 'input' | 'output'
  /** Id of a logged model. */
  model: string
  step: number
}

export interface LoggedModelRow {
  number: Generated<number>
  /** `m-` and 32 hexadecimal digits. */
  id: string
  experiment: number
  name: string
  model_type: string | null
  status: 'PENDING' | 'READY' | 'FAILED'
  /** Id of a run. */
  source_run: string | null
  lifecycle: 'active' | 'deleted'
  created_ms: number
  updated_ms: number
}

interface LoggedModelParamRow {
  model: number
  key: string
  value: string
}

interface LoggedModelTagRow {
  model: number
  key: string
  value: string
}

export interface LoggedModelMetricRow {
  model: number
  key: string
  step: number
  timestamp_ms: number
  /** 0 where `nan` is 1. */
  value: number
  nan: number
  /** Id of the run that logged it. */
  run: string
  /** Both empty when it is not about a dataset: SQL holds no two nulls equal. */
  dataset_name: string
  dataset_digest: string
}
