import { expect, test } from 'vitest'
import { createDictionary } from './dictionary.ts'

test('a string keeps its code, and a code its string', () => {
  const dictionary = createDictionary()
  const codes = ['ORD', 'DFW', 'ORD', '', 'ord'].map((text) => dictionary.encode(text))
  expect(codes).toEqual([0, 1, 0, 2, 3])
  expect(dictionary.size).toBe(4)
  expect(codes.map((code) => dictionary.decode(code))).toEqual(['ORD', 'DFW', 'ORD', '', 'ord'])
})

test('names of object members are strings like any other', () => {
  const dictionary = createDictionary()
  expect(dictionary.decode(dictionary.encode('__proto__'))).toBe('__proto__')
})

test('a code that was never given is a defect', () => {
  expect(() => createDictionary().decode(0)).toThrow(expect.objectContaining({ code: 'internal' }))
})
