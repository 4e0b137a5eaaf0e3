import { expect, test } from 'vitest'
import type { Schema, Value } from '../../core/data-type.ts'
import { parseTime } from '../../core/time.ts'
import { readTime } from './read-time.ts'
import { createRowReader } from './row-reader.ts'

const schema: Schema = {
  flight: { type: 'string', maxLength: 8 },
  delay: { type: 'int', min: -120, max: 3000, nullable: true },
  fare: { type: 'decimal', scale: 2, nullable: true },
  share: { type: 'number', nullable: true },
  cabin: { type: 'string', oneOf: ['first', 'coach'], nullable: true },
  late: { type: 'bool', nullable: true },
  meal: { type: 'string', oneOf: ['soup', 'salad'], unknown: 'null', nullable: true, maxLength: 5 },
  at: { type: 'timestamp' },
  passport: { type: 'string', sensitive: true, nullable: true, maxLength: 4 },
}
const reader = createRowReader(schema, { key: ['flight'] })
const whole = { flight: 'AA1', at: '2001-01-31T09:30:00Z' }

function read(row: unknown): readonly Value[] | string {
  const values: Value[] = []
  return reader.read(row, values)?.code ?? values
}

test('values are coerced to their types and written as canonical JSON', () => {
  const values: Value[] = []
  const row = { ...whole, delay: -0, fare: '12.30', share: -0, late: true, cabin: 'coach', passport: null }
  expect(reader.read(row, values)).toBeUndefined()
  expect(values).toEqual(['AA1', 0, 1230, 0, 'coach', true, null, 980_933_400_000_000, null])
  expect(Object.is(values[3], 0)).toBe(true)
  expect(reader.text(values)).toBe(
    '{"at":980933400000000,"cabin":"coach","delay":0,"fare":1230,"flight":"AA1","late":true,"meal":null,"passport":null,"share":0}',
  )
})

test.each([
  [null, 'malformed_row'],
  [[whole], 'malformed_row'],
  ['text', 'malformed_row'],
  [{ at: whole.at }, 'missing_key'],
  [{ ...whole, flight: null }, 'missing_key'],
  [{ flight: 'AA1' }, 'missing_column'],
  [{ ...whole, dealy: 5 }, 'unknown_column'],
  [{ ...whole, delay: '5' }, 'wrong_type'],
  [{ ...whole, delay: 5.5 }, 'wrong_type'],
  [{ ...whole, delay: Number.NaN }, 'not_finite'],
  [{ ...whole, delay: 2 ** 53 }, 'out_of_domain'],
  [{ ...whole, delay: 3001 }, 'out_of_range'],
  [{ ...whole, share: Number.POSITIVE_INFINITY }, 'not_finite'],
  [{ ...whole, share: 2 ** 201 }, 'out_of_domain'],
  [{ ...whole, share: -(2 ** -201) }, 'out_of_domain'],
  [{ ...whole, fare: 12.345 }, 'wrong_type'],
  [{ ...whole, fare: '1e2' }, 'wrong_type'],
  [{ ...whole, fare: 2 ** 53 }, 'out_of_domain'],
  [{ ...whole, late: 1 }, 'wrong_type'],
  [{ ...whole, flight: '\ud800' }, 'invalid_string'],
  [{ ...whole, flight: 'AA1234567' }, 'invalid_string'],
  [{ ...whole, cabin: 'hold' }, 'out_of_range'],
  [{ ...whole, at: 'yesterday' }, 'invalid_timestamp'],
  [{ ...whole, at: '2001-02-30T00:00:00Z' }, 'invalid_timestamp'],
  [{ ...whole, at: 1.5 }, 'wrong_type'],
  [{ ...whole, at: 2 ** 60 }, 'out_of_domain'],
  [{ ...whole, at: '9999-01-01T00:00:00Z' }, 'out_of_domain'],
])('%j is refused: %s', (row, code) => {
  expect(read(row)).toBe(code)
})

test('a value of a type that JSON lacks is refused', () => {
  expect(read({ ...whole, delay: 5n })).toBe('wrong_type')
  expect(reader.masked({ delay: 5n })).toEqual({ row: '{"delay":"5"}' })
})

test('an unknown category becomes null where its column says so, and is at fault where a value is needed', () => {
  for (const [meal, value] of [
    ['soup', 'soup'],
    ['steak tartare', null],
    ['', null],
  ])
    expect(read({ ...whole, meal })).toEqual(['AA1', null, null, null, null, null, value, 980_933_400_000_000, null])
  expect(read({ ...whole, meal: 5 })).toBe('wrong_type')
  expect(read({ ...whole, meal: '\ud800' })).toBe('invalid_string')
  expect(read({ ...whole, meal: 'salad' })).toContain('salad')
  const keyed = createRowReader(schema, { key: ['flight'], required: ['meal'] })
  expect(keyed.read({ ...whole, meal: 'fish' }, [])).toMatchObject({ code: 'missing_column', path: 'meal' })
})

