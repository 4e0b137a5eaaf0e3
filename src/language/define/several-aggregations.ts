import type { DataTypeName } from '../../core/data-type.ts'
import {
  type AnySource,
  type Draft,
  type NumberSource,
  type Places,
  placed,
  type SeveralAggregations,
  type SourceNeeds,
  severalPending,
} from './aggregation.ts'
import type { Numeric, Ordered } from './requirement.ts'
import { expressionOf } from './terms.ts'

// Each of these makes several features of one name: `name_1`, `name_2`, and so on. They share one state.

/** The `count` largest values, the largest one first; values that come twice are there twice. */
export function topK<const X extends NumberSource, const Count extends number>(
  source: X,
  count: Count,
): SeveralAggregations<SourceNeeds<X, Ordered>, Places<Count>> {
  const argument = expressionOf(source)
  return severalPending(placed(count, (nth) => ({ aggregate: 'nthLargest', argument, parameters: { nth } })))
}

/** The `count` smallest values, the smallest one first; values that come twice are there twice. */
export function bottomK<const X extends NumberSource, const Count extends number>(
  source: X,
  count: Count,
): SeveralAggregations<SourceNeeds<X, Ordered>, Places<Count>> {
  const argument = expressionOf(source)
  return severalPending(placed(count, (nth) => ({ aggregate: 'nthSmallest', argument, parameters: { nth } })))
}

/**
 * The `count` values that come most often, in that order (the lower one first where two come equally often), and how many
 * rows have each: `name_1` and `name_1_count`.
 */
export function mostFrequent<const X extends AnySource, const Count extends number>(
  source: X,
  count: Count,
): SeveralAggregations<SourceNeeds<X, DataTypeName>, Places<Count> | `${Places<Count>}_count`> {
  const argument = expressionOf(source)
  const values = placed(count, (nth) => ({ aggregate: 'nthMostFrequent', argument, parameters: { nth } }))
  const counts = placed(count, (nth) => ({ aggregate: 'nthMostFrequentCount', argument, parameters: { nth } }))
  return severalPending({
    ...values,
    ...Object.fromEntries(Object.entries(counts).map(([nth, draft]) => [`${nth}_count`, draft])),
  })
}

/** The first `count` of the different values in their own order: numbers by size, texts by their UTF-8 bytes. */
export function uniqueValues<const X extends AnySource, const Count extends number>(
  source: X,
  count: Count,
): SeveralAggregations<SourceNeeds<X, DataTypeName>, Places<Count>> {
  const argument = expressionOf(source)
  return severalPending(placed(count, (nth) => ({ aggregate: 'nthDistinct', argument, parameters: { nth } })))
}

/**
 * How many values are in each bucket: `name_0` counts those below the first edge, `name_1` those from the first edge to
 * below the second, and the last one those from the last edge on.
 * @example histogram('delay_min', [0, 15, 60]).over('7d', { hop: '1h' })
 */
export function histogram<const X extends NumberSource, const Edges extends readonly number[]>(
  source: X,
  edges: Edges,
): SeveralAggregations<SourceNeeds<X, Numeric>, '0' | Places<Edges['length']>> {
  const argument = expressionOf(source)
  const drafts = Array.from({ length: edges.length + 1 }, (_, bucket): [string, Draft] => [
    String(bucket),
    { aggregate: 'bucketCount', argument, parameters: { edges, bucket } },
  ])
  return severalPending(Object.fromEntries(drafts))
}

/**
 * Quantiles of all values, each under its own name; see `quantile`.
 * @example quantiles('delay_min', { p50: 0.5, p90: 0.9 }).over('1d') // name_p50, name_p90
 */
export function quantiles<const X extends NumberSource, const Parts extends Readonly<Record<string, number>>>(
  source: X,
  parts: Parts,
): SeveralAggregations<SourceNeeds<X, Numeric>, keyof Parts & string> {
  const argument = expressionOf(source)
  const drafts = Object.entries(parts).map(([name, part]): [string, Draft] => [
    name,
    { aggregate: 'quantile', argument, parameters: { quantile: part } },
  ])
  return severalPending(Object.fromEntries(drafts))
}
