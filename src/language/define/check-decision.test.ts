import { expect, test } from 'vitest'
import { count } from './aggregations.ts'
import { mistakesIn } from './check-project.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { above, bands, costs, override } from './decision.ts'
import { namedDecisions } from './decision-bands.ts'
import type { ModelDefinition } from './definitions.ts'
import { feature } from './derived.ts'
import { entity } from './entity.ts'
import { features } from './features.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const orders = stream('orders', {
  ...{ key: 'order', time: 'at' },
  schema: { order: t.string(), customer: t.string(), amount: t.number(), bad: t.bool(), at: t.timestamp() },
})
const customer = entity('customer', { customer: t.string() })
const habits = features('habits', { entity: customer, from: orders, select: { orders_7d: count().over('7d') } })
const others = features('others', { entity: customer, from: orders, select: { orders_1d: count().over('1d') } })
const parts = { at: orders, features: [habits], split: byTime({ train: '7d', validate: '1d', test: '1d' }) } as const
const outcome = label(orders, col('bad')).on('order').within('1d').absent(false)
const risky = model('risky', {
  ...{ ...parts, predicts: 'whether an order is bad', label: outcome, calibration: 'platt' },
  serve: {
    decision: bands([
      { above: 0.9, decision: 'block', reason: 'likely' },
      { above: 0.5, decision: 'review' },
      { decision: 'pass' },
    ]),
    overrides: [
      override({ when: col('amount').gt(10).and(feature(habits, 'orders_7d').lt(2)), decision: 'call', reason: 'new' }),
    ],
    fallback: {
      timeout: 'pass',
      invalid: 'refuse',
      missing: { decision: 'review', when: ['unknown_key'], features: ['habits'] },
    },
  },
})

/** Place and code of each mistake of the model with other members. */
function changed(changes: Partial<ModelDefinition>, serve: Partial<ModelDefinition['serve']> = {}): string[] {
  const project = collectProject([risky, others])
  const definition = { ...risky, ...changes, serve: { ...risky.serve, ...serve } }
  const found = mistakesIn({ ...project, models: { risky: definition } })
  return found.map(({ code, path }) => `${path?.replace("model 'risky', ", '')}: ${code}`)
}

test('decisions of all kinds have no mistake, and every one that can be answered is known', () => {
  expect(mistakesIn(collectProject([risky]))).toEqual([])
  expect(namedDecisions(risky)).toEqual(['block', 'review', 'pass', 'call', 'refuse'])
  expect(
    changed({}, { decision: costs({ a: { positive: 0, negative: 1 }, b: { positive: 2, negative: 0 } }) }),
  ).toEqual([])
})

const wrong = 'serve.decision: definition_invalid'

