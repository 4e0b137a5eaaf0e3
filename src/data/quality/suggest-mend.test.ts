import { expect, test } from 'vitest'
import type { Schema } from '../../core/data-type.ts'
import { createRowReader } from './row-reader.ts'
import { suggestMend } from './suggest-mend.ts'

const schema: Schema = {
  order: { type: 'string' },
  amount: { type: 'number', min: 0 },
  size: { type: 'string', oneOf: ['S', 'L'], nullable: true },
  paid: { type: 'bool', nullable: true },
  at: { type: 'timestamp' },
}
const reader = createRowReader(schema)
const suggest = (row: unknown) => {
  const fault = reader.read(row, [])
  return suggestMend(fault ?? { code: 'wrong_type' }, row, schema, (one) => reader.read(one, []))
}
const order = { order: 'a', amount: 4, at: 0 }

test.each([
  [
    { ...order, amount: ' 4 ' },
    { set: ['amount = number(amount)'], drop: [] },
  ],
  [
    { ...order, amount: '4,5' },
    { set: ['amount = number(replace(amount, ",", "."))'], drop: [] },
  ],
  [
    { ...order, order: 7 },
    { set: ['order = text(order)'], drop: [] },
  ],
  [
    { ...order, size: ' s' },
    { set: ['size = upper(trim(size))'], drop: [] },
  ],
  [
    { ...order, size: 'XXL' },
    { set: ['size = null'], drop: [] },
  ],
  [
    { ...order, paid: 'Yes' },
    { set: ['paid = lower(trim(paid)) in ("true", "yes", "1")'], drop: [] },
  ],
  [
    { ...order, at: ' 2001-01-01 ' },
    { set: ['at = time(at)'], drop: [] },
  ],
  [
    { order: 'a', ammount: 4, at: 0 },
    { set: ['amount = ammount'], drop: ['ammount'] },
  ],
  [
    { ...order, 'gift wrap': 1 },
    { set: [], drop: ['gift wrap'] },
  ],
])('%j is mended by %j', (row, mend) => {
  expect(suggest(row).mend).toEqual(mend)
})

test('where no usual change helps, the next best thing is said', () => {
  expect(suggest({ ...order, amount: -1 })).toEqual({ sentence: expect.stringContaining('by hand') })
  expect(suggest('half a row')).toEqual({ sentence: expect.stringContaining('could not be read as a row') })
  expect(suggest(order)).toEqual({ sentence: expect.stringContaining('replay it') })
})
