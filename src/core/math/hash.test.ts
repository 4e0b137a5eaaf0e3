import { expect, test } from 'vitest'
import { hashOfNumber, hashOfText } from './hash.ts'

test.each([
  ['', 0, 0],
  ['', 1, 0x514e28b7],
  ['test', 0, 0xba6bd213],
  ['test', 0x9747b28c, 0x704b81dc],
  ['Hello, world!', 0x9747b28c, 0x24884cba],
  ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ['\u03c0\u03c0\u03c0\u03c0\u03c0\u03c0\u03c0\u03c0', 0x9747b28c, 0xd58063c1],
  ['a'.repeat(256), 0x9747b28c, 0x37405bdc],
] as const)('%# the hash of a text is that of MurmurHash3, as published', (text, seed, expected) => {
  expect(hashOfText(text, seed)).toBe(expected)
})

test('the hash of a number is that of its eight bytes, the lowest first', () => {
  // The bytes of this double are letters.
  const bytes = new DataView(new ArrayBuffer(8))
  for (const [at, letter] of [...'abcdefgh'].entries()) bytes.setUint8(at, letter.charCodeAt(0))
  expect(hashOfNumber(bytes.getFloat64(0, true), 7)).toBe(hashOfText('abcdefgh', 7))
})
