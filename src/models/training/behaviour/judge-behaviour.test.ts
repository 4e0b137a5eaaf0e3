import { expect, test } from 'vitest'
import { textCode } from '../../../core/text-code.ts'
import { directional, edgeCases, invariantTo, monotone } from '../../../language/define/behaviour.ts'
import type { BehaviourSubject } from './behaviour-check.ts'
import { judgeBehaviour } from './judge-behaviour.ts'

const ROWS = 50
const amounts = Float64Array.from({ length: ROWS }, (_, row) => row * 2 + 2)
const shops = Float64Array.from({ length: ROWS }, (_, row) => textCode(row === 7 ? 'rare' : `shop ${row % 3}`))
const isNew = Float64Array.from({ length: ROWS }, (_, row) => row % 2)

const inputs: BehaviourSubject['inputs'] = [
  { name: 'amount', type: 'number', min: 0, max: 10_000 },
  { name: 'shop.name', type: 'string' },
  { name: 'is_new', type: 'bool' },
]

/** A model that scores a row by its values: the amount, the shop and whether it is new. */
function subject(score: (amount: number, shop: number, isNew: number) => number): BehaviourSubject {
  const columns = [amounts, shops, isNew]
  return {
    ...{ inputs, rows: columns, train: columns, range: { low: 0, high: 1 } },
    score: ([first, second, third]) => first!.map((amount, row) => score(amount, second![row]!, third![row]!)),
  }
}

/** Like a model of trees: what is missing counts as 0, and scores are probabilities. */
const rising = subject((amount) => 0.2 + 0.5 * Math.min(1, (Number.isNaN(amount) ? 0 : amount) / 100))

test('a candidate whose scores stay finite and in range at the edges passes without being asked', () => {
  const [check, ...others] = judgeBehaviour([], rising)
  expect(others).toEqual([])
  expect(check).toMatchObject({ kind: 'edge_cases', verdict: 'pass', worst: { input: 'amount' } })
  expect(check!.sentence).toMatch(/^Extreme, unseen and missing values give scores that are finite and in range/)
})

test.each([
  ["'amount' missing", (amount: number) => amount / 20_000],
  ["'amount' at 10000", (amount: number) => (amount > 9000 ? 1.5 : 0.5)],
  ["'amount' at 0", (amount: number, _shop: number, fresh: number) => (Number.isNaN(amount) ? 0 : fresh / amount / 3)],
  [
    "'shop.name' at a category that was never seen",
    (_: number, shop: number) => (Number.isNaN(shop) || shopKnown(shop) ? 0.4 : Number.NaN),
  ],
  ["'is_new' missing", (amount: number, _: number, fresh: number) => (Number.isNaN(amount) ? 0.1 : fresh)],
  [
    'all inputs missing',
    (amount: number, shop: number, fresh: number) => ([amount, shop, fresh].every(Number.isNaN) ? -1 : 0.3),
  ],
])('a candidate that breaks with %s fails, and the case is named', (name, score) => {
  const [check] = judgeBehaviour([], subject(score))
  expect(check).toMatchObject({ kind: 'edge_cases', verdict: 'fail' })
  expect(check!.sentence).toContain(`With ${name} a score is `)
  expect(check!.worst!.before).toBeGreaterThanOrEqual(0)
})

function shopKnown(code: number): boolean {
  return shops.includes(code)
}

test('a candidate that breaks on rows as they are is told so', () => {
  const check = judgeBehaviour(
    [],
    subject((amount) => (amount > 90 ? Number.POSITIVE_INFINITY : 0.5)),
  )[0]!
  expect(check).toMatchObject({ verdict: 'fail', worst: { before: null, after: null } })
  expect(check.sentence).toBe('With nothing changed a score is Infinity, and not a number from 0 to 1.')
})

test('one edge case may move a score only so far, where that is declared', () => {
  expect(judgeBehaviour([edgeCases({ change: 0.8 })], rising)[0]!.verdict).toBe('pass')
  const check = judgeBehaviour([edgeCases({ change: 0.3 })], rising)[0]!
  expect(check).toMatchObject({
    verdict: 'fail',
    sentence: expect.stringMatching(/a score moves by 0\.\d+, more than 0\.3\.$/),
  })
})

test('a score that should not depend on an input, or on a group of them, is tried with the values of other rows', () => {
  const check = (input: string, tolerance: number, of: BehaviourSubject) =>
    judgeBehaviour([invariantTo(input, { tolerance })], of)[1]!
  expect(check('is_new', 0, rising)).toMatchObject({ kind: 'invariant', verdict: 'pass' })
  expect(check('amount', 0.1, rising).verdict).toBe('fail')
  const byShop = subject((_, shop) => (shop === shops[0] ? 0.6 : 0.5))
  expect(check('shop', 0.05, byShop)).toMatchObject({ verdict: 'fail', worst: { input: 'shop' } })
  expect(check('shop', 0.2, byShop).verdict).toBe('pass')
})

