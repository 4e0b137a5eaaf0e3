import type { Generated } from 'kysely'
import type { ExperimentTables } from './experiment-tables.ts'
import type { LineageTables } from './lineage-tables.ts'
import type { PipelineTables } from './pipeline-tables.ts'
import type { RegistryTables } from './registry-tables.ts'
import type { RetrainingTables } from './retraining-tables.ts'

/**
 * The tables of `meta.db` as SQL sees them, one member per table; `migrations/` creates them. Times are microseconds,
 * flags 0 or 1; columns whose comment says JSON hold canonical JSON text.
 */
export interface MetadataTables
  extends RegistryTables,
    ExperimentTables,
    LineageTables,
    PipelineTables,
    RetrainingTables {
  settings: SettingRow
  definitions: DefinitionRow
  applied_definitions: AppliedDefinitionRow
  audit_entries: AuditRow
  runs: RunRow
  model_versions: ModelVersionRow
  version_decisions: VersionDecisionRow
  serving_history: ServingRow
  alerts: AlertRow
  monitor_windows: MonitorWindowRow
  quality_verdicts: QualityVerdictRow
  quality_profiles: QualityProfileRow
  source_states: SourceStateRow
  source_positions: SourcePositionRow
  source_runs: SourceRunRow
  source_rows: SourceRowRow
  batch_runs: BatchRunRow
  hand_rules: HandRuleRow
  prediction_overrides: PredictionOverrideRow
  load_tests: LoadTestRow
  objective_hours: ObjectiveHourRow
  simulations: SimulationRow
  artifact_files: ArtifactFileRow
}

export interface SimulationRow extends By {
  number: Generated<number>
  model: string
  at: number
  /** JSON */
  content: string
}

export interface LoadTestRow extends By {
  number: Generated<number>
  model: string
  version: number
  digest: string
  verdict: 'pass' | 'fail' | 'insufficient'
  at: number
  /** JSON */
  content: string
}

interface ArtifactFileRow {
  path: string
  digest: string
  /** Bytes. */
  size: number
  at: number
}

interface ObjectiveHourRow {
  model: string
  start: number
  /** JSON */
  minutes: string
}

export interface HandRuleRow extends By {
  number: Generated<number>
  model: string
  /** JSON */
  key: string
  decision: string
  reason: string
  at: number
  until: number | null
  revoked_at: number | null
  revoked_by_name: string | null
  revoked_by_asserted: number | null
  revoked_reason: string | null
}

export interface PredictionOverrideRow extends By {
  number: Generated<number>
  prediction: string
  model: string
  decision: string
  reason: string
  at: number
}

export interface QualityVerdictRow {
  number: Generated<number>
  scope: 'import' | 'source' | 'window' | 'features' | 'training' | 'serving' | 'batch' | 'asked'
  subject: string
  batch: string
  at: number
  rows: number
  rejected: number
  verdict: 'pass' | 'warn' | 'fail' | 'insufficient'
  /** JSON */
  results: string
}

interface QualityProfileRow {
  subject: string
  at: number
  rows: number
  /** JSON */
  columns: string
}

interface SettingRow {
  name: string
  /** JSON */
  value: string
}

interface DefinitionRow {
  digest: string
  /** JSON */
  content: string
  saved_at: number
}

/** Who did something: `by_asserted` is 1 when the name was claimed without a login. */
interface By {
  by_name: string
  by_asserted: number
}

interface AppliedDefinitionRow extends By {
  sequence: Generated<number>
  digest: string
  at: number
}

export interface AuditRow extends By {
  sequence: number
  at: number
  action: string
  target: string
  reason: string | null
  /** JSON */
  before: string | null
  /** JSON */
  after: string | null
  /** Digest of the entry before. */
  previous: string
  digest: string
}

export interface RunRow {
  number: Generated<number>
  model: string
  kind: 'train'
  status: 'running' | 'succeeded' | 'failed'
  started_at: number
  finished_at: number | null
  /** JSON */
  parameters: string
  seed: number
  /** JSON */
  metrics: string | null
  /** JSON */
  data: string | null
  /** JSON */
  environment: string | null
  /** JSON */
  error: string | null
  author_name: string
  author_asserted: number
}

export interface ModelVersionRow {
  model: string
  version: number
  digest: string
  variant: 'full' | 'without_windows'
  /** JSON */
  manifest: string
  /** JSON */
  attachments: string
  definition_digest: string
  /** JSON */
  evaluation: string
  /** JSON */
  gate: string | null
  run: number
  author_name: string
  author_asserted: number
  created_at: number
}

export interface VersionDecisionRow extends By {
  model: string
  version: number
  sequence: number
  decision: 'approve' | 'reject' | 'retire'
  reason: string | null
  at: number
}

export interface ServingRow extends By {
  model: string
  sequence: number
  version: number
  change: 'promote' | 'rollback'
  reason: string | null
  at: number
}

export interface AlertRow {
  number: Generated<number>
  model: string
  kind: string
  feature: string | null
  severity: 'page' | 'ticket'
  title: string
  /** JSON */
  evidence: string
  /** JSON */
  effect: string
  n: number
  runbook: string
  opened_at: number
  last_seen_at: number
  resolved_at: number | null
  acknowledged_by: string | null
}

export interface MonitorWindowRow {
  number: Generated<number>
  model: string
  version: number
  kind: 'service' | 'data' | 'prediction' | 'outcome'
  /** Empty when the window is not about one feature: SQL holds no two nulls equal. */
  feature: string
  window_start: number
  window_length: number
  /** JSON */
  payload: string
}

interface SourceStateRow {
  source: string
  /** JSON */
  state: string
}

interface SourcePositionRow {
  source: string
  /** Empty for a source that has one position. */
  part: string
  /** JSON */
  position: string
}

export interface SourceRunRow {
  number: Generated<number>
  source: string
  kind: 'schedule' | 'asked' | 'backfill'
  status: 'running' | 'succeeded' | 'partial' | 'failed'
  started_at: number
  finished_at: number | null
  turns: number
  received: number
  accepted: number
  duplicates: number
  rejected: number
  deleted: number
  /** The range of a backfill. */
  from_time: number | null
  to_time: number | null
  watermark: string | null
  /** JSON */
  error: string | null
  /** Offsets of the log that its events lie between, both inclusive; null while it has none. */
  first_offset: number | null
  last_offset: number | null
}

export interface BatchRunRow extends By {
  number: Generated<number>
  /** Name of the definition; empty of a run over files that somebody named. */
  batch: string
  model: string
  version: number
  kind: 'schedule' | 'asked' | 'file'
  status: 'running' | 'succeeded' | 'held' | 'failed' | 'cancelled'
  at: number
  log_offset: number
  started_at: number
  finished_at: number | null
  population: string
  destination: string
  /** JSON */
  report: string | null
  /** JSON */
  error: string | null
}

interface SourceRowRow {
  source: string
  id: string
  revision: number
  /** Of the content; empty of a row that was deleted. */
  digest: string
  /** JSON */
  row: string
  /** The run that saw it last. */
  seen: number
  /** Whether it is known to be in the log as it is here. */
  sent: number
}
