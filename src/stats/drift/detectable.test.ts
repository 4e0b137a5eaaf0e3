import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { randomCounts } from '../testing/random-samples.ts'
import { detectableStability } from './detectable.ts'
import { driftEvidence } from './evidence.ts'

// Noncentralities for a power of .8 at 5%: Cohen (1988), tables of chapter 7.
test.each([
  [1, 7.85],
  [2, 9.63],
  [5, 12.83],
  [10, 16.24],
])('%i degrees of freedom need a noncentrality of %f', (degreesOfFreedom, noncentrality) => {
  const found = detectableStability({ reference: 2, current: 2, degreesOfFreedom }, 0.05)
  expect(found / noncentrality).toBeGreaterThan(0.965)
  expect(found / noncentrality).toBeLessThan(1.035)
})

test('a shift of the detectable size is found in about four of five samples', () => {
  const rows = 2000
  const before = new Array<number>(10).fill(0.1)
  const detectable = detectableStability({ reference: rows, current: rows, degreesOfFreedom: 9 }, 0.05)
  const step = 0.1 * Math.sqrt(detectable) // the index of shares .1 + step and .1 - step is about (step / .1)^2
  const now = before.map((share, bin) => share + (bin % 2 === 0 ? step : -step))
  const random = seededRandom(4)
  let found = 0
  for (let sample = 0; sample < 2000; sample++) {
    const evidence = driftEvidence(randomCounts(random, rows, before), randomCounts(random, rows, now), 10)
    if (evidence!.pValue <= 0.05) found++
  }
  expect(found / 2000).toBeGreaterThan(0.75)
  expect(found / 2000).toBeLessThan(0.85)
})