test('a score that should rise with an input may fall back by no more than the tolerance', () => {
  const waves = subject((amount) => 0.4 + (Number.isNaN(amount) ? 0 : amount / 1000) + 0.03 * Math.sin(amount))
  const check = (direction: 'up' | 'down', tolerance: number, of: BehaviourSubject) =>
    judgeBehaviour([monotone({ amount: direction }, { tolerance })], of)[1]!
  expect(check('up', 0, rising)).toMatchObject({
    kind: 'monotone',
    verdict: 'pass',
    sentence: "As 'amount' grows no score falls.",
  })
  expect(check('down', 0.1, rising)).toMatchObject({ verdict: 'fail', worst: { input: 'amount' } })
  expect(check('up', 0, waves).verdict).toBe('fail')
  expect(check('up', 0.07, waves).verdict).toBe('pass')
})

test('scores are expected to move one way on a share of rows', () => {
  const check = (by: number, share: number) =>
    judgeBehaviour([directional('amount', { by, expect: 'up', share })], rising)[1]!
  expect(check(10, 1).verdict).toBe('pass')
  expect(check(-10, 0.5)).toMatchObject({
    ...{ kind: 'directional', verdict: 'fail', cases: ROWS },
    sentence: expect.stringContaining('-10 more of '),
  })
})

test('without a row nothing is tried', () => {
  const empty = { ...rising, rows: [new Float64Array(0), new Float64Array(0), new Float64Array(0)] }
  expect(judgeBehaviour([], empty)).toEqual([])
})

test('a score that is no number for the values of another row keeps no expectation', () => {
  // Of two values that no row has together.
  const broken = subject((amount, _, fresh) => (amount === 52 && fresh === 0 ? Number.NaN : 0.5))
  const checks = judgeBehaviour([invariantTo('is_new', { tolerance: 0.1 }), monotone({ amount: 'up' })], broken)
  expect(checks.slice(1)).toMatchObject([
    { kind: 'invariant', verdict: 'fail', worst: { after: null } },
    { kind: 'monotone', verdict: 'fail', worst: { after: null } },
  ])
})

/** Three classes: the amount moves rows from the first to the second, and the third stays as it is. */
const ofThree: BehaviourSubject = {
  ...{ inputs, rows: [amounts, shops, isNew], train: [amounts, shops, isNew], range: { low: 0, high: 1 } },
  classes: ['late', 'lost', 'whole'],
  score: ([amount]) =>
    Float64Array.from({ length: amount!.length * 3 }, (_, place) => {
      const share = Math.min(1, Math.max(0, (amount![Math.floor(place / 3)]! || 0) / 200))
      return [0.6 - 0.5 * share, 0.2 + 0.5 * share, 0.2][place % 3]!
    }),
}

test('of several classes the probability of the one that is named goes up or down', () => {
  const rises = (name: string, direction: 'up' | 'down') =>
    judgeBehaviour([monotone({ amount: direction }, { class: name })], ofThree)[1]!
  expect(rises('lost', 'up')).toMatchObject({
    ...{ kind: 'monotone', verdict: 'pass', cases: 13 * ROWS },
    sentence: "As 'amount' grows no probability of 'lost' falls.",
  })
  expect(rises('late', 'up')).toMatchObject({
    verdict: 'fail',
    sentence: expect.stringMatching(
      /^As 'amount' grows to 100 a probability of 'late' falls by up to 0\.245; 0 is allowed/,
    ),
    worst: { class: 'late', before: 0.595, after: 0.35, row: 0 },
  })
  expect(rises('late', 'down').verdict).toBe('pass')
  const more = (name: string) =>
    judgeBehaviour([directional('amount', { by: 5, expect: 'up', class: name })], ofThree)[1]!
  expect(more('lost')).toMatchObject({
    ...{ verdict: 'pass', cases: ROWS },
    sentence: "With 5 more of 'amount' 100% of probabilities of 'lost' go up or stay; 100% are expected.",
  })
  expect(more('late')).toMatchObject({ verdict: 'fail', worst: { class: 'late' } })
})

test('of a baseline nothing is expected about inputs that it does not take', () => {
  const definitions = [
    monotone({ 'orders.mean_7d': 'up', amount: 'up' }),
    directional('orders.mean_7d', { by: 1, expect: 'up' }),
    invariantTo('orders'),
  ]
  expect(judgeBehaviour(definitions, rising).map(({ kind }) => kind)).toEqual(['edge_cases', 'monotone'])
})
