import { expect, test } from 'vitest'
import { seededRandom } from '../random.ts'
import { nearestBetween } from './between.ts'
import { nearestRatio, nearestRootRatio } from './ratio.ts'

test('ratios of doubles are divided as the processor does it', () => {
  const random = seededRandom(5)
  for (let round = 0; round < 2000; round++) {
    const left = random.integer(2 ** 53)
    const right = 1 + random.integer(2 ** 30)
    expect(nearestRatio(BigInt(-left), BigInt(right))).toBe(left === 0 ? 0 : -left / right)
    expect(nearestRootRatio(BigInt(left), 1n)).toBe(Math.sqrt(left))
  }
  expect(nearestRatio(1n << 700n, 3n << 699n)).toBe(2 / 3)
})

test('a tie goes to the even double, and the smallest rest decides it', () => {
  const tie = (1n << 54n) + 2n
  expect(nearestRatio(tie, 1n)).toBe(2 ** 54)
  expect(nearestRatio((tie << 400n) + 1n, 1n << 400n)).toBe(2 ** 54 + 4)
  expect(nearestRatio((tie << 400n) - 1n, 1n << 400n)).toBe(2 ** 54)
  expect(nearestRootRatio(tie * tie, 1n)).toBe(2 ** 54)
  expect(nearestRootRatio(tie * tie + 1n, 1n)).toBe(2 ** 54 + 4)
})

test('between two numbers is rounded once', () => {
  expect(nearestBetween(1, 2, 0.5)).toBe(1.5)
  expect(nearestBetween(-3, -3, 0.3)).toBe(-3)
  // 0.1 + 0.2 would be rounded twice.
  expect(nearestBetween(0.1, 0.30000000000000004, 0.5)).toBe(0.2)
  expect(nearestBetween(-(2 ** 200), 2 ** 200, 0.5)).toBe(0)
  expect(nearestBetween(2 ** 53, 1, 1)).toBe(1)
})
