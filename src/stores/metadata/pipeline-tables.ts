import type { Generated } from 'kysely'

/** Tables of trainings in steps. */
export interface PipelineTables {
  pipeline_runs: PipelineRunRow
  pipeline_steps: PipelineStepRow
  pipeline_log: PipelineLogRow
  data_holds: DataHoldRow
}

interface PipelineRunRow {
  run: number
  /** JSON: what was asked for. */
  request: string
  /** JSON: the state of the data; null until it is pinned. */
  snapshot: string | null
  attempts: number
}

export interface PipelineStepRow {
  run: number
  step: string
  status: 'running' | 'done' | 'cached' | 'skipped' | 'failed'
  key: string | null
  /** JSON */
  files: string
  /** Where an output that was taken comes from. */
  from_run: string | null
  from_at: number | null
  started_at: number
  finished_at: number | null
}

interface PipelineLogRow {
  number: Generated<number>
  run: number
  at: number
  step: string
  text: string
}

/** A file of events that a version was trained on: it stays for as long as the version is to be rebuilt. */
interface DataHoldRow {
  digest: string
  model: string
  version: number
  stream: string
  rows: number
}
