import { asTruelineError } from '../../core/errors.ts'
import { SECOND } from '../../core/time.ts'
import { freshnessOf, isDegraded } from '../../data/features/freshness.ts'
import type { RetrainingHost } from '../api/retraining-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { groupsInForce } from './kept-definitions.ts'
import { addObjectiveMetrics } from './metrics-objectives.ts'
import { addPredictionMetrics } from './metrics-predictions.ts'
import { addRetrainingMetrics } from './metrics-retraining.ts'
import { addStreamMetrics } from './metrics-streaming.ts'
import type { PastVectors } from './past-vectors.ts'

type Labels = Readonly<Record<string, string>>
export type Sample = readonly [labels: Labels, value: number]

/** Figures that are at hand, or that are read first. */
type Samples = () => Iterable<Sample> | Promise<Iterable<Sample>>

/** Adds a family of figures, taken at the moment of a scrape. */
export type MetricFamily = (name: string, help: string, labelNames: string[], samples: Samples) => void

/**
 * Figures of prom-client that list the process's handles and requests one by one, which ends the whole process when one
 * of them is just being collected (`AsyncWrap::GetOwner`, Assertion failed: !obj.IsEmpty()). `nodejs_active_resources`
 * counts the same things by type and leaves such a one out.
 */
const PERILOUS = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
]

/** The figures of a platform for Prometheus. */
interface Metrics {
  /** Begins to measure the process, and reads nothing yet. */
  measure(): Promise<void>
  /**
   * The text of /metrics: the process's own figures, since it is measured, and ours, taken at the moment of a scrape. A
   * family whose figures cannot be read is left out, which is logged once until they can be.
   */
  text(): Promise<string>
}

/** @param retraining how the retraining of each model stands */
export function createMetrics(parts: Parts, past: PastVectors, retraining: RetrainingHost['status']): Metrics {
  let figures: ReturnType<typeof describeMetrics> | undefined
  function described(): ReturnType<typeof describeMetrics> {
    figures ??= describeMetrics(parts, past, retraining)
    return figures
  }
  return {
    async measure() {
      await described()
    },
    async text() {
      const { registry } = await described()
      return await registry.metrics()
    },
  }
}

