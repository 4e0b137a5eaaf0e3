import { SECOND } from '../../core/time.ts'
import type { StreamScoringListing } from '../api/streaming-answers.ts'
import type { Parts } from './assemble-platform.ts'
import type { MetricFamily, Sample } from './metrics.ts'

/** Figures of the models that are scored for the events of their streams. */
export function addStreamMetrics(
  { streaming }: Pick<Parts, 'streaming'>,
  counter: MetricFamily,
  gauge: MetricFamily,
): void {
  const each = (value: (listing: StreamScoringListing) => number) => (): Sample[] =>
    streaming.list().map((listing): Sample => [{ model: listing.model }, value(listing)])
  counter(
    'trueline_stream_scoring_events_total',
    'Events of a model’s stream by what became of them: received = scored + rejected + passed',
    ['model', 'outcome'],
    () =>
      streaming
        .list()
        .flatMap(({ model, received, scored, rejected, passed, fallbacks }) =>
          Object.entries({ received, scored, rejected, passed, fallbacks }).map(
            ([outcome, count]): Sample => [{ model, outcome }, count],
          ),
        ),
  )
  gauge(
    'trueline_stream_scoring_behind',
    'Events that wait to be scored',
    ['model'],
    each(({ behind }) => behind),
  )
  gauge(
    'trueline_stream_scoring_lag_seconds',
    'How long the oldest event has waited to be scored',
    ['model'],
    each(({ lag }) => lag / SECOND),
  )
  gauge(
    'trueline_stream_scoring_paused',
    '1 for a model whose stream is not consumed by intent',
    ['model'],
    each(({ state }) => Number(state === 'paused')),
  )
}
