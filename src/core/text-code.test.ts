import { expect, test } from 'vitest'
import { textCode } from './text-code.ts'

test('a text has its code for ever: versions of models hold it', () => {
  expect([textCode(''), textCode('ORD'), textCode('Zürich ✈')]).toEqual([
    3_338_908_027_751_811, 7_495_290_017_171_685, 8_012_176_075_623_439,
  ])
})

test('codes are whole numbers below 2^53, and texts that are alike have others', () => {
  const texts = Array.from({ length: 20_000 }, (_, index) => `category ${index.toString(36)}`)
  const codes = texts.map(textCode)
  expect(codes.every((code) => Number.isSafeInteger(code) && code >= 0)).toBe(true)
  expect(new Set(codes).size).toBe(texts.length)
})
