import { Buffer } from 'node:buffer'
import type { Value } from '../../src/core/data-type.ts'
import { hashOfNumber, hashOfText } from '../../src/core/math/hash.ts'
import type { AggregateName } from '../../src/language/aggregate/registry.ts'
import type { FeatureDefinition, StreamDefinition } from '../../src/language/define/definitions.ts'
import type { Expression } from '../../src/language/expr/expression.ts'
import type { LawEvent } from './oracle.ts'
import { evaluate } from './oracle-expressions.ts'
import { estimateOf, exact, nearest, nearestQuotient, nearestRoot, total } from './oracle-numbers.ts'

/** The rows of a window under a feature's condition, in the order of events; t is where the window ends. */
interface WindowRows {
  readonly feature: FeatureDefinition
  readonly stream: StreamDefinition
  readonly rows: readonly LawEvent[]
  readonly t: number
  /** Where the window begins. */
  readonly from: () => number
}

/** What each aggregate is, of no rows too: null is no value. */
export const meanings: Readonly<Record<AggregateName, (window: WindowRows) => Value>> = {
  count: ({ rows }) => rows.length,
  timeSinceLast: ({ rows, t }) => (rows.length === 0 ? null : (t - (rows.at(-1) as LawEvent).eventTime) / 1e6),
  distinct: (window) => new Set(valuesOf(window)).size,
  first: (window) => valuesOf(window)[0] ?? null,
  last: (window) => valuesOf(window).at(-1) ?? null,
  min: (window) => valuesOf(window).reduce<number | null>((a, b) => Math.min(a ?? Infinity, Number(b)), null),
  max: (window) => valuesOf(window).reduce<number | null>((a, b) => Math.max(a ?? -Infinity, Number(b)), null),
  sum: (window) => {
    const values = valuesOf(window)
    return values.length === 0 ? null : roundedSum(values.map(Number))
  },
  mean,
  share: mean,
  variance,
  stddev: (window) => {
    const squared = variance(window)
    return squared === null ? null : Math.sqrt(squared)
  },
  skewness: (window) => {
    const [count, second, third] = centralSums(window)
    if (second === 0n) return null
    const size = nearestRoot(count * third * third, second ** 3n)
    return third < 0n ? -size : size
  },
  kurtosis: (window) => {
    const [count, second, , fourth] = centralSums(window)
    return second === 0n ? null : nearestQuotient(count * fourth - 3n * second * second, second * second)
  },
  rate: ({ feature, rows, from, t }) =>
    rows.length === 0 ? 0 : (rows.length * (feature.parameters?.per ?? 0)) / (t - from()),
  nthFirst: (window) => valuesOf(window)[nthOf(window) - 1] ?? null,
  nthLast: (window) => valuesOf(window).at(-nthOf(window)) ?? null,
  nthLargest: (window) => valuesOf(window).toSorted(byValue).at(-nthOf(window)) ?? null,
  nthSmallest: (window) => valuesOf(window).toSorted(byValue)[nthOf(window) - 1] ?? null,
  nthDistinct: (window) => [...new Set(valuesOf(window))].sort(byValue)[nthOf(window) - 1] ?? null,
  nthMostFrequent: (window) => byFrequency(window)[nthOf(window) - 1]?.[0] ?? null,
  nthMostFrequentCount: (window) => byFrequency(window)[nthOf(window) - 1]?.[1] ?? null,
  bucketCount: (window) => {
    const { edges = [], bucket = 0 } = window.feature.parameters ?? {}
    const low = edges[bucket - 1] ?? -Infinity
    const high = edges[bucket] ?? Infinity
    return numbersOf(window).filter((value) => value >= low && value < high).length
  },
  quantile: (window) => {
    const values = numbersOf(window).toSorted((a, b) => a - b)
    if (values.length === 0) return null
    const place = (values.length - 1) * (window.feature.parameters?.quantile ?? 0)
    const below = Math.floor(place)
    const [low, high] = [values[below] as number, values[below + 1] ?? (values[below] as number)]
    const unit = 1n << 1074n
    return nearest(exact(low) * unit + exact(place - below) * (exact(high) - exact(low)), -2148)
  },
  approximateQuantile: (window) => {
    const values = numbersOf(window).toSorted((a, b) => a - b)
    const value = values[Math.floor((values.length - 1) * (window.feature.parameters?.quantile ?? 0))]
    if (value === undefined || value === 0) return value ?? null
    const size = Math.abs(value)
    let octave = 1
    while (octave * 2 <= size) octave *= 2
    while (octave > size) octave /= 2
    const width = octave / 64
    return Math.sign(value) * (octave + Math.floor((size - octave) / width) * width + width / 2)
  },
  approximateDistinct: (window) => {
    const { precision = 0 } = window.feature.parameters ?? {}
    const registers = new Array<number>(2 ** precision).fill(0)
    for (const value of valuesOf(window)) {
      const hash = (seed: number) =>
        typeof value === 'string' ? hashOfText(value, seed) : hashOfNumber(Number(value), seed)
      const register = hash(0x2545f491) >>> (32 - precision)
      const rank = hash(0x9e3779b9).toString(2).padStart(32, '0').indexOf('1')
      registers[register] = Math.max(registers[register] as number, rank === -1 ? 33 : rank + 1)
    }
    return Math.round(estimateOf(registers))
  },
  decayedSum: (window) => {
    const tiles = tilesOf(window)
    return tiles.length === 0 ? null : tiles.reduce((sum, tile) => sum + tile.weight * roundedSum(tile.values), 0)
  },
  decayedMean: (window) => {
    const tiles = tilesOf(window)
    const weight = tiles.reduce((sum, tile) => sum + tile.weight * tile.values.length, 0)
    return weight === 0 ? null : tiles.reduce((sum, tile) => sum + tile.weight * roundedSum(tile.values), 0) / weight
  },
}

