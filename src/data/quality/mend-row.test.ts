import { expect, test } from 'vitest'
import type { Schema } from '../../core/data-type.ts'
import { mendRow, parseMend } from './mend-row.ts'

const schema: Schema = {
  order: { type: 'string' },
  amount: { type: 'number' },
  city: { type: 'string', nullable: true },
}
const mended = (row: unknown, set: string[], drop?: string[]) => mendRow(parseMend(set, drop), row, schema)

test('assignments are made in their order, and members are left out at the end', () => {
  const row = { order: 'a', amt: ' 4 ' }
  expect(mended(row, ['amount = number(trim(amt))', 'city = concat(order, "-", text(amount))'], ['amt'])).toEqual({
    row: { order: 'a', amount: 4, city: 'a-4' },
  })
  expect(row).toEqual({ order: 'a', amt: ' 4 ' })
  expect(mended('half a row', [])).toEqual({ row: 'half a row' })
})

test('a row that a formula does not fit is told by what is wrong with it', () => {
  expect(mended({ amount: 4 }, ['amount = trim(amount)'])).toMatchObject({ fault: { code: 'type_mismatch' } })
  expect(mended({ amount: 4 }, ['amount = ammount'])).toMatchObject({
    fault: { code: 'unknown_column', reason: expect.stringContaining("Did you mean 'amount'?") },
  })
  expect(mended('half a row', ['amount = 1'])).toMatchObject({ fault: { code: 'malformed_row' } })
})

test('a mend says what it does, and one that cannot be read is refused before any row', () => {
  expect(parseMend(['amount = 1'], ['x']).text).toBe('amount = 1; without x')
  expect(() => parseMend(['amount = eval(1)'])).toThrow(expect.objectContaining({ code: 'formula_invalid' }))
})
