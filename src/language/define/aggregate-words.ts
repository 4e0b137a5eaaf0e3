import { formatDuration } from '../../core/time.ts'
import type { AggregateParameters } from '../aggregate/aggregate.ts'
import type { AggregateName } from '../aggregate/registry.ts'

/** What an aggregate is in words, before `of` its argument, and what is said after it. */
type Words = readonly [words: string, after?: string]

/**
 * An aggregate of something in words.
 * @param of such as ` of delay_min`; empty for whole rows
 */
export function aggregateWords(name: AggregateName, parameters: AggregateParameters, of: string): string {
  const [words, after = ''] = wordsOf[name](parameters)
  return `${words}${of}${after}`
}

const wordsOf: Readonly<Record<AggregateName, (parameters: AggregateParameters) => Words>> = {
  count: () => ['number of rows'],
  sum: () => ['sum'],
  mean: () => ['mean'],
  min: () => ['smallest value'],
  max: () => ['largest value'],
  variance: () => ['sample variance'],
  stddev: () => ['sample standard deviation'],
  skewness: () => ['skewness'],
  kurtosis: () => ['excess kurtosis'],
  share: () => ['share'],
  rate: ({ per = 0 }) => [`number of rows per ${formatDuration(per)}`],
  first: () => ['first value'],
  last: () => ['last value'],
  nthFirst: ({ nth }) => [`${ordinal(nth)} value`],
  nthLast: ({ nth }) => [`${placed(nth)}last value`],
  nthLargest: ({ nth }) => [`${placed(nth)}largest value`],
  nthSmallest: ({ nth }) => [`${placed(nth)}smallest value`],
  timeSinceLast: () => ['seconds since the last row'],
  distinct: () => ['number of different values'],
  approximateDistinct: ({ precision = 0 }) => [
    'number of different values',
    `, within about ${((104 / 2 ** (precision / 2)) * 2).toFixed(1)} %`,
  ],
  nthDistinct: ({ nth }) => [`${ordinal(nth)} of the different values`, ', in ascending order,'],
  nthMostFrequent: ({ nth }) => [`${placed(nth)}most frequent value`],
  nthMostFrequentCount: ({ nth }) => [`number of rows with the ${placed(nth)}most frequent value`],
  quantile: ({ quantile }) => [`${quantile} quantile`],
  approximateQuantile: ({ quantile }) => [`${quantile} quantile`, ', within 1 %'],
  bucketCount: ({ edges = [], bucket = 0 }) => ['number of values', between(edges[bucket - 1], edges[bucket])],
  decayedSum: (parameters) => ['decayed sum', decay(parameters)],
  decayedMean: (parameters) => ['decayed mean', decay(parameters)],
}

/** `2nd `, and nothing for the first one. */
function placed(nth = 1): string {
  return nth === 1 ? '' : `${ordinal(nth)} `
}

function ordinal(nth = 1): string {
  const isTeen = nth % 100 > 10 && nth % 100 < 14
  return `${nth}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][nth % 10] ?? 'th')}`
}

function between(low: number | undefined, high: number | undefined): string {
  if (low === undefined) return ` below ${high}`
  return high === undefined ? ` from ${low}` : ` from ${low} to below ${high}`
}

function decay({ hop = 0, weights = [] }: AggregateParameters): string {
  const last = weights.at(-1) ?? 0
  return ` (weights from ${weights[0]} to ${Number(last.toPrecision(2))} in ${weights.length} tiles of ${formatDuration(hop)})`
}
