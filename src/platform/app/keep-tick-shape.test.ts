import { expect, test } from 'vitest'
import { keepTickShape } from './keep-tick-shape.ts'

test('node still makes tick objects, and one is kept', () => {
  expect(keepTickShape()).toBe(true)
  expect(keepTickShape()).toBe(true)
})
