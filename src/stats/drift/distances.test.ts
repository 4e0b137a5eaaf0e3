import { expect, test } from 'vitest'
import { hellingerDistance } from './hellinger.ts'
import { jensenShannonDistance } from './jensen-shannon.ts'
import { largestShift } from './largest-shift.ts'
import { populationStability } from './population-stability.ts'

const before = [16, 18, 16, 14, 12, 12]
const now = [16, 16, 16, 16, 16, 8]
const distances = { populationStability, jensenShannonDistance, hellingerDistance, largestShift }

test('the counts of the SciPy manual have the distances that the leading libraries give', () => {
  expect(populationStability(before, now, 0)).toBeCloseTo(0.0372183816, 10)
  expect(jensenShannonDistance(before, now)).toBeCloseTo(0.0817342133, 10)
  expect(jensenShannonDistance(before, now)! * Math.sqrt(Math.LN2)).toBeCloseTo(0.0680481962, 10)
  expect(hellingerDistance(before, now)).toBeCloseTo(0.06813, 5)
  expect(largestShift(before, now)).toBeCloseTo(0.0454545455, 10)
})

test('the divergence of TensorFlow Data Validation over merged boundaries', () => {
  expect(jensenShannonDistance([2, 2, 0, 0], [0, 1, 1, 2])! ** 2).toBeCloseTo(0.65563906223, 10)
})

test('one lost bin of ten does not make the index infinite, whatever the size', () => {
  const full = new Array<number>(10).fill(100)
  const lost = full.map((count, bin) => (bin === 0 ? 0 : count))
  expect(populationStability(full, lost)).toBeCloseTo(0.527, 3)
  expect(populationStability(full, lost, 0)).toBe(Number.POSITIVE_INFINITY)
})

test.each(Object.entries(distances))('%s: symmetric, 0 for equal shares, larger for a larger shift', (_, distance) => {
  expect(distance(before, now)).toBeCloseTo(distance(now, before)!, 12)
  expect(distance([10, 20, 30], [10, 20, 30])).toBeCloseTo(0, 12)
  expect(distance([50, 50], [40, 60])!).toBeLessThan(distance([50, 50], [20, 80])!)
})

test.each(Object.entries(distances))(
  '%s: undefined for an empty sample, refused for counts that do not fit',
  (_, distance) => {
    expect(distance([0, 0], [1, 2])).toBeUndefined()
    expect(distance([1, 2], [0, 0])).toBeUndefined()
    expect(() => distance([1, 2], [1, 2, 3])).toThrow(/2 and 3 bins/)
    expect(() => distance([], [])).toThrow(/0 and 0 bins/)
    expect(() => distance([1, -1], [1, 1])).toThrow(/count of -1/)
    expect(() => distance([1, Number.NaN], [1, 1])).toThrow(/count of NaN/)
  },
)

test('samples without a common bin are at the largest distance', () => {
  expect(jensenShannonDistance([5, 0], [0, 7])).toBe(1)
  expect(hellingerDistance([5, 0], [0, 7])).toBe(1)
  expect(largestShift([5, 0], [0, 7])).toBe(1)
})
