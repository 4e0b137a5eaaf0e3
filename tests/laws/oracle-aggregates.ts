import type { Value } from '../../src/core/data-type.ts'
import type { AggregateName } from '../../src/language/aggregate/registry.ts'
import type { FeatureDefinition, StreamDefinition } from '../../src/language/define/definitions.ts'
import type { Expression } from '../../src/language/expr/expression.ts'
import type { LawEvent } from './oracle.ts'
import { evaluate } from './oracle-expressions.ts'
import { exact, nearest, total } from './oracle-numbers.ts'

/** The rows of a window under a feature's condition, in the order of events; t is where the window ends. */
interface WindowRows {
  readonly feature: FeatureDefinition
  readonly stream: StreamDefinition
  readonly rows: readonly LawEvent[]
  readonly t: number
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
