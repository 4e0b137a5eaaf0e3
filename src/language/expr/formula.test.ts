import { expect, test } from 'vitest'
import type { Value } from '../../core/data-type.ts'
import { checkFormula, evaluateFormula } from './evaluate-formula.ts'
import { columnsOfFormula } from './formula.ts'
import { parseAssignment, parseFormula } from './parse-formula.ts'

const evaluate = (text: string, row: Readonly<Record<string, unknown>> = {}): Value =>
  evaluateFormula(parseFormula(text), row)

test.each<[string, Value]>([
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['10 - 4 - 3', 3],
  ['10 - -4', 14],
  ['-(2 + 3)', -5],
  ['12 / 0', null],
  ['2 > 1 and not false', true],
  ['true or null', true],
  ['1 = 1 and 2 != 3 AND 3 <> 4', true],
  ['3 between 1 and 5', true],
  ['3 not between 1 and 5', false],
  ["'a' in ('b', \"a\")", true],
  ['4 not in (1, 2)', true],
  ['null is null', true],
  ['1 is not null', true],
  ['coalesce(null, 5)', 5],
  ["'it''s'", "it's"],
  ['"a\\u00e9"', 'aé'],
  ['2h', 7_200_000_000],
  ['1970-01-01T00:00:01Z', 1_000_000],
  ['1 - 2001', -2000],
  ["trim('  x ')", 'x'],
  ["number(' 1.50')", 1.5],
  ["number(replace('1,5', ',', '.'))", 1.5],
  ["text(5) = '5'", true],
  ["time('1970-01-01 00:00:01') + 1h", 3_601_000_000],
  ["substring('2001-01', 1, 4)", '2001'],
  ["substring('abc', 3)", 'c'],
  ["concat('a', upper('b'), lower('C'))", 'aBc'],
  ["length('abc')", 3],
  ["if(1 > 2, 'a', 'b')", 'b'],
  ['if(null, 1, null)', null],
  ["if(null, 1, 'a')", 'a'],
  ["if(2 > 1, 'a')", 'a'],
  ["if(1 > 2, number('x'))", null],
  ['if(true, 1, number("x"))', 1],
  ['minimum(3, 1, 2)', 1],
])('%s is %j', (text, value) => {
  expect(evaluate(text)).toEqual(value)
})

test('columns are members of the row, and missing ones are null', () => {
  expect(evaluate('amount * 2', { amount: 4 })).toBe(8)
  expect(evaluate('`Order Date`', { 'Order Date': 'x' })).toBe('x')
  expect(evaluate('constructor is null', {})).toBe(true)
  expect(columnsOfFormula(parseFormula('a + b * a'))).toEqual(['a', 'b'])
  expect(() => evaluate('trim(tags)', { tags: ['x'] })).toThrow("'tags' is a list or an object")
})

test('an assignment is a column and a formula', () => {
  expect(parseAssignment('amount = trim(amount)')).toEqual({
    column: 'amount',
    formula: { kind: 'call', function: 'trim', arguments: [{ kind: 'column', name: 'amount' }] },
  })
  expect(parseAssignment('`is` = a = b').column).toBe('is')
})

test.each([
  ['', 'A value is expected at character 1'],
  ['1 +', 'A value is expected at character 4'],
  ['(1', "')' is expected at character 3"],
  ['1 2', "The end is expected, not '2', at character 3"],
  ["'a", 'A quote that is not closed at character 1'],
  ['a ; b', "Unexpected ';' at character 3"],
  ['a is 5', "'null' is expected, not '5', at character 6"],
  ['9e999', 'too large'],
  ['2001-02-30T00:00:00Z', 'A time that is not of the calendar'],
  ['12abc', "Unexpected '1'"],
  ['((((('.repeat(40), 'More than 100 levels'],
  [' '.repeat(10_001), 'More than 10000 characters'],
])('%j is refused', (text, message) => {
  expect(() => parseFormula(text)).toThrow(message)
  expect(() => parseFormula(text)).toThrow(expect.objectContaining({ code: 'formula_invalid' }))
})

test('an assignment needs a column and an equals sign', () => {
  expect(() => parseAssignment('amount')).toThrow("'=' is expected at character 7")
  expect(() => parseAssignment('null = 1')).toThrow('The name of a column is expected')
})

test('functions are those of the tables, with as many values as they take', () => {
  const check = (text: string) => checkFormula(parseFormula(text))
  check('if(trim(a) = "x", abs(b), minimum(1, 2))')
  expect(() => check('trin(a)')).toThrow("There is no function 'trin'. Did you mean 'trim'?")
  expect(() => check('trim(eval(a))')).toThrow("There is no function 'eval'")
  expect(() => check('constructor(a)')).toThrow("There is no function 'constructor'")
  expect(() => check('hour(a)')).toThrow("There is no function 'hour'")
  expect(() => check('trim(a, b)')).toThrow('trim() takes one text, not 2 values.')
  expect(() => evaluate('trim(5)')).toThrow("'trim' takes one text; here it is given a number.")
  expect(() => evaluate('if(1, 2, 3)')).toThrow("'if' takes a condition and one or two values")
  expect(() => evaluate("number('1,5')")).toThrow(
    "'number' takes a number or the text of one; here it is given a text.",
  )
  expect(() => evaluate("time('soon')")).toThrow("'time' takes a time as ISO 8601 text, or a number")
  expect(() => evaluate("1 + 'a'")).toThrow("'add' takes two numbers; here it is given a number, a text.")
})