test.each([
  [{ decision: bands([]) }, [wrong]],
  [{ decision: bands([{ above: 0.5, decision: 'a' }]) }, [wrong]],
  [{ decision: bands([{ decision: 'a' }, { decision: 'b' }]) }, [wrong]],
  [{ decision: bands([{ above: 0.5, decision: 'a' }, { above: 0.5, decision: 'b' }, { decision: 'c' }]) }, [wrong]],
  [{ decision: bands([{ above: 0.5, decision: 'a', reason: 'Very likely' }, { decision: 'c' }]) }, [wrong]],
  [{ decision: above(1.5, 'a', 'b') }, [wrong]],
  [{ decision: costs({}) }, [wrong]],
  [{ decision: costs({ a: { positive: Number.NaN, negative: 0 } }) }, [wrong]],
  [
    { overrides: [override({ when: col('amuont').gt(10), decision: 'call', reason: 'new' })] },
    ['serve.overrides new: unknown_column'],
  ],
  [
    { overrides: [override({ when: col('amount'), decision: 'call', reason: 'new' })] },
    ['serve.overrides new: type_mismatch'],
  ],
  [
    { overrides: [override({ when: feature(others, 'orders_1d').gt(1), decision: 'call', reason: 'new' })] },
    ['serve.overrides new: unknown_feature'],
  ],
  [{ overrides: [...risky.serve.overrides!, ...risky.serve.overrides!] }, ['serve.overrides new: definition_invalid']],
  [{ fallback: { missing: { decision: 'review', when: [] } } }, ['serve.fallback.missing: definition_invalid']],
  [
    { fallback: { missing: { decision: 'review', when: ['gone' as never], features: ['habit'] } } },
    ['serve.fallback.missing: definition_invalid', 'serve.fallback.missing: unknown_feature'],
  ],
  [{ adverse: { decisions: ['block', 'review'] } }, []],
  [{ adverse: { decisions: ['pass'], most: 2, texts: { 'habits.orders_7d': 'Orders of a week' } } }, []],
  [{ adverse: { decisions: ['review'] } }, ['serve.adverse: definition_invalid']],
  [{ adverse: { decisions: [] } }, ['serve.adverse: definition_invalid']],
  [{ adverse: { decisions: ['block', 'review', 'pass'] } }, ['serve.adverse: definition_invalid']],
  [{ adverse: { decisions: ['blok'] } }, ['serve.adverse: definition_invalid']],
  [{ adverse: { decisions: ['block'], most: 0 } }, ['serve.adverse: definition_invalid']],
  [{ adverse: { decisions: ['block'], texts: { orders_7d: 'x' } } }, ['serve.adverse: unknown_feature']],
] as [Partial<ModelDefinition['serve']>, string[]][])('%# a model cannot decide by %o', (serve, expected) => {
  expect(changed({}, serve)).toEqual(expected)
})

test('what decides in the place of the score needs a decision by the score', () => {
  const { decision, ...rest } = risky.serve
  const found = mistakesIn({ ...collectProject([risky]), models: { risky: { ...risky, serve: rest } } })
  expect(found.map(({ path }) => path)).toEqual(["model 'risky', serve.decision"])
})

test('only a probability is calibrated, by a way that there is, and only it has costs', () => {
  expect(changed({ calibration: 'plat' as never })).toEqual(['calibration: definition_invalid'])
  expect(changed({ calibration: 'temperature' })).toEqual(['calibration: definition_invalid'])
  const amount = model('amount', {
    ...{ ...parts, predicts: 'the amount', calibration: 'platt' },
    label: label(orders, col('amount')).on('order').within('1d').absent('exclude'),
    serve: { decision: costs({ a: { positive: 0, negative: 1 }, b: { positive: 2, negative: 0 } }) },
  })
  expect(mistakesIn(collectProject([amount])).map(({ path }) => path)).toEqual([
    "model 'amount', calibration",
    "model 'amount', serve.decision",
  ])
})

test('misspelt options are refused with the nearest name', () => {
  const near = (name: string) => expect.objectContaining({ remedy: `Did you mean '${name}'?` })
  const rule = { when: col('amount').gt(1), decision: 'a', raeson: 'b' } as never
  expect(() => override(rule)).toThrow(near('reason'))
  expect(() => bands([{ abvoe: 1, decision: 'a' } as never])).toThrow(near('above'))
  expect(() =>
    model('risky', { ...parts, predicts: 'x', label: outcome, serve: { adverse: { decision: [] } } as never }),
  ).toThrow(near('decisions'))
  const serve = { fallback: { timeuot: 'a' } } as never
  expect(() => model('risky', { ...parts, predicts: 'x', label: outcome, serve })).toThrow(near('timeout'))
})

test('the compiler knows the columns that a rule reads', () => {
  const rule = override({ when: col('amuont').gt(10), decision: 'call', reason: 'new' })
  const serve = { decision: above(0.5, 'a', 'b'), overrides: [rule] }
  // @ts-expect-error: the stream has no column 'amuont'
  const misspelt = model('risky', { ...parts, predicts: 'x', label: outcome, serve })
  expect(mistakesIn(collectProject([misspelt])).map(({ remedy }) => remedy)).toEqual(["Did you mean 'amount'?"])
})
