import { createCipheriv, createHmac, hkdfSync } from 'node:crypto'
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

test('what is kept is HMAC-SHA256 and AES-256 in counter mode as node has them, whatever the length', () => {
  const secret = new Uint8Array(32).fill(7)
  const key = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `trueline ${purpose}`, 32))
  for (const length of [0, 1, 13, 14, 15, 30, 500, 5000]) {
    const text = JSON.stringify('\u00fc'.repeat(length))
    const keyed = (purpose: string) =>
      createHmac('sha256', key(purpose)).update(`4 card${text}`).digest().subarray(0, 16)
    const cipher = createCipheriv('aes-256-ctr', key('seal'), keyed('nonce'))
    const sealed = Buffer.concat([keyed('nonce'), cipher.update(text), cipher.final()]).toString('base64url')
    expect(masker.mask(`{"card":${text}}`, { card: 'seal' })).toBe(`{"card":"${sealed}"}`)
    expect(masker.mask(`{"card":${text}}`, { card: 'hash' })).toBe(`{"card":"${keyed('hash').toString('base64url')}"}`)
  }
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
