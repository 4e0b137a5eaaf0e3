import { expect, test } from 'vitest'
import { normalEstimate } from './estimate.ts'
import { judgeDifference } from './judge-difference.ts'

const nonInferior = { kind: 'non-inferior', margin: 0.002 } as const
const superior = { kind: 'superior', margin: 0 } as const
const between = (low: number, high: number) => ({ value: (low + high) / 2, low, high, confidence: 0.95 })

test.each([
  [between(0.001, 0.005), 'pass', 'pass'],
  [between(-0.001, 0.005), 'pass', 'insufficient'],
  [between(-0.004, 0.005), 'insufficient', 'insufficient'],
  [between(-0.004, -0.0005), 'insufficient', 'fail'],
  [between(-0.006, -0.003), 'fail', 'fail'],
  [undefined, 'insufficient', 'insufficient'],
])('%o: non-inferior within .002 %s, superior %s', (evidence, first, second) => {
  expect(judgeDifference(evidence, nonInferior).verdict).toBe(first)
  expect(judgeDifference(evidence, superior).verdict).toBe(second)
})

test('a model compared with itself is not inferior and not superior', () => {
  expect(judgeDifference(normalEstimate(0, 0), { kind: 'non-inferior', margin: 0 }).verdict).toBe('pass')
  expect(judgeDifference(normalEstimate(0, 0), superior).verdict).toBe('fail')
})

test('the sentence says what was measured and what was asked', () => {
  expect(judgeDifference(normalEstimate(0.0031, 0.001), nonInferior).reason).toBe(
    'The difference is +0.0031 (+0.00114 to +0.00506 at 95% confidence): surely at most 0.002 worse.',
  )
  expect(judgeDifference(normalEstimate(0.001, 0.001), superior).reason).toMatch(
    /too uncertain to say that it is better/,
  )
  expect(judgeDifference(undefined, superior).reason).toMatch(/No interval could be computed/)
})

test('a normal estimate has the interval that a standard error implies', () => {
  const estimate = normalEstimate(1, 0.5)
  expect(estimate.low).toBeCloseTo(1 - 1.959964 / 2, 6)
  expect(estimate.high).toBeCloseTo(1 + 1.959964 / 2, 6)
  expect(() => normalEstimate(1, Number.NaN)).toThrow(/standard error of NaN/)
})

test('what makes no sense is refused', () => {
  expect(() => judgeDifference(between(0, 1), { kind: 'superior', margin: -1 })).toThrow(/margin of -1/)
  expect(() => judgeDifference({ ...between(0, 1), low: 2 }, superior)).toThrow(/2 to 1 is no interval/)
})
