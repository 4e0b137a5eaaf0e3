import { expect, test } from 'vitest'
import { createRowMasker } from './mask-rows.ts'

const masker = createRowMasker(new Uint8Array(32).fill(7))
const columns = { card: 'seal', amount: 'seal', phone: 'hash' } as const
const row = '{"amount":12.5,"card":"4111 é","flight":"F1","phone":"555"}'

test('what is sealed opens to the value that it was, and what is hashed to none', () => {
  const masked = masker.mask(row, columns)
  for (const value of ['12.5', '4111', '555']) expect(masked).not.toContain(value)
  expect(masked).toContain('"flight":"F1"')
  expect(masker.open(masked, columns)).toBe('{"amount":12.5,"card":"4111 é","flight":"F1","phone":null}')
})

test('equal values of a column have equal texts, and of another column other ones; a null stays null', () => {
  const of = (text: string, masks: Parameters<typeof masker.mask>[1]) => JSON.parse(masker.mask(text, masks))
  expect(of('{"a":"x","n":1}', { a: 'seal' }).a).toBe(of('{"a":"x","n":2}', { a: 'seal' }).a)
  expect(of('{"a":"x","b":"x"}', { a: 'hash', b: 'hash' })).not.toMatchObject({
    a: of('{"a":"x","b":"x"}', { a: 'hash', b: 'hash' }).b,
  })
  expect(of('{"a":"1"}', { a: 'seal' }).a).not.toBe(of('{"a":1}', { a: 'seal' }).a)
  expect(masker.mask('{"a":null,"b":1}', { a: 'seal', c: 'hash' })).toBe('{"a":null,"b":1}')
})

test('another secret opens nothing, and neither does what was changed', () => {
  const masked = masker.mask(row, columns)
  const other = createRowMasker(new Uint8Array(32).fill(8))
  expect(other.name).not.toBe(masker.name)
  expect(JSON.parse(other.open(masked, columns))).toMatchObject({ amount: null, card: null, flight: 'F1' })
  const changed = masked.replace(/"card":"(.)/, (_, first) => `"card":"${first === 'A' ? 'B' : 'A'}`)
  expect(JSON.parse(masker.open(changed, columns))).toMatchObject({ amount: 12.5, card: null })
  expect(JSON.parse(masker.open('{"card":"short"}', columns))).toEqual({ card: null })
})
