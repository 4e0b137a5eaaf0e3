import { type DataTypeName, LARGEST_NUMBER, SMALLEST_NUMBER, type Value } from '../../core/data-type.ts'
import { zoneOffsets } from '../../core/zones/zones.ts'
import { dayOfMonthOf, dayOfWeekOf, hourOf, minuteOf, monthOf } from './calendar.ts'
import {
  bools,
  choosing,
  comparing,
  equating,
  membership,
  numbersOrSpan,
  oneNumber,
  oneOrderedType,
  oneType,
  type ResultType,
  twoNumbers,
} from './signatures.ts'

/**
 * One function of the expression language. Values are encoded as doubles: null is NaN, a bool 0 or 1, a string its code
 * in the dictionary, a timestamp microseconds. Decimals reach a function as numbers.
 */
export type ScalarFunction = Signature & Evaluation

interface Signature {
  readonly result: ResultType
  /** What it takes, in words, for errors. */
  readonly takes: string
  /** `strict`: null when any argument is null. `own`: `apply` is given nulls (NaN) and deals with them. */
  readonly nulls: 'strict' | 'own'
}

type Unary = (a: number) => number
type Binary = (a: number, b: number) => number

type Evaluation =
  | { readonly form: 'unary'; readonly apply: Unary }
  | { readonly form: 'binary'; readonly apply: Binary }
  | { readonly form: 'ternary'; readonly apply: (a: number, b: number, c: number) => number }
  /** Two arguments or more, folded from the left. */
  | { readonly form: 'fold'; readonly apply: Binary }
  /** All arguments after the first are literals other than null, known when the expression is compiled. */
  | { readonly form: 'literals'; readonly prepare: (literals: readonly Literal[]) => Unary }

/** A literal argument: its value, and the value encoded. */
export interface Literal {
  readonly value: Value
  readonly encoded: number
}

/** Every function by name: what the language can say about one row. */
export const functions = {
  add: arithmetic((a, b) => a + b),
  subtract: { ...arithmetic((a, b) => a - b), takes: 'two numbers or two timestamps', result: numbersOrSpan },
  multiply: arithmetic((a, b) => a * b),
  divide: {
    ...arithmetic((a, b) => (b === 0 ? Number.NaN : a / b)),
    result: (types) => twoNumbers(types) && 'number',
  },
  abs: { takes: 'one number', nulls: 'strict', result: oneNumber, form: 'unary', apply: Math.abs },
  minimum: extreme(Math.min),
  maximum: extreme(Math.max),

  gt: comparison((a, b) => (a > b ? 1 : 0)),
  gte: comparison((a, b) => (a >= b ? 1 : 0)),
  lt: comparison((a, b) => (a < b ? 1 : 0)),
  lte: comparison((a, b) => (a <= b ? 1 : 0)),
  eq: { ...comparison((a, b) => (a === b ? 1 : 0)), takes: 'two values of one type', result: equating },
  ne: { ...comparison((a, b) => (a === b ? 0 : 1)), takes: 'two values of one type', result: equating },
  between: {
    takes: 'three numbers or three timestamps',
    nulls: 'strict',
    result: comparing(3),
    form: 'ternary',
    apply: (value: number, low: number, high: number) => (value >= low && value <= high ? 1 : 0),
  },
  in: {
    takes: 'a value and one or more literals of its type',
    nulls: 'strict',
    result: membership,
    form: 'literals',
    prepare(literals: readonly Literal[]) {
      const wanted = new Set(literals.map((literal) => literal.encoded))
      return (value: number) => (wanted.has(value) ? 1 : 0)
    },
  },

  // Kleene's three-valued logic: false and null is false, true or null is true.
  and: logic((a, b) => (a === 0 || b === 0 ? 0 : a + b === 2 ? 1 : Number.NaN)),
  or: logic((a, b) => (a === 1 || b === 1 ? 1 : a + b === 0 ? 0 : Number.NaN)),
  not: { takes: 'one bool', nulls: 'strict', result: bools(1, 1), form: 'unary', apply: (a: number) => 1 - a },

  isNull: {
    takes: 'one value',
    nulls: 'own',
    result: (types) => (types.length === 1 ? 'bool' : undefined),
    form: 'unary',
    apply: (a: number) => (Number.isNaN(a) ? 1 : 0),
  },
  coalesce: {
    takes: 'two or more values of one type',
    nulls: 'own',
    result: oneType,
    form: 'fold',
    apply: (a: number, b: number) => (Number.isNaN(a) ? b : a),
  },
  /** A condition that is null does not hold, as in SQL's CASE; without a third argument there is nothing to fall back on. */
  if: {
    takes: 'a bool and one or two values of one type',
    nulls: 'own',
    result: choosing,
    form: 'ternary',
    apply: (condition: number, yes: number, no: number) => (condition === 1 ? yes : no),
  },

  hour: calendar(hourOf),
  minute: calendar(minuteOf),
  dayOfWeek: calendar(dayOfWeekOf),
  dayOfMonth: calendar(dayOfMonthOf),
  month: calendar(monthOf),
} as const satisfies Record<string, ScalarFunction>

export type FunctionName = keyof typeof functions

/** The functions whose value depends on the zone table. */
export const zonedFunctions: readonly FunctionName[] = ['hour', 'minute', 'dayOfWeek', 'dayOfMonth', 'month']

/**
 * A result inside the domain of its type: -0 is 0, and what is outside (an overflow, a fraction too small) is null.
 * See docs/semantics.md, "Time and numbers".
 */
export function insideDomain(type: DataTypeName, value: number): number {
  if (type === 'int') return Number.isSafeInteger(value) ? value + 0 : Number.NaN
  const size = Math.abs(value)
  return size === 0 || (size >= SMALLEST_NUMBER && size <= LARGEST_NUMBER) ? value + 0 : Number.NaN
}

function arithmetic(apply: Binary) {
  return { takes: 'two numbers', nulls: 'strict', result: twoNumbers, form: 'binary', apply } as const
}

function comparison(apply: Binary) {
  return {
    takes: 'two numbers or two timestamps',
    nulls: 'strict',
    result: comparing(2),
    form: 'binary',
    apply,
  } as const
}

function extreme(apply: Binary) {
  return {
    takes: 'two or more numbers or timestamps',
    nulls: 'strict',
    result: oneOrderedType,
    form: 'fold',
    apply,
  } as const
}

function logic(apply: Binary) {
  return {
    takes: 'two or more bools',
    nulls: 'own',
    result: bools(2, Number.POSITIVE_INFINITY),
    form: 'fold',
    apply,
  } as const
}

/** A part of the wall-clock time of a zone: the arguments are a timestamp and the zone's name. */
function calendar(part: (local: number) => number) {
  return {
    takes: 'a timestamp and the name of a time zone',
    nulls: 'strict',
    result: (types: Parameters<ResultType>[0]) =>
      types.length === 2 && types[0] === 'timestamp' && types[1] === 'string' ? 'int' : undefined,
    form: 'literals',
    prepare(literals: readonly Literal[]) {
      const offsetAt = zoneOffsets(String(literals[0]?.value))
      return (time: number) => part(time + offsetAt(time))
    },
  } as const
}
