import { Buffer } from 'node:buffer'
import type { Value } from '../../src/core/data-type.ts'
import type {
  FeatureDefinition,
  FeaturesDefinition,
  StreamDefinition,
  Window,
} from '../../src/language/define/definitions.ts'
import type { Expression } from '../../src/language/expr/expression.ts'

/**
 * What every feature value is, said as plainly as possible: all rows are looked at for every answer, and arithmetic is
 * exact. The laws hold the kernel to it. It shares no code with the kernel or with the evaluation of expressions.
 */

/** An accepted event: at `position` in the log, known from `knownAt` on. */
export interface LawEvent {
  readonly id: string
  readonly entity: string
  readonly eventTime: number
  readonly knownAt: number
  readonly position: number
  readonly values: Readonly<Record<string, Value>>
}

/** One feature's value with its status. */
export interface Answer {
  readonly status: 'unknown_key' | 'empty' | 'null' | 'value'
  readonly value: Value
}

/** The vector of an entity at time t, from the events that the query can see. */
export function oracle(
  definition: FeaturesDefinition,
  stream: StreamDefinition,
  seen: readonly LawEvent[],
  entity: string,
  t: number,
): readonly Answer[] {
  const past = seen.filter((event) => event.entity === entity && event.eventTime < t).sort(order(stream))
  const horizon = definition.horizon === 'lifetime' ? -Infinity : t - definition.horizon
  const isKnown = past.some((event) => event.eventTime >= horizon)
  return Object.values(definition.select).map((feature) => {
    const rows = past
      .filter((event) => event.eventTime >= start(feature.window, t))
      .filter((event) => feature.where === undefined || evaluate(feature.where, event.values) === true)
    if (rows.length > 0) {
      const value = aggregate(feature, stream, rows, t)
      return { status: value === null ? 'null' : 'value', value }
    }
    const isCount = feature.aggregate === 'count' || feature.aggregate === 'distinct'
    return { status: isKnown ? 'empty' : 'unknown_key', value: isCount ? 0 : null }
  })
}

function start(window: Window, t: number): number {
  if (window.kind === 'lifetime') return -Infinity
  if (window.kind === 'exact') return t - window.length
  const from = t - window.length
  return from - (((from % window.hop) + window.hop) % window.hop)
}

function order(stream: StreamDefinition) {
  const sequence = (event: LawEvent) => (stream.sequence === undefined ? 0 : Number(event.values[stream.sequence] ?? 0))
  return (a: LawEvent, b: LawEvent) =>
    a.eventTime - b.eventTime || sequence(a) - sequence(b) || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
}

function aggregate(feature: FeatureDefinition, stream: StreamDefinition, rows: readonly LawEvent[], t: number): Value {
  if (feature.aggregate === 'count') return rows.length
  if (feature.aggregate === 'timeSinceLast') return (t - Math.max(...rows.map((row) => row.eventTime))) / 1e6
  const argument = feature.argument as Expression
  const values = rows.map((row) => evaluate(argument, row.values)).filter((value) => value !== null)
  if (feature.aggregate === 'distinct') return new Set(values).size
  if (values.length === 0) return null
  if (feature.aggregate === 'first') return values[0] as Value
  if (feature.aggregate === 'last') return values.at(-1) as Value
  const numbers = values.map(Number)
  const unit = argument.kind === 'column' ? 10 ** (stream.schema[argument.name]?.scale ?? 0) : 1
  const scaled = numbers.map((value) => value / unit)
  const n = values.length
  switch (feature.aggregate) {
    case 'sum':
      return nearest(sum(numbers.map(exact)), -1074)
    case 'min':
      return numbers.reduce((a, b) => Math.min(a, b))
    case 'max':
      return numbers.reduce((a, b) => Math.max(a, b))
    case 'mean':
    case 'share':
      return nearest(sum(scaled.map(exact)), -1074) / n
    case 'variance':
      return n < 2 ? null : variance(scaled)
    case 'stddev':
      return n < 2 ? null : Math.sqrt(variance(scaled))
  }
}

function variance(values: readonly number[]): number {
  const parts = values.map(exact)
  const total = sum(parts)
  const n = values.length
  return nearest(BigInt(n) * sum(parts.map((part) => part * part)) - total * total, -2148) / (n * (n - 1))
}

/** A double as a whole number of 2^-1074. */
export function exact(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const exponent = (raw >> 52n) & 2047n
  const fraction = raw & ((1n << 52n) - 1n)
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return value < 0 ? -size : size
}

/** The double nearest to value * 2^exponent, ties to even. */
export function nearest(value: bigint, exponent: number): number {
  if (value < 0n) return -nearest(-value, exponent)
  const excess = value.toString(2).length - 53
  if (excess <= 0) return Number(value) * 2 ** exponent
  const below = value & ((1n << BigInt(excess)) - 1n)
  const half = 1n << BigInt(excess - 1)
  const kept = value >> BigInt(excess)
  const up = below > half || (below === half && kept % 2n === 1n)
  return Number(up ? kept + 1n : kept) * 2 ** (excess + exponent)
}

function sum(parts: readonly bigint[]): bigint {
  return parts.reduce((a, b) => a + b, 0n)
}

/** The functions that generated definitions use. */
function evaluate(expression: Expression, row: Readonly<Record<string, Value>>): Value {
  if (expression.kind === 'column') return row[expression.name] ?? null
  if (expression.kind === 'literal') return expression.value
  const [a = null, b = null] = expression.arguments.map((argument) => evaluate(argument, row))
  switch (expression.function) {
    case 'isNull':
      return a === null
    case 'eq':
      return a === null || b === null ? null : a === b
    case 'gt':
      return a === null || b === null ? null : Number(a) > Number(b)
    case 'coalesce':
      return a ?? b
    case 'subtract':
      return a === null || b === null ? null : Number(a) - Number(b) + 0
    default:
      throw new Error(`The oracle does not know '${expression.function}'.`)
  }
}