/** Loaded when somebody wants to know: most commands are over before. */
async function describeMetrics(parts: Parts, past: PastVectors, retraining: RetrainingHost['status']) {
  const { Counter, collectDefaultMetrics, Gauge, Registry } = await import('prom-client')
  const { project, servings, log, audits, parity, monitors, sources, clock, logger } = parts
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of PERILOUS) registry.removeSingleMetric(name)

  const unread = new Set<string>()

  /** The figures of a family; none when they cannot be read, so that the others are still told. */
  async function taken(name: string, samples: Samples): Promise<Iterable<Sample>> {
    try {
      const read = await samples()
      unread.delete(name)
      return read
    } catch (thrown) {
      const { code, message } = asTruelineError(thrown)
      if (!unread.has(name)) logger.error({ metric: name, code }, `A metric cannot be read: ${message}`)
      unread.add(name)
      return []
    }
  }

  function counter(name: string, help: string, labelNames: string[], samples: Samples): void {
    new Counter({
      ...{ name, help, labelNames, registers: [registry] },
      async collect() {
        const figures = await taken(name, samples)
        this.reset()
        // A family without labels is 0 then, which is a figure, too.
        if (labelNames.length === 0 && unread.has(name)) this.remove()
        for (const [labels, value] of figures) this.inc(labels, value)
      },
    })
  }

  function gauge(name: string, help: string, labelNames: string[], samples: Samples): void {
    new Gauge({
      ...{ name, help, labelNames, registers: [registry] },
      async collect() {
        const figures = await taken(name, samples)
        this.reset()
        if (labelNames.length === 0 && unread.has(name)) this.remove()
        for (const [labels, value] of figures) this.set(labels, value)
      },
    })
  }

  const streams = Object.keys(project.streams)
  // A counter must not fall, so rows that were mended stay among the rejected ones, and are counted on their own.
  counter(
    'trueline_stream_rows_total',
    'Rows of a stream by what became of them: received + mended = accepted + duplicates + rejected',
    ['stream', 'outcome'],
    () =>
      streams.flatMap((stream) => {
        const { rejected, ...counts } = log.conservation(stream)
        return Object.entries({ ...counts, rejected: rejected + counts.mended }).map(
          ([outcome, count]): Sample => [{ stream, outcome }, count],
        )
      }),
  )
  gauge('trueline_dead_letters_open', 'Rows that were rejected and wait for a decision', ['stream', 'code'], () =>
    log.deadLetters({ state: 'open', limit: 0 }).groups.map(({ stream, code, count }) => [{ stream, code }, count]),
  )
  gauge('trueline_source_failures', 'Failures of a source in a row', ['source'], () =>
    sources.list().map(({ name, failures }): Sample => [{ source: name }, failures]),
  )
  gauge('trueline_source_newest_row_age_seconds', 'Time since a source brought a new row', ['source'], () =>
    sources.list().flatMap(({ name, lag }): Sample[] => (lag === undefined ? [] : [[{ source: name }, lag / SECOND]])),
  )
  gauge('trueline_features_age_seconds', 'Time since the newest event of a group became known', ['group'], () =>
    groupsInForce(parts).flatMap((group): Sample[] => {
      const { age } = freshnessOf(group, clock.now())
      return age === undefined ? [] : [[{ group: group.definition.name }, age / SECOND]]
    }),
  )
  gauge('trueline_features_degraded', '1 for a group that is older than it promises', ['group'], () =>
    groupsInForce(parts).map((group) => [{ group: group.definition.name }, Number(isDegraded(group, clock.now()))]),
  )
  counter('trueline_predictions_total', 'Predictions answered since the start', ['model'], () =>
    Array.from(servings, ([model, { counts }]): Sample => [{ model }, counts.predictions]),
  )
  counter('trueline_prediction_failures_total', 'Rows that got an error instead of a prediction', ['model'], () =>
    Array.from(servings, ([model, { counts }]): Sample => [{ model }, counts.failures]),
  )
  gauge('trueline_serving_version', 'The version that serves', ['model'], () =>
    [...servings].flatMap(([model, { served }]): Sample[] =>
      served === undefined ? [] : [[{ model }, served.version]],
    ),
  )
  gauge(
    'trueline_prediction_latency_seconds',
    'Latency of the scoring path for a row, whatever number of them a request has, since the start',
    ['model', 'quantile'],
    () =>
      [...servings].flatMap(([model, { counts }]) =>
        [0.5, 0.99].flatMap((quantile): Sample[] => {
          const latency = counts.latencies.quantile(quantile)
          return latency === undefined ? [] : [[{ model, quantile: String(quantile) }, latency / 1e6]]
        }),
      ),
  )
  const ofMonitors = (count: 'late' | 'unjudged') => (): Sample[] =>
    Object.keys(project.models).flatMap((model): Sample[] => {
      const monitor = monitors.of(model)
      return monitor === undefined ? [] : [[{ model }, monitor.state(clock.now())[count]]]
    })
  counter(
    'trueline_outcomes_late_total',
    'Outcomes and corrections that came after their cohort was judged',
    ['model'],
    ofMonitors('late'),
  )
  counter(
    'trueline_outcomes_lost_total',
    'Predictions whose mature outcomes could not be measured',
    ['model'],
    ofMonitors('unjudged'),
  )
  counter('trueline_parity_checked_total', 'Served vectors that the parity audit recomputed', [], () => [
    [{}, audits.checked],
  ])
  counter('trueline_parity_mismatches_total', 'Served vectors that differed when recomputed', [], () => [
    [{}, audits.mismatches],
  ])
  gauge(
    'trueline_parity_feature_mismatch_ratio',
    'Share of the recomputed values of a feature that differed within a day',
    ['model', 'feature'],
    () =>
      Object.keys(project.models).flatMap((model) =>
        parity
          .lastDay(model, clock.now())
          .map(({ feature, checked, mismatches }): Sample => [{ model, feature }, mismatches / checked]),
      ),
  )
  addObjectiveMetrics(parts, gauge)
  addPredictionMetrics(parts, counter, gauge)
  addStreamMetrics(parts, counter, gauge)
  addRetrainingMetrics(parts, retraining, counter, gauge)
  const { counts, waiting } = parts.protection
  gauge('trueline_requests_waiting', 'Requests for predictions that wait or are being answered', [], () => [
    [{}, waiting.requests],
  ])
  gauge('trueline_requests_waiting_bytes', 'Bytes of their bodies', [], () => [[{}, waiting.bytes]])
  counter('trueline_requests_refused_total', 'Requests that were refused, by why', ['reason'], () => [
    [{ reason: 'overloaded' }, counts.shed],
    [{ reason: 'rate_limited' }, counts.rateLimited],
  ])
  counter('trueline_requests_late_total', 'Requests that got no prediction before their deadline', [], () => [
    [{}, counts.deadlineExceeded],
  ])
  gauge('trueline_history_breaker_open', '1 while the history is left alone', [], () => [
    [{}, Number(past.breaker.state !== 'closed')],
  ])
  counter('trueline_history_breaker_opened_total', 'Times that the history was left alone', [], () => [
    [{}, past.breaker.counts.opened],
  ])
  counter('trueline_history_breaker_refused_total', 'Questions to the history that were refused meanwhile', [], () => [
    [{}, past.breaker.counts.refused],
  ])
  return { registry }
}
