import type { DataTypeName, Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Expression } from '../expr/expression.ts'
import { type FunctionName, functions, zonedFunctions } from '../expr/functions.ts'
import { isObject, mustBe } from './given.ts'
import { mentionedBy, withHidden } from './mentions.ts'
import type { Numeric, Ordered, Requires } from './requirement.ts'

/** An expression under construction; `expression` is the plain data that definitions hold. */
interface Term {
  readonly expression: Expression
}

/** A column of the row, whose type is not known until the expression meets a stream. */
export interface ColumnTerm<Name extends string> extends Term, Requires<Readonly<Record<Name, DataTypeName>>> {
  add<X extends NumberOperand>(other: X): NumberTerm<Column<Name, Numeric> & Needs<X, Numeric>>
  /** The difference of two numbers, or the microseconds from one timestamp to another. */
  subtract<Other extends string>(other: ColumnTerm<Other>): NumberTerm<Column<Name | Other, Ordered>>
  subtract<X extends number | NumberTerm<never>>(other: X): NumberTerm<Column<Name, Numeric> & Needs<X, Numeric>>
  multiply<X extends NumberOperand>(other: X): NumberTerm<Column<Name, Numeric> & Needs<X, Numeric>>
  /** Null where the divisor is 0. */
  divide<X extends NumberOperand>(other: X): NumberTerm<Column<Name, Numeric> & Needs<X, Numeric>>
  abs(): NumberTerm<Column<Name, Numeric>>
  minimum<X extends NumberOperand>(other: X): NumberTerm<Column<Name, Numeric> & Needs<X, Numeric>>
  maximum<X extends NumberOperand>(other: X): NumberTerm<Column<Name, Numeric> & Needs<X, Numeric>>

  gt<X extends NumberOperand>(other: X): BoolTerm<Compared<Name, X>>
  gte<X extends NumberOperand>(other: X): BoolTerm<Compared<Name, X>>
  lt<X extends NumberOperand>(other: X): BoolTerm<Compared<Name, X>>
  lte<X extends NumberOperand>(other: X): BoolTerm<Compared<Name, X>>
  /** From `low` to `high`, both included. */
  between(low: number, high: number): BoolTerm<Column<Name, Numeric>>
  eq<X extends Operand>(other: X): BoolTerm<Column<Name, TypeOf<X>> & Needs<X, DataTypeName>>
  ne<X extends Operand>(other: X): BoolTerm<Column<Name, TypeOf<X>> & Needs<X, DataTypeName>>
  in<X extends string | number | boolean>(...values: readonly X[]): BoolTerm<Column<Name, TypeOf<X>>>

  and<X extends BoolOperand>(other: X): BoolTerm<Column<Name, 'bool'> & Needs<X, 'bool'>>
  or<X extends BoolOperand>(other: X): BoolTerm<Column<Name, 'bool'> & Needs<X, 'bool'>>
  not(): BoolTerm<Column<Name, 'bool'>>
  isNull(): BoolTerm<Column<Name, DataTypeName>>
  /** The column's value, or this one where it is null. */
  coalesce(other: boolean): BoolTerm<Column<Name, 'bool'>>
  coalesce(other: string): TextTerm<Column<Name, 'string'>>
  coalesce<X extends NumberOperand>(other: X): NumberTerm<Column<Name, Numeric> & Needs<X, Numeric>>

  /** Hour of the day, 0 to 23, on the wall clock of a zone (UTC unless named). */
  hour(zone?: string): NumberTerm<Column<Name, 'timestamp'>>
  /** Minute of the hour, 0 to 59. */
  minute(zone?: string): NumberTerm<Column<Name, 'timestamp'>>
  /** 1 is Monday, 7 is Sunday (ISO 8601). */
  dayOfWeek(zone?: string): NumberTerm<Column<Name, 'timestamp'>>
  dayOfMonth(zone?: string): NumberTerm<Column<Name, 'timestamp'>>
  /** 1 to 12. */
  month(zone?: string): NumberTerm<Column<Name, 'timestamp'>>
}

