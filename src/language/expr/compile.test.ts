import { expect, test } from 'vitest'
import type { Schema, Value } from '../../core/data-type.ts'
import { parseTime } from '../../core/time.ts'
import { compileExpression } from './compile.ts'
import { createDictionary } from './dictionary.ts'
import type { Expression } from './expression.ts'
import type { FunctionName } from './functions.ts'
import { typeOfExpression } from './type-of.ts'

const schema: Schema = {
  small: { type: 'int' },
  other: { type: 'int' },
  real: { type: 'number' },
  price: { type: 'decimal', scale: 2 },
  yes: { type: 'bool' },
  maybe: { type: 'bool' },
  name: { type: 'string' },
  at: { type: 'timestamp' },
  until: { type: 'timestamp' },
}

function column(name: string): Expression {
  return { kind: 'column', name }
}

function literal(value: Value): Expression {
  const type = typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'bool' : 'number'
  return { kind: 'literal', type: Number.isInteger(value) ? 'int' : type, value }
}

function call(name: FunctionName, ...args: Expression[]): Expression {
  return { kind: 'call', function: name, arguments: args }
}

/** Value of an expression for one row; columns that the row does not name are null. Decimals are in units. */
function evaluate(expression: Expression, row: Record<string, number | string | boolean>): number | null {
  const dictionary = createDictionary()
  dictionary.encode('some string that came first')
  const columns = Object.keys(schema).map((name) => {
    const value = row[name]
    if (typeof value === 'string') return Float64Array.of(dictionary.encode(value))
    return Float64Array.of(value === undefined ? Number.NaN : Number(value))
  })
  const result = compileExpression(expression, schema, dictionary)(columns, 0)
  return Number.isNaN(result) ? null : result
}

test('arithmetic is that of doubles, and null with a null', () => {
  const both = { small: 7, other: 2, real: 0.5 }
  expect(evaluate(call('add', column('small'), column('real')), both)).toBe(7.5)
  expect(evaluate(call('subtract', column('small'), column('other')), both)).toBe(5)
  expect(evaluate(call('multiply', column('small'), column('other')), both)).toBe(14)
  expect(evaluate(call('divide', column('small'), column('other')), both)).toBe(3.5)
  expect(evaluate(call('abs', column('small')), { small: -3 })).toBe(3)
  for (const name of ['add', 'subtract', 'multiply', 'divide'] as const)
    expect(evaluate(call(name, column('small'), column('other')), { small: 7 })).toBeNull()
})

test('a division by zero and a result outside the domain are null', () => {
  expect(evaluate(call('divide', column('small'), column('other')), { small: 7, other: 0 })).toBeNull()
  expect(evaluate(call('multiply', column('real'), column('real')), { real: 2 ** 150 })).toBeNull()
  expect(evaluate(call('multiply', column('real'), column('real')), { real: 2 ** -150 })).toBeNull()
  expect(evaluate(call('add', column('small'), column('other')), { small: 2 ** 53 - 1, other: 1 })).toBeNull()
})

test('minus zero never comes out', () => {
  expect(evaluate(call('multiply', column('small'), column('other')), { small: 0, other: -1 })).toBe(0)
  expect(evaluate(call('divide', column('small'), column('other')), { small: 0, other: -1 })).toBe(0)
})

test('comparisons hold, and are null with a null', () => {
  const row = { small: 3, other: 3 }
  const results = (['gt', 'gte', 'lt', 'lte', 'eq', 'ne'] as const).map((name) =>
    evaluate(call(name, column('small'), column('other')), row),
  )
  expect(results).toEqual([0, 1, 0, 1, 1, 0])
  expect(evaluate(call('ne', column('small'), column('other')), { small: 3 })).toBeNull()
  expect(evaluate(call('gt', column('at'), column('until')), { at: 2, until: 1 })).toBe(1)
})

test('strings compare by what they say, not by their codes', () => {
  expect(evaluate(call('eq', column('name'), literal('ORD')), { name: 'ORD' })).toBe(1)
  expect(evaluate(call('eq', column('name'), literal('ORD')), { name: 'DFW' })).toBe(0)
  expect(evaluate(call('in', column('name'), literal('DFW'), literal('ORD')), { name: 'ORD' })).toBe(1)
  expect(evaluate(call('in', column('name'), literal('DFW'), literal('ORD')), { name: 'JFK' })).toBe(0)
  expect(evaluate(call('in', column('name'), literal('DFW')), {})).toBeNull()
})

test('between includes both ends', () => {
  const inside = call('between', column('small'), literal(1), literal(3))
  expect([0, 1, 2, 3, 4].map((small) => evaluate(inside, { small }))).toEqual([0, 1, 1, 1, 0])
  expect(evaluate(inside, {})).toBeNull()
})

