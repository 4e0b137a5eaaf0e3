import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DataTypeName, Schema } from '../../core/data-type.ts'
import { compileExpression } from './compile.ts'
import { createDictionary } from './dictionary.ts'
import type { Expression } from './expression.ts'
import { type FunctionName, functions } from './functions.ts'
import { typeOfExpression } from './type-of.ts'

// Random expressions against a second, plain meaning: values as JavaScript has them, and null as null.

type Plain = number | boolean | null
type Row = Readonly<Record<string, Plain>>

const schema: Schema = {
  a: { type: 'int', nullable: true },
  b: { type: 'number', nullable: true },
  p: { type: 'bool', nullable: true },
  q: { type: 'bool', nullable: true },
}

const finite = (value: number): Plain => {
  const size = Math.abs(value)
  return value === 0 ? 0 : size < 2 ** -200 || size > 2 ** 200 ? null : value
}

const plainMeaning: Partial<Record<FunctionName, (values: readonly never[]) => Plain>> = {
  add: ([a, b]: readonly number[]) => finite(a! + b!),
  subtract: ([a, b]: readonly number[]) => finite(a! - b!),
  multiply: ([a, b]: readonly number[]) => finite(a! * b!),
  divide: ([a, b]: readonly number[]) => (b === 0 ? null : finite(a! / b!)),
  abs: ([a]: readonly number[]) => (a! < 0 ? -a! : a!),
  minimum: (values: readonly number[]) => [...values].sort((a, b) => a - b)[0]!,
  maximum: (values: readonly number[]) => [...values].sort((a, b) => b - a)[0]!,
  gt: ([a, b]: readonly number[]) => a! > b!,
  gte: ([a, b]: readonly number[]) => a! >= b!,
  lt: ([a, b]: readonly number[]) => a! < b!,
  lte: ([a, b]: readonly number[]) => a! <= b!,
  eq: ([a, b]: readonly number[]) => a === b,
  ne: ([a, b]: readonly number[]) => a !== b,
  between: ([a, low, high]: readonly number[]) => low! <= a! && a! <= high!,
  in: ([a, ...values]: readonly number[]) => values.includes(a!),
  not: ([a]: readonly boolean[]) => !a,
}

function plain(expression: Expression, row: Row): Plain {
  if (expression.kind === 'column') return row[expression.name] ?? null
  if (expression.kind === 'literal') return expression.value as Plain
  const values = expression.arguments.map((argument) => plain(argument, row))
  switch (expression.function) {
    case 'and':
      return values.includes(false) ? false : values.includes(null) ? null : true
    case 'or':
      return values.includes(true) ? true : values.includes(null) ? null : false
    case 'isNull':
      return values[0] === null
    case 'if':
      return (values[0] === true ? values[1] : values[2]) ?? null
    case 'coalesce':
      return values.find((value) => value !== null) ?? null
    default:
      return values.includes(null) ? null : whole(expression, plainMeaning[expression.function]!(values as never[]))
  }
}

/** Ints past 2^53 are null; numbers are not. */
function whole(expression: Expression, value: Plain): Plain {
  const outside = typeof value === 'number' && !Number.isSafeInteger(value)
  return outside && typeOfExpression(expression, schema).type === 'int' ? null : value
}

const number = (value: number): Expression => ({
  kind: 'literal',
  type: Number.isSafeInteger(value) ? 'int' : 'number',
  value,
})
const literal = fc.constantFrom(-7, -1, 0, 0.5, 1, 2, 7, 2 ** 150).map(number)
const call = (name: FunctionName, ...parts: fc.Arbitrary<Expression>[]): fc.Arbitrary<Expression> =>
  fc.tuple(...parts).map((args) => ({ kind: 'call', function: name, arguments: args }))
const column = (...names: string[]): fc.Arbitrary<Expression> =>
  fc.constantFrom(...names).map((name) => ({ kind: 'column', name }))

const { numeric, bool } = fc.letrec<{ numeric: Expression; bool: Expression }>((tie) => {
  const n = tie('numeric')
  const c = tie('bool')
  const binary = (['add', 'subtract', 'multiply', 'divide'] as const).map((name) => call(name, n, n))
  const compared = (['gt', 'gte', 'lt', 'lte', 'eq', 'ne'] as const).map((name) => call(name, n, n))
  const chosen = (one: fc.Arbitrary<Expression>) => [call('if', c, one, one), call('if', c, one)]
  const folded = (['minimum', 'maximum', 'coalesce'] as const).map((name) => call(name, n, n, n))
  return {
    numeric: fc.oneof({ maxDepth: 4 }, column('a', 'b'), literal, ...binary, ...folded, call('abs', n), ...chosen(n)),
    bool: fc.oneof(
      { maxDepth: 4 },
      column('p', 'q'),
      ...compared,
      call('and', c, c, c),
      call('or', c, c, c),
      call('not', c),
      call('isNull', n),
      call('between', n, n, n),
      call('in', n, literal, literal),
      call('coalesce', c, c),
      ...chosen(c),
    ),
  }
})

const value = fc.constantFrom(null, -7, -1, 0, 1, 2, 7, 2 ** 30)
const state = fc.constantFrom(null, false, true)
const row = fc.record({ a: value, b: fc.oneof(value, fc.constantFrom(0.5, 2 ** 150, 2 ** -150)), p: state, q: state })

test('a random expression means the same encoded and plain', () => {
  const types: DataTypeName[] = []
  fc.assert(
    fc.property(fc.oneof(numeric, bool), row, (expression, one) => {
      const columns = Object.keys(schema).map((name) => {
        const given = one[name as keyof typeof one]
        return Float64Array.of(given === null ? Number.NaN : Number(given))
      })
      const expected = plain(expression, one)
      const got = compileExpression(expression, schema, createDictionary())(columns, 0)
      types.push(typeOfExpression(expression, schema).type)
      expect(Object.is(got, expected === null ? Number.NaN : Number(expected))).toBe(true)
    }),
    { seed: 20010131, numRuns: 3000 },
  )
  expect(new Set(types)).toEqual(new Set(['int', 'number', 'bool']))
})

test('every function says what it takes, and refuses to take nothing', () => {
  for (const name of Object.keys(functions) as FunctionName[]) {
    expect(functions[name].takes, name).toMatch(/^(a|one|two|three) /)
    expect(() => typeOfExpression({ kind: 'call', function: name, arguments: [] }, schema), name).toThrow(
      expect.objectContaining({ code: 'type_mismatch' }),
    )
  }
})

test('a function, a column and a zone that do not exist are refused with the nearest name', () => {
  const at: Schema = { at: { type: 'timestamp' } }
  const zoned = (name: string, zone: string): Expression => ({
    kind: 'call',
    function: name as FunctionName,
    arguments: [
      { kind: 'column', name: 'at' },
      { kind: 'literal', type: 'string', value: zone },
    ],
  })
  expect(() => typeOfExpression(zoned('huor', 'UTC'), at)).toThrow(
    expect.objectContaining({ code: 'definition_invalid', remedy: expect.stringContaining("'hour'") }),
  )
  expect(() => typeOfExpression(zoned('hour', 'Europe/Berln'), at)).toThrow(
    expect.objectContaining({ code: 'unknown_zone', remedy: "Did you mean 'Europe/Berlin'?" }),
  )
  expect(() => typeOfExpression(zoned('hour', 'UTC'), { att: { type: 'timestamp' } })).toThrow(
    expect.objectContaining({ code: 'unknown_column', remedy: "Did you mean 'att'?" }),
  )
})