/** A computed number. */
export interface NumberTerm<in Row> extends Term, Requires<Row> {
  add<X extends NumberOperand>(other: X): NumberTerm<Row & Needs<X, Numeric>>
  subtract<X extends NumberOperand>(other: X): NumberTerm<Row & Needs<X, Numeric>>
  multiply<X extends NumberOperand>(other: X): NumberTerm<Row & Needs<X, Numeric>>
  divide<X extends NumberOperand>(other: X): NumberTerm<Row & Needs<X, Numeric>>
  abs(): NumberTerm<Row>
  minimum<X extends NumberOperand>(other: X): NumberTerm<Row & Needs<X, Numeric>>
  maximum<X extends NumberOperand>(other: X): NumberTerm<Row & Needs<X, Numeric>>
  gt<X extends NumberOperand>(other: X): BoolTerm<Row & Needs<X, Numeric>>
  gte<X extends NumberOperand>(other: X): BoolTerm<Row & Needs<X, Numeric>>
  lt<X extends NumberOperand>(other: X): BoolTerm<Row & Needs<X, Numeric>>
  lte<X extends NumberOperand>(other: X): BoolTerm<Row & Needs<X, Numeric>>
  between(low: number, high: number): BoolTerm<Row>
  eq<X extends NumberOperand>(other: X): BoolTerm<Row & Needs<X, Numeric>>
  ne<X extends NumberOperand>(other: X): BoolTerm<Row & Needs<X, Numeric>>
  in(...values: readonly number[]): BoolTerm<Row>
  isNull(): BoolTerm<Row>
  coalesce<X extends NumberOperand>(other: X): NumberTerm<Row & Needs<X, Numeric>>
}

/** A computed condition. */
export interface BoolTerm<in Row> extends Term, Requires<Row> {
  and<X extends BoolOperand>(other: X): BoolTerm<Row & Needs<X, 'bool'>>
  or<X extends BoolOperand>(other: X): BoolTerm<Row & Needs<X, 'bool'>>
  not(): BoolTerm<Row>
  isNull(): BoolTerm<Row>
  coalesce(other: boolean): BoolTerm<Row>
}

/** A computed string. */
export interface TextTerm<in Row> extends Term, Requires<Row> {
  eq(other: string): BoolTerm<Row>
  ne(other: string): BoolTerm<Row>
  in(...values: readonly string[]): BoolTerm<Row>
  isNull(): BoolTerm<Row>
  coalesce(other: string): TextTerm<Row>
}

/**
 * A value that another definition gives. Its type is not known to the compiler: the check of the project says where a
 * number is needed and it is none.
 */
export interface ValueTerm<in Row> extends NumberTerm<Row>, BoolTerm<Row> {
  eq<X extends NumberOperand>(other: X): BoolTerm<Row & Needs<X, Numeric>>
  eq(other: string | boolean): BoolTerm<Row>
  ne<X extends NumberOperand>(other: X): BoolTerm<Row & Needs<X, Numeric>>
  ne(other: string | boolean): BoolTerm<Row>
  in(...values: readonly (string | number | boolean)[]): BoolTerm<Row>
  coalesce<X extends NumberOperand>(other: X): NumberTerm<Row & Needs<X, Numeric>>
  coalesce(other: boolean): BoolTerm<Row>
  coalesce(other: string): TextTerm<Row>
  hour(zone?: string): NumberTerm<Row>
  minute(zone?: string): NumberTerm<Row>
  dayOfWeek(zone?: string): NumberTerm<Row>
  dayOfMonth(zone?: string): NumberTerm<Row>
  month(zone?: string): NumberTerm<Row>
}

export type NumberOperand = number | ColumnTerm<string> | NumberTerm<never>
export type BoolOperand = ColumnTerm<string> | BoolTerm<never>
type TextOperand = string | ColumnTerm<string> | TextTerm<never>
type Condition = boolean | BoolOperand
type UntypedTerm = ColumnTerm<string> | ValueTerm<never>
type Operand = string | boolean | NumberOperand

type Column<Name extends string, Type extends DataTypeName> = Readonly<Record<Name, Type>>

/** What an operand requires of the row when it is used as a value of a type; a plain value requires nothing. */
export type Needs<X, Type extends DataTypeName> =
  X extends ColumnTerm<infer Name> ? Column<Name, Type> : X extends Requires<infer Row> ? Row : unknown

/** A column compared with another one: both are ordered; with a number: it is a number. */
type Compared<Name extends string, X> =
  X extends ColumnTerm<infer Other> ? Column<Name | Other, Ordered> : Column<Name, Numeric> & Needs<X, Numeric>

type TypeOf<X> = X extends string
  ? 'string'
  : X extends boolean
    ? 'bool'
    : X extends number | NumberTerm<never>
      ? Numeric
      : DataTypeName

/**
 * A column of a stream's row, to build an expression on.
 * @example col('delay_min').gt(15)
 */
