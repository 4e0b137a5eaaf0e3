/** A page wakes somebody; a ticket waits for the morning. */
export type Severity = 'page' | 'ticket'

/**
 * Every kind of alert, once: how urgent it is and what it means. Each has a page `docs/runbooks/<kind>.md`; a test holds
 * the two together. Outcomes and service page, because people feel them; drift only opens a ticket, because most of it
 * harms nobody.
 */
export const alertKinds = {
  data_drift: { severity: 'ticket', meaning: 'Inputs of the model are distributed differently than in training.' },
  missing_values: { severity: 'ticket', meaning: 'An input of the model is missing more often than in training.' },
  prediction_drift: { severity: 'ticket', meaning: 'Scores are distributed differently than in training.' },
  performance_drop: {
    severity: 'page',
    meaning: 'On mature outcomes the model is worse than its evaluation promised.',
  },
  label_coverage: { severity: 'ticket', meaning: 'Fewer predictions get an outcome than in training.' },
  latency_slo: { severity: 'page', meaning: 'More answers are slow than the latency objective allows.' },
  error_rate: { severity: 'page', meaning: 'More predictions fail than the availability objective allows.' },
  budget_burning_fast: {
    severity: 'page',
    meaning: 'The error budget of an objective is being used up within days.',
  },
  budget_burning: {
    severity: 'ticket',
    meaning: 'The error budget of an objective is being used up before its window is over.',
  },
  scoring_behind: {
    severity: 'page',
    meaning: "Events of a model's stream wait to be scored for longer than promised.",
  },
  requests_lost: { severity: 'page', meaning: 'Requests for predictions are refused or answered too late.' },
  stream_stale: { severity: 'ticket', meaning: 'A stream has brought no event for longer than it ever pauses.' },
  stream_rejects: { severity: 'ticket', meaning: 'A stream rejects more rows than usual.' },
  source_failing: { severity: 'ticket', meaning: 'A source, or a part of it, cannot be read.' },
  source_changed: { severity: 'ticket', meaning: 'A source has other columns than its rows were taken by.' },
  source_stale: { severity: 'ticket', meaning: 'A source has brought no new row for longer than it promises.' },
  source_volume: { severity: 'ticket', meaning: 'A source brought fewer or more new rows than it promises.' },
  quality_failed: { severity: 'ticket', meaning: 'A batch of rows breaches the checks of its stream or model.' },
  batch_failed: { severity: 'ticket', meaning: 'A population was not scored, or its scores were held back.' },
  batch_missed: { severity: 'ticket', meaning: 'A population was not scored when its schedule said.' },
  parity_mismatch: { severity: 'page', meaning: 'A served feature value differs from the one replayed from the log.' },
  predictions_shed: {
    severity: 'page',
    meaning: 'Predictions were answered and not logged: the disk is too slow, or full.',
  },
  retraining_waits: { severity: 'ticket', meaning: 'A retrained candidate waits for somebody to decide on it.' },
  retraining_failed: { severity: 'ticket', meaning: 'A training that the policy of a model asked for has failed.' },
  retraining_held: {
    severity: 'ticket',
    meaning: 'New rows look so different that continuous learning does not learn from them.',
  },
  retraining_reverted: {
    severity: 'ticket',
    meaning: 'A version that was promoted unasked was worse than the one before it, and was taken back.',
  },
  sink_failing: {
    severity: 'ticket',
    meaning: 'The receiver of predictions refuses some of them for good, or takes none.',
  },
  test_alert: {
    severity: 'ticket',
    meaning: 'Somebody tests whether alerts reach whoever is meant to look after them.',
  },
} as const satisfies Record<string, { severity: Severity; meaning: string }>

export type AlertKind = keyof typeof alertKinds

/** Where the package keeps the page that says what to do about alerts of this kind. */
export function runbookOf(kind: AlertKind): string {
  return `docs/runbooks/${kind}.md`
}
