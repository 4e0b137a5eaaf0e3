import { expect, test } from 'vitest'
import { normalEstimate } from './estimate.ts'
import { judgeDifference, judgeDifferences } from './judge-difference.ts'
import { studentDifference } from './tested-difference.ts'

const nonInferior = { kind: 'non-inferior', margin: 0.002 } as const
const superior = { kind: 'superior', margin: 0 } as const

/** With bounds at 95% confidence on either side. */
const between = (low: number, high: number) =>
  studentDifference((low + high) / 2, (high - low) / 2 / 1.644854, 1_000_000)

test.each([
  [between(0.001, 0.005), 'pass', 'pass'],
  [between(-0.001, 0.005), 'pass', 'insufficient'],
  [between(-0.004, 0.005), 'insufficient', 'insufficient'],
  [between(-0.004, -0.0005), 'insufficient', 'fail'],
  [between(-0.006, -0.003), 'fail', 'fail'],
  [undefined, 'insufficient', 'insufficient'],
])('%o: non-inferior within .002 %s, superior %s', (evidence, first, second) => {
  expect(judgeDifference(evidence, nonInferior, 0.05).verdict).toBe(first)
  expect(judgeDifference(evidence, superior, 0.05).verdict).toBe(second)
})

test('a model compared with itself is not inferior and not superior', () => {
  const none = studentDifference(0, 0, 10)
  expect(judgeDifference(none, { kind: 'non-inferior', margin: 0 }, 0.05).verdict).toBe('pass')
  expect(judgeDifference(none, superior, 0.05).verdict).toBe('fail')
})

test('the sentence says what was measured and what was asked', () => {
  const better = studentDifference(0.0031, 0.001, 1_000_000)
  expect(judgeDifference(better, nonInferior, 0.025).reason).toBe(
    'Better by 0.0031 (by 0.00114 to 0.00506, each bound at 97.5% confidence): surely at most 0.002 worse.',
  )
  const worse = studentDifference(-0.0031, 0.001, 1_000_000)
  expect(judgeDifference(worse, nonInferior, 0.025).reason).toBe(
    'Worse by 0.0031 (by 0.00114 to 0.00506, each bound at 97.5% confidence): too uncertain to say that it is at most 0.002 worse.',
  )
  expect(judgeDifference(studentDifference(0.001, 0.001, 100), superior, 0.05).reason).toMatch(
    /too uncertain to say that it is better/,
  )
  expect(judgeDifference(undefined, superior, 0.05).reason).toMatch(/No interval could be computed/)
})

test('of many differences each needs the more evidence, the more there are', () => {
  const clear = studentDifference(0.01, 0.005, 1000)
  expect(judgeDifference(clear, superior, 0.05).verdict).toBe('pass')
  const among = judgeDifferences(
    [clear, ...Array.from({ length: 9 }, () => studentDifference(0, 0.005, 1000))],
    superior,
    0.05,
  )
  expect(among[0]).toMatchObject({ verdict: 'insufficient', reason: expect.stringContaining('one of 10') })
})

test('a normal estimate has the interval that a standard error implies', () => {
  const estimate = normalEstimate(1, 0.5)
  expect(estimate.low).toBeCloseTo(1 - 1.959964 / 2, 6)
  expect(estimate.high).toBeCloseTo(1 + 1.959964 / 2, 6)
  expect(() => normalEstimate(1, Number.NaN)).toThrow(/standard error of NaN/)
})

test('what makes no sense is refused', () => {
  expect(() => judgeDifference(between(0, 1), { kind: 'superior', margin: -1 }, 0.05)).toThrow(/margin of -1/)
  expect(() => judgeDifference(between(0, 1), superior, 0.5)).toThrow(/alpha of 0.5/)
  expect(() => studentDifference(0, -1, 10)).toThrow(/error of -1/)
})