export function col<const Name extends string>(name: Name): ColumnTerm<Name> {
  return term({ kind: 'column', name }) as ColumnTerm<Name>
}

/**
 * A column of the row that asks for a prediction, to build a request feature on.
 * @example req('scheduled_at').hour('America/Chicago')
 */
export function req<const Name extends string>(name: Name): ColumnTerm<Name> {
  return col(name)
}

/**
 * One of two values: the first where a condition holds, the second where it does not or is null, as SQL's CASE has it.
 * Without a second value there is null. The two are of one type; whole numbers beside others are numbers. Several
 * conditions are asked in turn by another `when` in the place of the second value.
 * @example when(col('delay_min').gt(60), 'late', when(col('delay_min').gt(15), 'delayed', 'on time'))
 */
export function when<C extends BoolOperand, X extends UntypedTerm, Y extends UntypedTerm | undefined = undefined>(
  condition: C,
  value: X,
  otherwise?: Y,
): ValueTerm<Needs<C, 'bool'> & Needs<X, DataTypeName> & Needs<Y, DataTypeName>>
export function when<C extends BoolOperand, X extends TextOperand, Y extends TextOperand | undefined = undefined>(
  condition: C,
  value: X,
  otherwise?: Y,
): TextTerm<Needs<C, 'bool'> & Needs<X, 'string'> & Needs<Y, 'string'>>
export function when<C extends BoolOperand, X extends Condition, Y extends Condition | undefined = undefined>(
  condition: C,
  value: X,
  otherwise?: Y,
): BoolTerm<Needs<C, 'bool'> & Needs<X, 'bool'> & Needs<Y, 'bool'>>
export function when<C extends BoolOperand, X extends NumberOperand, Y extends NumberOperand | undefined = undefined>(
  condition: C,
  value: X,
  otherwise?: Y,
): NumberTerm<Needs<C, 'bool'> & Needs<X, Numeric> & Needs<Y, Numeric>>
export function when(condition: Term, value: unknown, otherwise?: unknown): Term {
  return call('if', condition, otherwise === undefined ? [value] : [value, otherwise])
}

/** A column that stands for what another definition gives; the terms built on it mention what it mentions. */
export function valueTerm<Row>(name: string, mentioned: unknown): ValueTerm<Row> {
  return term({ kind: 'column', name }, [mentioned]) as ValueTerm<Row>
}

/**
 * The plain data of a term, or of a column's name.
 * @throws TruelineError `definition_invalid` for anything else, as plain JavaScript may give it
 */
export function expressionOf(source: Term | string): Expression {
  return typeof source === 'string' ? { kind: 'column', name: source } : termExpression(source)
}

/**
 * The plain data of a term.
 * @param place where it is given
 * @throws TruelineError `definition_invalid` for anything else: what JavaScript makes of `col('amount') > 100` is a plain `false`
 */
export function termExpression(source: Term, place = 'an expression'): Expression {
  const example = "Begin with a column and go on with methods: col('amount').gt(100), and not col('amount') > 100."
  mustBe(isObject(source) && 'expression' in source, place, source, example)
  return source.expression
}

type Method = (this: Term, ...operands: unknown[]) => Term

/** One method for each function of the table, with its name. */
const methods = Object.fromEntries(
  (Object.keys(functions) as FunctionName[]).map((name): [FunctionName, Method] => [
    name,
    function (...operands) {
      return call(name, this, operands.length === 0 && zonedFunctions.includes(name) ? ['UTC'] : operands)
    },
  ]),
)

function call(name: FunctionName, first: Term, operands: readonly unknown[]): Term {
  const expression = { kind: 'call', function: name } as const
  return term({ ...expression, arguments: [termExpression(first), ...operands.map(operandExpression)] }, [
    ...mentionedBy(first),
    ...operands.flatMap(mentionedBy),
  ])
}

function term(expression: Expression, mentioned: readonly unknown[] = []): Term {
  return withHidden(Object.assign(Object.create(methods) as object, { expression }), mentioned, {})
}

function operandExpression(operand: unknown): Expression {
  if (typeof operand === 'object' && operand !== null && 'expression' in operand) return (operand as Term).expression
  return { kind: 'literal', type: literalType(operand), value: operand as Value }
}

function literalType(value: unknown): DataTypeName {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number' && Number.isFinite(value)) return Number.isSafeInteger(value) ? 'int' : 'number'
  throw new TruelineError('definition_invalid', `An expression cannot hold ${String(value)}.`, {
    remedy: 'Use a column, or a number, string or boolean; `isNull()` tests for null.',
  })
}
