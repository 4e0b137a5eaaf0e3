import { expect, test } from 'vitest'
import { trend } from './trend.ts'

test('values are as high as they are in the range, and what is not known is a dot', () => {
  expect(trend([0.5, 0.6, 0.7, null, 0.5], { low: 0.5, high: 0.7 })).toBe('▁▅█·▁')
  expect(trend([0.7, 0.7], { low: 0.7, high: 0.7 })).toBe('██')
  expect(trend([], { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY })).toBe('')
})
