import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { givenDecimal } from './given-decimal.ts'
import { readerOf } from './read-value.ts'

test('a decimal of any size and scale is read as the units that it was made of', () => {
  const random = seededRandom(1)
  const most = Number.MAX_SAFE_INTEGER
  for (let scale = 0; scale <= 15; scale += 1) {
    const read = readerOf({ type: 'decimal', scale, nullable: false })
    const sizes = [0, 1, 10, 2 ** 50, 2 ** 50 + 1, most - 1, most]
    for (let drawn = 0; drawn < 2000; drawn += 1) sizes.push(Math.floor(random.next() * 2 ** (53 * random.next())))
    for (const size of sizes)
      for (const units of [size, -size]) expect(read(givenDecimal(units, scale)), `${units}, ${scale}`).toBe(units + 0)
  }
})

test('it is a number wherever that says it', () => {
  expect(givenDecimal(2522, 2)).toBe(25.22)
  expect(givenDecimal(-9_007_199_254_740_991, 2)).toBe('-90071992547409.91')
  expect(givenDecimal(9_007_199_254_740_991, 0)).toBe('9007199254740991')
})
