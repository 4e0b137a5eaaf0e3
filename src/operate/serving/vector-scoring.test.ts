import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Value } from '../../core/data-type.ts'
import { planVector } from '../../data/features/vector.ts'
import { EMPTY, NULL, UNKNOWN_KEY, VALUE } from '../../kernel/status.ts'
import { count, mean } from '../../language/define/aggregations.ts'
import { checkProject } from '../../language/define/check-project.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { above, bands, costs, override } from '../../language/define/decision.ts'
import type { ServeDefinition } from '../../language/define/definitions.ts'
import { feature } from '../../language/define/derived.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import type { VectorScorer } from '../../models/inference/encoders.ts'
import { createVectorScoring, type VectorScoring } from './vector-scoring.ts'

const orders = stream('orders', {
  ...{ key: 'order', time: 'at' },
  schema: {
    order: t.string(),
    customer: t.string(),
    country: t.string({ nullable: true }),
    amount: t.decimal({ scale: 2 }),
    items: t.int(),
    bad: t.bool({ nullable: true }),
    at: t.timestamp(),
  },
})
const habits = features('habits', {
  ...{ entity: entity('customer', { customer: t.string() }), from: orders },
  select: { orders_7d: count().over('7d', { hop: '1h' }), mean_7d: mean('items').over('7d', { hop: '1h' }) },
})

const rules = [
  override({
    when: col('amount').gt(100).and(col('country').ne('NL')),
    ...{ decision: 'review', reason: 'large_abroad', text: 'Large orders from abroad are looked at.' },
  }),
  override({ when: feature(habits, 'orders_7d').gt(9).or(col('items').gt(50)), decision: 'block', reason: 'rush' }),
]

/** A scoring whose score is the mean number of items over 10, or 0.5 without one. */
function scoringOf(
  serve: Pick<ServeDefinition, 'decision' | 'fallback'> & { overrides?: typeof rules },
): VectorScoring {
  const risky = model('risky', {
    ...{ predicts: 'whether an order is bad', at: orders, time: 'at', features: [habits, orders.pick('items')] },
    label: label(orders, col('bad')).on('order').within('1d').absent(false),
    split: byTime({ train: '7d', validate: '1d', test: '1d' }),
    serve,
  })
  const project = collectProject([risky])
  checkProject(project)
  const scoreOf = (mean: number) => (Number.isNaN(mean) ? 0.5 : Math.fround(mean / 10))
  const scorer: VectorScorer = {
    platform: 'trueline_forest',
    inputs: 3,
    outputs: 1,
    scoreRow: (values, offset) => scoreOf(values[offset]!),
    scoreInto(values, offset, scores, at) {
      scores[at] = scoreOf(values[offset]!)
    },
    scoreColumns: ([means], rows) => Float64Array.from(means!.subarray(0, rows), scoreOf),
    close: () => undefined,
  }
  return createVectorScoring({ model: risky, project, plan: planVector(risky, project), scorer })
}

/** The vector is mean_7d, orders_7d, items: features in the order of their names. */
const vector = (mean_7d: number, orders_7d: number, items: number) => Float64Array.of(mean_7d, orders_7d, items)
const known = Uint8Array.of(VALUE, VALUE, VALUE)
const row = (amount: number, country: Value): Value[] =>
  Object.keys(orders.schema).map((name) => ({ amount, country })[name] ?? null)

test('a score decides by the first band that it lies above', () => {
  const three = scoringOf({
    decision: bands([
      { above: 0.9, decision: 'block', reason: 'very_likely', text: 'Nine of ten are bad.' },
      { above: 0.6, decision: 'review' },
      { decision: 'pass' },
    ]),
  })
  const decided = [9.5, 8.5, 7, 5.5, 0].map((mean) => three.score(vector(mean, 1, 1), known).verdict)
  expect(decided.map(({ decision }) => decision)).toEqual(['block', 'review', 'review', 'pass', 'pass'])
  expect(decided[0]).toEqual({
    ...{ decision: 'block', decidedBy: undefined },
    reason: { code: 'very_likely', text: 'Nine of ten are bad.' },
  })
  expect(scoringOf({}).score(vector(9, 1, 1), known)).toEqual({
    score: Math.fround(0.9),
    raw: Math.fround(0.9),
    verdict: { decision: undefined, decidedBy: undefined },
  })
})

test('costs decide by what is expected to cost least', () => {
  const cheapest = scoringOf({
    decision: costs({ block: { positive: 0, negative: 25 }, pass: { positive: 75, negative: 0 } }),
  })
  expect(cheapest.score(vector(2, 1, 1), known).verdict.decision).toBe('pass')
  expect(cheapest.score(vector(3, 1, 1), known).verdict.decision).toBe('block')
})

