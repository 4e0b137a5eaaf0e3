import { expect, test } from 'vitest'
import { importanceCard } from './importance-card.ts'

const importance = [
  { feature: 'amount', gain: 30 },
  { feature: 'orders', gain: 10 },
  { feature: 'hour', gain: 0 },
]

test('a card says how far inputs move scores, and what they brought in training', () => {
  const features = [
    { feature: 'orders', mean: 1.23456 },
    { feature: 'amount', mean: 0.05 },
    { feature: 'hour', mean: 0 },
  ]
  expect(importanceCard({ importance, contributions: { rows: 200, unit: 'log_odds', features } }).lines).toEqual([
    'How far each input moved the score of 200 rows of the test on average, in log-odds, and what it brought in training:',
    'orders: 1.23, 25.0% of the gain',
    'amount: 0.0500, 75.0% of the gain',
    '1 do not move it.',
    'A contribution is what the model made of an input, and no cause.',
  ])
})

test('inputs beyond fifteen are counted, and gains that nobody knows are not said', () => {
  const features = Array.from({ length: 20 }, (_, index) => ({ feature: `f${index}`, mean: 20 - index }))
  const { lines } = importanceCard({ contributions: { rows: 9, unit: 'score', features } })
  expect(lines).toHaveLength(18)
  expect(lines[1]).toBe('f0: 20.0')
  expect(lines[16]).toBe('5 others move it less.')
})

test('of a version that was not explained only gains are said', () => {
  const [first, ...gains] = importanceCard({ importance }).lines
  expect(first).toContain('not known')
  expect(gains).toEqual(['amount: 75.0% of the gain', 'orders: 25.0% of the gain'])
  expect(importanceCard({}).lines).toHaveLength(1)
})
