import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { randomCounts } from '../testing/random-samples.ts'
import { driftEvidence } from './evidence.ts'
import { fisherExact } from './fisher-exact.ts'
import { poolSparseBins } from './pool-sparse-bins.ts'

const uniform = (bins: number) => new Array<number>(bins).fill(1 / bins)

/** Shares that fall off as a power, as categories do. */
function skewed(bins: number): number[] {
  const weights = Array.from({ length: bins }, (_, bin) => 1 / (bin + 1) ** 1.5)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** Nine tenths of the rows in one bin, as with counts that are mostly zero. */
const peaked = (bins: number) => Array.from({ length: bins }, (_, bin) => (bin === 0 ? 0.9 : 0.1 / (bins - 1)))

function falseAlarms(seed: number, shares: readonly number[], reference: number, current: number): number {
  const random = seededRandom(seed)
  const samples = shares.length > 100 ? 2000 : 5000
  let alarms = 0
  for (let sample = 0; sample < samples; sample++) {
    const before = randomCounts(random, reference, shares)
    const evidence = driftEvidence(before, randomCounts(random, current, shares), shares.length)
    if (evidence !== undefined && evidence.pValue <= 0.05) alarms++
  }
  return alarms / samples
}

test.each([
  [50, 50],
  [1000, 1000],
  [100_000, 100_000],
  [100_000, 300],
  [1_000_000, 50],
  [1_000_000, 1000],
])('%i against %i rows: at most 6% false alarms for 2 to 200 bins of any shape', (reference, current) => {
  for (const bins of [2, 3, 10, 200]) {
    for (const shape of [uniform, skewed, peaked]) {
      expect(falseAlarms(bins, shape(bins), reference, current)).toBeLessThanOrEqual(0.06)
    }
  }
})

test('where every bin is well filled the test spends its 5%', () => {
  expect(falseAlarms(1, uniform(10), 10_000, 10_000)).toBeGreaterThan(0.04)
})

test('a bin that was empty in a large reference and fills in a small sample is found', () => {
  const before = [500_000, 500_000, 0]
  expect(driftEvidence(before, [490, 490, 20], 2)!.pValue).toBeLessThan(1e-6)
  expect(driftEvidence([1_000_000, 0], [0, 200], 1)!.pValue).toBeLessThan(1e-12)
  expect(driftEvidence([0, 1_000_000, 0, 0], [0, 0, 200, 0], 3)!.pValue).toBeLessThan(1e-12)
})

test('a constant column is no evidence; bins too sparse to part are undefined, and so is an empty sample', () => {
  expect(driftEvidence([0, 80, 0], [0, 60, 0], 2)!.pValue).toBe(1)
  expect(driftEvidence([3, 4, 2], [2, 3, 4], 2)).toBeUndefined()
  expect(driftEvidence([3, 4, 2], [0, 0, 0], 2)).toBeUndefined()
})

test('sparse neighbours are merged, a missing-value bin and a bin beside a full one stay apart', () => {
  const options = { minimumExpected: 10, ordered: 5 }
  expect(poolSparseBins([6, 6, 90, 4, 0, 5], [5, 5, 95, 0, 3, 4], options)).toEqual({
    groups: { reference: [12, 90], current: [10, 95] },
    sparse: { reference: 9, current: 7 },
  })
  expect(poolSparseBins([90, 9, 0, 90, 0, 16], [90, 0, 0, 90, 0, 5], options)).toEqual({
    groups: { reference: [90, 90, 25], current: [90, 90, 5] },
    sparse: { reference: 0, current: 0 },
  })
})

test("Fisher's test: twice the one-sided probability .001379728 of the textbook table", () => {
  expect(fisherExact(1, 12, 9, 12)).toBeCloseTo(2 * 0.001379728, 9)
  expect(fisherExact(9, 12, 1, 12)).toBeCloseTo(2 * 0.001379728, 9)
  expect(fisherExact(5, 10, 5, 10)).toBe(1)
  expect(fisherExact(0, 10, 0, 10)).toBe(1)
  expect(fisherExact(0, 1_000_000, 1000, 1000)).toBe(0)
})
