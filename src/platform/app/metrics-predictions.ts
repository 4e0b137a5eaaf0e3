import { SECOND } from '../../core/time.ts'
import type { Parts } from './assemble-platform.ts'
import type { MetricFamily, Sample } from './metrics.ts'

/** Figures of the prediction log: what went into it, what did not, how far behind it is, and what it takes on disk. */
export function addPredictionMetrics(
  { project, servings, predictions, shed, unsampled, sink, clock }: Parts,
  counter: MetricFamily,
  gauge: MetricFamily,
): void {
  const models = Object.keys(project.models)
  counter('trueline_predictions_appended_total', 'Predictions handed to the log since the start', ['model'], () =>
    Array.from(servings, ([model, { counts }]): Sample => [{ model }, counts.appended]),
  )
  counter(
    'trueline_predictions_not_logged_total',
    'Predictions that were answered and could not be logged, so cannot be verified',
    ['model'],
    () => models.map((model): Sample => [{ model }, shed.count(model)]),
  )
  counter(
    'trueline_predictions_unsampled_total',
    'Predictions that are not of the sample that is logged',
    ['model'],
    () => models.map((model): Sample => [{ model }, unsampled.count(model)]),
  )
  gauge(
    'trueline_prediction_log_lag_seconds',
    'Age of the oldest prediction that was answered and is not on disk',
    ['model'],
    () =>
      Array.from(servings, ([model, { oldestPending }]): Sample => {
        const now = clock.now()
        return [{ model }, Math.max(0, now - (oldestPending ?? now)) / SECOND]
      }),
  )
  gauge('trueline_prediction_log_bytes', 'What predictions take on disk', ['place'], () => {
    const { log, lake } = predictions.state()
    return [
      [{ place: 'log' }, log.bytes],
      [{ place: 'lake' }, lake.bytes],
    ]
  })
  gauge('trueline_prediction_log_rows', 'Predictions that are kept', ['place'], () => {
    const { log, lake } = predictions.state()
    return [
      [{ place: 'log' }, log.rows],
      [{ place: 'lake' }, lake.rows],
    ]
  })
  if (sink !== undefined) {
    gauge('trueline_prediction_sink_lag_seconds', 'Age of the oldest prediction that waits to be delivered', [], () => [
      [{}, Math.max(0, clock.now() - (sink.state.oldest ?? clock.now())) / SECOND],
    ])
    counter('trueline_prediction_sink_delivered_total', 'Events delivered since the start', [], () => [
      [{}, sink.state.delivered],
    ])
    counter('trueline_prediction_sink_skipped_total', 'Events that the receiver refused for good', [], () => [
      [{}, sink.state.skipped],
    ])
    counter(
      'trueline_prediction_sink_missed_total',
      'Predictions that were removed from the log before the receiver had taken them',
      [],
      () => [[{}, sink.state.missed]],
    )
    gauge('trueline_prediction_sink_failures', 'Attempts that failed in a row', [], () => [[{}, sink.state.failures]])
  }
  counter('trueline_predictions_removed_total', 'Predictions that are not kept any more', ['model', 'reason'], () =>
    predictions.state().removed.map(({ model, reason, rows }): Sample => [{ model, reason }, rows]),
  )
}