function nthOf({ feature }: WindowRows): number {
  return feature.parameters?.nth ?? 0
}

function byValue(a: NonNullable<Value>, b: NonNullable<Value>): number {
  return typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : Number(a) - Number(b)
}

/** Values with their numbers of rows, the most frequent first. */
function byFrequency(window: WindowRows): readonly (readonly [NonNullable<Value>, number])[] {
  const values = valuesOf(window)
  return [...new Set(values)]
    .map((value) => [value, values.filter((other) => other === value).length] as const)
    .sort((a, b) => b[1] - a[1] || byValue(a[0], b[0]))
}

/** Tiles that have values and a weight, the oldest first. */
function tilesOf(window: WindowRows): readonly { readonly weight: number; readonly values: readonly number[] }[] {
  const { hop = 1, weights = [] } = window.feature.parameters ?? {}
  const { rows, t } = window
  return weights
    .map((weight, age) => {
      const tile = rows.filter((row) => Math.floor(t / hop) - Math.floor(row.eventTime / hop) === age)
      return { weight, values: numbersOf({ ...window, rows: tile }) }
    })
    .filter(({ values }) => values.length > 0)
    .reverse()
}

/** n, and the sums of the second, third and fourth powers of n times each value's difference from the mean. */
function centralSums(window: WindowRows): readonly [bigint, bigint, bigint, bigint] {
  // All values are whole multiples of 2^-252.
  const parts = numbersOf(window).map((value) => exact(value) >> 822n)
  const count = BigInt(parts.length)
  const sum = total(parts)
  const differences = parts.map((part) => count * part - sum)
  const power = (exponent: bigint) => total(differences.map((difference) => difference ** exponent))
  return [count, power(2n), power(3n), power(4n)]
}

/** The argument's values that are not null. */
function valuesOf({ feature, rows }: WindowRows): readonly NonNullable<Value>[] {
  const values = rows.map((row) => evaluate(feature.argument as Expression, row.values))
  return values.filter((value) => value !== null)
}

/** The argument's values as numbers: a decimal is no longer in units. */
function numbersOf(window: WindowRows): readonly number[] {
  const { feature, stream } = window
  const unit = feature.argument?.kind === 'column' ? 10 ** (stream.schema[feature.argument.name]?.scale ?? 0) : 1
  return valuesOf(window).map((value) => Number(value) / unit)
}

function roundedSum(values: readonly number[]): number {
  return nearest(total(values.map(exact)), -1074)
}

function mean(window: WindowRows): number | null {
  const values = numbersOf(window)
  return values.length === 0 ? null : roundedSum(values) / values.length
}

function variance(window: WindowRows): number | null {
  const parts = numbersOf(window).map(exact)
  const n = parts.length
  if (n < 2) return null
  const sum = total(parts)
  return nearest(BigInt(n) * total(parts.map((part) => part * part)) - sum * sum, -2148) / (n * (n - 1))
}