test('values at the edges of their domains are accepted', () => {
  for (const share of [0, 2 ** -200, -(2 ** 200), 0.1 + 0.2]) expect(read({ ...whole, share })).toContain(share)
  for (const delay of [-120, 3000]) expect(read({ ...whole, delay })).toContain(delay)
  expect(read({ ...whole, fare: 0.07 })).toContain(7)
  expect(read({ ...whole, fare: '90071992547409.91' })).toContain(Number.MAX_SAFE_INTEGER)
  expect(read({ ...whole, fare: '90071992547409.9000' })).toContain(Number.MAX_SAFE_INTEGER - 1)
  expect(read({ ...whole, fare: '90071992547409.92' })).toBe('out_of_domain')
  expect(read({ ...whole, fare: -90_071_992_547.4 })).toContain(-9_007_199_254_740)
})

test('a fault names its column and the nearest name, and never shows a sensitive value', () => {
  const values: Value[] = []
  expect(reader.read({ ...whole, dealy: 5 }, values)).toMatchObject({
    path: 'dealy',
    reason: expect.stringContaining("'delay'"),
  })
  expect(reader.read({ ...whole, delay: 9999 }, values)?.reason).toBe("9999 in 'delay' is above 3000.")
  expect(reader.read({ ...whole, passport: 'X12345' }, values)?.reason).toBe(
    "The value in 'passport' is longer than 4.",
  )
})

test('a refused row is shown without sensitive values and cut when it is long', () => {
  expect(reader.masked({ ...whole, passport: 'X12345', pasport: 'X1', delay: Number.NaN })).toEqual({
    row: '{"flight":"AA1","at":"2001-01-31T09:30:00Z","passport":"***","pasport":"***","delay":"NaN"}',
    partial: true,
  })
  expect(reader.masked({ delay: 'x' })).toEqual({ row: '{"delay":"x"}' })
  expect(reader.masked('half a li')).toEqual({ row: '"***"', partial: true })
  const open = createRowReader({ text: { type: 'string' } })
  expect(open.masked('half a li')).toEqual({ row: '"half a li"' })
  const long = open.masked({ text: 'x'.repeat(20_000) })
  expect(long.partial).toBe(true)
  expect(long.row.length).toBeLessThan(16_500)
  expect(open.masked({ a: { b: { c: { d: {} } } } })).toEqual({ row: '{"a":{"b":{"c":{"d":"…"}}}}', partial: true })
  expect(open.masked({ a: Array(101).fill(0) }).partial).toBe(true)
})

test('beside a needed column that is missing stands the member that may be meant', () => {
  const needs = createRowReader({ customer: { type: 'string' }, note: { type: 'string', nullable: true } })
  expect(needs.read({ custmer: 'C1', note: 'x' }, [])).toEqual({
    ...{ code: 'missing_column', path: 'customer' },
    reason: "The row has no value of 'customer'. It has 'custmer', which is no column: is that meant?",
  })
  expect(needs.read({ note: 'x', other: 1 }, [])).toMatchObject({ reason: "The row has no value of 'customer'." })
})

test('columns named like members of every object are no values', () => {
  const odd = createRowReader({
    constructor: { type: 'string' },
    valueOf: { type: 'string', nullable: true },
  } as Schema)
  expect(odd.read({}, [])).toMatchObject({ code: 'missing_column' })
  expect(odd.read({ constructor: 'x' }, [])).toBeUndefined()
})

test('the quick reader of times gives what the full one gives', () => {
  for (const text of [
    '1970-01-01T00:00:00Z',
    '2000-02-29T23:59:59Z',
    '1900-03-01T12:00:00Z',
    '2100-12-31T00:00:01Z',
    '2024-02-29T00:00:00Z',
    '2001-04-30T12:00:00Z',
    '0100-01-01T00:00:00Z',
    '2001-01-31T09:30:00.250Z',
    '2001-01-31 09:30:00',
    '2001-01-31T09:30:00+02:00',
  ])
    expect(readTime(text)).toBe(parseTime(text))
  for (const text of [
    '2001-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2000-02-30T00:00:00Z',
    '2001-11-31T00:00:00Z',
    '2001-12-32T00:00:00Z',
    '0099-01-01T00:00:00Z',
    '2001-13-01T00:00:00Z',
    '2001-01-01T24:00:00Z',
    '2001-01-01T00:0a:00Z',
    '2001/01/01T00:00:00Z',
    '',
  ])
    expect(readTime(text)).toBeUndefined()
})
