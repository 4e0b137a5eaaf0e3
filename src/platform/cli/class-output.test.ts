import { expect, test } from 'vitest'
import { classRows } from './class-output.ts'

test('each class has a row, a share that is not defined is left open, and of many classes the first are listed', () => {
  const auc = { value: 0.75, standardError: 0.01, low: 0.73, high: 0.77, confidence: 0.95 }
  const told = { name: 'late', rows: 12, recall: 0.25, precision: 0.5, auc, calibrationError: 0.01 }
  const classes = [told, { name: 'lost', rows: 0 }]
  expect(classRows({ classes })).toEqual([
    ['  late', 12, '0.2500', '0.5000', '0.7500', '0.0100'],
    ['  lost', 0, undefined, undefined, undefined, undefined],
  ])
  expect(classRows({ classes: Array.from({ length: 25 }, () => told) })).toHaveLength(20)
})
