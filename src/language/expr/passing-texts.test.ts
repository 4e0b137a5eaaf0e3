import { expect, test } from 'vitest'
import { textCode } from '../../core/text-code.ts'
import { createDictionary } from './dictionary.ts'
import { createPassingTexts } from './passing-texts.ts'

test('the latest strings keep their codes, and older ones are forgotten', () => {
  const passing = createPassingTexts(3)
  const codes = ['a', 'b', 'a', 'c', 'd'].map((text) => passing.encode(text))
  expect(codes).toEqual([-1, -2, -1, -3, -4])
  expect(passing.encode('a')).toBe(-1)
  expect(passing.decode(-2)).toBe('b')
  expect(passing.textOf(textCode('c'))).toBe('c')
  for (const text of ['e', 'f', 'g']) passing.encode(text)
  expect(passing.decode(-2)).toBeUndefined()
  expect(passing.textOf(textCode('c'))).toBeUndefined()
  expect(passing.encode('a')).toBe(-8)
})

test('a dictionary does not grow by strings that pass, and knows those that it holds', () => {
  const dictionary = createDictionary()
  const held = dictionary.encode('held')
  const passing = dictionary.encodePassing('passing')
  expect(dictionary.encodePassing('held')).toBe(held)
  expect(passing).toBeLessThan(0)
  expect(dictionary.size).toBe(1)
  expect([held, passing].map((code) => dictionary.decode(code))).toEqual(['held', 'passing'])
  expect([held, passing].map((code) => dictionary.lastingCode(code))).toEqual(['held', 'passing'].map(textCode))
  expect(dictionary.textOf(textCode('passing'))).toBe('passing')
  expect(dictionary.textOf(textCode('held'))).toBe('held')
  expect(dictionary.textOf(textCode('nobody'))).toBeUndefined()
})