test("and, or, not follow Kleene's tables", () => {
  const states: (boolean | undefined)[] = [true, false, undefined]
  const table = (name: 'and' | 'or') =>
    states.map((yes) =>
      states.map((maybe) =>
        evaluate(call(name, column('yes'), column('maybe')), {
          ...(yes === undefined ? {} : { yes }),
          ...(maybe === undefined ? {} : { maybe }),
        }),
      ),
    )
  expect(table('and')).toEqual([
    [1, 0, null],
    [0, 0, 0],
    [null, 0, null],
  ])
  expect(table('or')).toEqual([
    [1, 1, 1],
    [1, 0, null],
    [1, null, null],
  ])
  expect(evaluate(call('not', column('yes')), { yes: true })).toBe(0)
  expect(evaluate(call('not', column('yes')), {})).toBeNull()
})

test('isNull and coalesce see nulls', () => {
  expect(evaluate(call('isNull', column('small')), {})).toBe(1)
  expect(evaluate(call('isNull', column('small')), { small: 0 })).toBe(0)
  expect(evaluate(call('coalesce', column('small'), column('other'), literal(9)), {})).toBe(9)
  expect(evaluate(call('coalesce', column('small'), column('other'), literal(9)), { other: 4 })).toBe(4)
})

test('if gives its second value where the condition holds, and the third where it does not or is null', () => {
  const chosen = call('if', column('yes'), column('small'), column('other'))
  const both = { small: 7, other: 2 }
  expect(evaluate(chosen, { ...both, yes: true })).toBe(7)
  expect(evaluate(chosen, { ...both, yes: false })).toBe(2)
  expect(evaluate(chosen, both)).toBe(2)
  expect(evaluate(chosen, { other: 2, yes: true })).toBeNull()
  const alone = call('if', column('yes'), literal('late'))
  expect(evaluate(call('eq', alone, literal('late')), { yes: true })).toBe(1)
  expect([{ yes: false }, {}].map((row) => evaluate(alone, row))).toEqual([null, null])
})

test('the values of an if are of one type: whole numbers and decimals beside numbers are numbers', () => {
  const typeOf = (...given: Expression[]) => typeOfExpression(call('if', ...given), schema).type
  const yes = column('yes')
  expect(typeOf(yes, column('small'), literal(1))).toBe('int')
  expect(typeOf(yes, column('small'), literal(0.5))).toBe('number')
  expect(typeOf(yes, column('price'))).toBe('number')
  expect(typeOf(yes, column('at'), column('until'))).toBe('timestamp')
  expect(typeOf(yes, literal('a'), column('name'))).toBe('string')
  const wrong: Expression[][] = [
    [yes],
    [column('small'), literal(1), literal(2)],
    [yes, column('small'), column('name')],
    [yes, literal(1), literal(2), literal(3)],
  ]
  for (const given of wrong)
    expect(() => typeOf(...given)).toThrow("'if' takes a bool and one or two values of one type")
  expect(evaluate(call('if', yes, column('price'), literal(0)), { yes: true, price: 1999 })).toBe(19.99)
})

test('minimum and maximum take any number of arguments and are null with a null', () => {
  expect(evaluate(call('minimum', column('small'), literal(2), literal(5)), { small: 3 })).toBe(2)
  expect(evaluate(call('maximum', column('small'), literal(2), literal(5)), { small: 3 })).toBe(5)
  expect(evaluate(call('maximum', column('small'), literal(2)), {})).toBeNull()
})

test('a decimal stays whole units as a column and is a number to a function', () => {
  expect(evaluate(column('price'), { price: 1999 })).toBe(1999)
  expect(evaluate(call('gt', column('price'), literal(19.98)), { price: 1999 })).toBe(1)
  expect(evaluate(call('multiply', column('price'), literal(2)), { price: 1999 })).toBe(39.98)
})

test('the time between two timestamps is microseconds', () => {
  expect(evaluate(call('subtract', column('until'), column('at')), { at: 1_000_000, until: 3_500_000 })).toBe(2_500_000)
})

test('calendar functions give the wall clock of the zone', () => {
  const at = parseTime('2001-01-01T05:59:59.999999Z')
  const part = (name: FunctionName, zone: string, time = at) =>
    evaluate(call(name, column('at'), literal(zone)), { at: time })
  expect(part('hour', 'America/Chicago')).toBe(23)
  expect(part('minute', 'America/Chicago')).toBe(59)
  expect(part('dayOfWeek', 'America/Chicago')).toBe(7)
  expect(part('dayOfMonth', 'America/Chicago')).toBe(31)
  expect(part('month', 'America/Chicago')).toBe(12)
  expect(part('dayOfWeek', 'UTC')).toBe(1)
  expect(part('hour', 'America/Chicago', at + 1)).toBe(0)
  expect(part('hour', 'America/Chicago', parseTime('2001-07-01T12:00:00Z'))).toBe(7)
})

test('days and months agree with the host calendar from 1600 to 2400', () => {
  for (let day = -135_140; day < 157_000; day += 17) {
    const date = new Date(day * 86_400_000)
    const at = day * 86_400_000_000 + 43_200_000_000
    const parts = (['month', 'dayOfMonth', 'dayOfWeek'] as const).map((name) =>
      evaluate(call(name, column('at'), literal('UTC')), { at }),
    )
    expect(parts).toEqual([date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay() || 7])
  }
})
