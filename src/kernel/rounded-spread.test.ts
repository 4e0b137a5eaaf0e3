import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { roundedSpread } from './rounded-spread.ts'

/** Scaled by a power of two, the values are whole. */
const SCALE = 2 ** 70

function exactly(values: readonly number[]) {
  const parts = values.map((value) => BigInt(value * SCALE))
  const sum = parts.reduce((a, b) => a + b, 0n)
  const squares = parts.reduce((a, b) => a + b * b, 0n)
  const [s1, q1] = [Number(sum), Number(squares)]
  return {
    sum: [s1 / SCALE, Number(sum - BigInt(s1)) / SCALE] as const,
    squares: [q1 / SCALE ** 2, Number(squares - BigInt(q1)) / SCALE ** 2] as const,
    spread: Number(BigInt(values.length) * squares - sum * sum) / SCALE ** 2,
  }
}

test.each([
  ['of all signs', (next: number) => next - 0.5, 0.01],
  ['far from zero', (next: number) => 1000 + next, 0.01],
  ['very close to each other', (next: number) => 1 + Math.floor(next * 4) * 2 ** -52, 1],
] as const)('values %s: correctly rounded, or no answer', (_, draw, mostUnsure) => {
  const random = seededRandom(3)
  let unsure = 0
  for (let round = 0; round < 5000; round++) {
    const values = Array.from({ length: 2 + random.integer(40) }, () => draw(random.next()))
    const { sum, squares, spread } = exactly(values)
    const rounded = roundedSpread(values.length, ...sum, ...squares)
    if (Number.isNaN(rounded)) unsure += 1
    else if (rounded !== spread) expect(rounded).toBe(spread)
  }
  expect(unsure / 5000).toBeLessThanOrEqual(mostUnsure)
})
