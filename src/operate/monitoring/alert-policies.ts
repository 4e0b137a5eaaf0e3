import type { AlertKind } from './alert-kinds.ts'
import type { PersistencePolicy } from './persistence.ts'

/** Two of three days to open, three good days to close: a single odd day changes nothing. */
export const days: PersistencePolicy = { bad: 2, of: 3, good: 3 }
/** Two of three minutes to open, a quarter of an hour to close. */
const minutes: PersistencePolicy = { bad: 2, of: 3, good: 15 }
const hours: PersistencePolicy = { bad: 2, of: 3, good: 3 }
/** A finding that is certain by itself. */
const atOnce: PersistencePolicy = { bad: 1, of: 1, good: 1 }

/** How long something must last before an alert opens, and be over before it closes. */
export const alertPolicies: Readonly<Record<AlertKind, PersistencePolicy>> = {
  // Each group of correlated features has a persistence of its own.
  data_drift: atOnce,
  missing_values: days,
  // One column is tested every day, against the few days that were held out.
  prediction_drift: { bad: 3, of: 4, good: 3 },
  label_coverage: days,
  // The judgement itself rests on several cohorts.
  performance_drop: { bad: 1, of: 1, good: 3 },
  latency_slo: minutes,
  error_rate: minutes,
  // Their rules look at two windows each: what they find is certain.
  budget_burning_fast: { bad: 1, of: 1, good: 5 },
  budget_burning: { bad: 1, of: 1, good: 30 },
  requests_lost: minutes,
  stream_rejects: hours,
  stream_stale: atOnce,
  source_failing: atOnce,
  source_changed: atOnce,
  source_stale: atOnce,
  source_volume: atOnce,
  quality_failed: atOnce,
  batch_failed: atOnce,
  batch_missed: atOnce,
  parity_mismatch: atOnce,
  scoring_behind: atOnce,
  predictions_shed: atOnce,
  retraining_waits: atOnce,
  test_alert: atOnce,
  retraining_failed: atOnce,
  retraining_held: atOnce,
  retraining_reverted: atOnce,
  sink_failing: atOnce,
}
