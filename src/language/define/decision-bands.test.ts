import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { bandsOf } from './decision-bands.ts'
import type { CostsDecision, DecisionCosts } from './decision-definition.ts'

const REST = Number.NEGATIVE_INFINITY

test('one threshold is two bands', () => {
  expect(bandsOf({ threshold: 0.5, above: 'help', otherwise: 'leave' })).toEqual([
    { above: 0.5, decision: 'help', reason: 'help' },
    { above: REST, decision: 'leave', reason: 'leave' },
  ])
})

test('costs are the threshold at which both decisions cost the same', () => {
  const costs: CostsDecision = {
    kind: 'costs',
    costs: [
      { decision: 'block', positive: 0, negative: 20 },
      { decision: 'pass', positive: 80, negative: 0 },
    ],
  }
  expect(bandsOf(costs)).toEqual([
    { above: 0.2, decision: 'block', reason: 'block' },
    { above: REST, decision: 'pass', reason: 'pass' },
  ])
})

test('a decision that is never the cheapest has no band', () => {
  const review = (positive: number, negative: number): DecisionCosts => ({ decision: 'review', positive, negative })
  const others = [
    { decision: 'block', positive: 0, negative: 20 },
    { decision: 'pass', positive: 80, negative: 0 },
  ]
  const decided = (one: DecisionCosts) => bandsOf({ kind: 'costs', costs: [...others, one] }).map((b) => b.decision)
  expect(decided(review(10, 10))).toEqual(['block', 'review', 'pass'])
  expect(decided(review(30, 19))).toEqual(['block', 'pass'])
  expect(decided(review(-1, -1))).toEqual(['review'])
})

test('the bands of random costs decide what costs least', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 300; round += 1) {
    const costs = Array.from({ length: 1 + random.integer(5) }, (_, at) => ({
      ...{ decision: `d${at}`, positive: random.integer(21) - 5, negative: random.integer(21) - 5 },
    }))
    const bands = bandsOf({ kind: 'costs', costs })
    for (let step = 0; step <= 100; step += 1) {
      const p = step / 100
      const expected = ({ positive, negative }: DecisionCosts) => p * positive + (1 - p) * negative
      const { decision } = bands.find(({ above }) => p > above)!
      const least = Math.min(...costs.map(expected))
      expect(expected(costs.find((one) => one.decision === decision)!)).toBeCloseTo(least, 9)
    }
  }
})