test('the first rule that holds decides, over columns of the row and features, and says which it was', () => {
  const scoring = scoringOf({ decision: above(0.5, 'block', 'pass'), overrides: rules })
  const decide = (orders7d: number, asked: Value[] | undefined) =>
    scoring.score(vector(1, orders7d, 3), known, asked).verdict
  expect(decide(1, row(10_001, 'DE'))).toEqual({
    ...{ decision: 'review', decidedBy: 'rule:large_abroad' },
    reason: { code: 'large_abroad', text: 'Large orders from abroad are looked at.' },
  })
  expect(decide(1, row(10_000, 'DE')).decidedBy).toBeUndefined()
  expect(decide(1, row(10_001, 'NL')).decidedBy).toBeUndefined()
  // A condition that is null is not true.
  expect(decide(1, row(10_001, null)).decidedBy).toBeUndefined()
  expect(decide(10, row(10_001, 'DE')).decidedBy).toBe('rule:large_abroad')
  expect(decide(10, undefined)).toMatchObject({ decision: 'block', decidedBy: 'rule:rush' })
  expect(scoring.score(vector(1, 1, 51), known).verdict.decidedBy).toBe('rule:rush')
  expect(scoring.rowColumns).toEqual(['amount', 'country'])
})

test('features that are missing decide by their status, those that are stale by their group', () => {
  const scoring = scoringOf({
    decision: above(0.5, 'block', 'pass'),
    overrides: rules,
    fallback: { missing: { decision: 'review', when: ['unknown_key', 'null', 'stale'], features: ['habits'] } },
  })
  expect(scoring.asksForStale).toBe(true)
  const decide = (statuses: number[], stale = 0, orders7d = 0) =>
    scoring.score(vector(1, orders7d, 1), Uint8Array.from(statuses), undefined, Uint8Array.of(stale)).verdict
  expect(decide([VALUE, UNKNOWN_KEY, VALUE])).toMatchObject({
    ...{ decision: 'review', decidedBy: 'missing:habits.orders_7d' },
  })
  expect(decide([NULL, UNKNOWN_KEY, VALUE]).decidedBy).toBe('missing:habits.mean_7d')
  expect(decide([EMPTY, VALUE, NULL]).decidedBy).toBeUndefined()
  expect(decide([VALUE, VALUE, VALUE], 1)).toMatchObject({ decision: 'review', decidedBy: 'stale:habits' })
  // A rule goes before what is missing.
  expect(decide([UNKNOWN_KEY, VALUE, VALUE], 0, 10).decidedBy).toBe('rule:rush')
  // Of a raw vector only the values are known.
  expect(scoring.score(vector(Number.NaN, 0, 1), undefined).verdict.decidedBy).toBe('missing:habits.mean_7d')
})

test('a batch gives each row the bits and the verdict that it gets alone', () => {
  const scoring = scoringOf({
    decision: bands([{ above: 0.9, decision: 'block' }, { above: 0.4, decision: 'review' }, { decision: 'pass' }]),
    overrides: rules,
    fallback: { missing: { decision: 'review', when: ['unknown_key'] } },
  })
  const value = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 0, max: 12 }), fc.double({ min: 0, max: 10 }))
  const asked = fc.record({
    values: fc.tuple(value, value, value),
    statuses: fc.tuple(...Array.from({ length: 3 }, () => fc.constantFrom(UNKNOWN_KEY, EMPTY, NULL, VALUE, VALUE))),
    amount: fc.constantFrom(0, 10_000, 10_001, 99_999),
    country: fc.constantFrom('NL', 'DE', null),
  })
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 30 }), fc.boolean(), (list, hasRows) => {
      const column = (input: number) => Float64Array.from(list, ({ values }) => values[input]!)
      const outcomes = scoring.scoreColumns({
        rows: list.length,
        values: [0, 1, 2].map(column),
        statuses: [0, 1, 2].map((input) => Uint8Array.from(list, ({ statuses }) => statuses[input]!)),
        ...(hasRows
          ? { asked: { amount: list.map(({ amount }) => amount), country: list.map(({ country }) => country) } }
          : {}),
      })
      for (const [index, { values, statuses, amount, country }] of list.entries()) {
        const asking = hasRows ? row(amount, country) : undefined
        const alone = scoring.score(Float64Array.from(values), Uint8Array.from(statuses), asking)
        expect(Object.is(outcomes.scores[index], alone.score)).toBe(true)
        expect(outcomes.verdicts[outcomes.codes[index]!]).toBe(alone.verdict)
      }
    }),
    { numRuns: 300, seed: 7 },
  )
})
