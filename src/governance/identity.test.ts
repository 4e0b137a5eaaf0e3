import { expect, test } from 'vitest'
import { assertedIdentity, isPlatformIdentity, platformIdentity, samePerson } from './identity.ts'

test('a name that somebody claims is recorded as claimed', () => {
  expect(assertedIdentity('  Ada Lovelace ')).toEqual({ name: 'Ada Lovelace', asserted: true })
  expect(assertedIdentity('Zoe\u0308')).toEqual({ name: 'Zoë', asserted: true })
})

test.each([
  '',
  '   ',
  'a'.repeat(101),
  'a\nda',
  'a\u200bda',
  'ada\u202e',
  'trueline',
  'Trueline:Gate',
  '\uff54rueline:gate',
])('refused as a name: %j', (name) => {
  expect(() => assertedIdentity(name)).toThrow(expect.objectContaining({ code: 'invalid_arguments' }))
})

test('the platform acts under names that no person can claim', () => {
  const gate = platformIdentity('gate')
  expect(gate).toEqual({ name: 'trueline:gate', asserted: false })
  expect(isPlatformIdentity(gate)).toBe(true)
  expect(isPlatformIdentity(assertedIdentity('truelines'))).toBe(false)
})

test('a person stays the same in other letters', () => {
  expect(samePerson(assertedIdentity('Ada'), assertedIdentity('ADA '))).toBe(true)
  expect(samePerson(assertedIdentity('ａda'), assertedIdentity('ada'))).toBe(true)
  expect(samePerson(assertedIdentity('ada'), assertedIdentity('grace'))).toBe(false)
})
