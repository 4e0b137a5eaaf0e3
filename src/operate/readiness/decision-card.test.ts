import { expect, test } from 'vitest'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { bands, classCosts, classThresholds, costs, override } from '../../language/define/decision.ts'
import type { ServeDefinition } from '../../language/define/definitions.ts'
import { encode } from '../../language/define/encode.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { decisionCard } from './decision-card.ts'

const orders = stream('orders', {
  ...{ key: 'order', time: 'at' },
  schema: {
    ...{ order: t.string(), amount: t.number(), at: t.timestamp(), bad: t.bool({ nullable: true }) },
    country: t.string({ oneOf: ['DE', 'NL'] }),
  },
})

function cardOf(
  serve: Pick<ServeDefinition, 'decision' | 'fallback'>,
  calibration?: 'platt',
): Record<string, string[]> {
  const risky = model('risky', {
    ...{ predicts: 'probability that an order is bad', at: orders, time: 'at' },
    features: [orders.pick('amount'), encode.oneHot(orders.pick('country'))],
    label: label(orders, col('bad')).on('order').within('1d').absent(false),
    split: byTime({ train: '7d', validate: '1d', test: '1d' }),
    ...(calibration === undefined ? {} : { calibration }),
    serve: {
      ...serve,
      overrides: [
        override({ when: col('amount').gt(900), decision: 'call', reason: 'large', text: 'Somebody calls.' }),
      ],
    },
  })
  const sections = decisionCard(risky, collectProject([risky]))
  return Object.fromEntries(sections.map(({ title, lines }) => [title, [...lines]]))
}

test('the card says how a score becomes a decision, and what is decided at the edges', () => {
  const card = cardOf(
    {
      decision: bands([{ above: 0.9, decision: 'block', reason: 'likely' }, { decision: 'pass' }]),
      fallback: { timeout: 'pass', missing: { decision: 'call', when: ['null'], features: ['amount'] } },
    },
    'platt',
  )
  expect(card).toEqual({
    Score: [
      'A probability: probability that an order is bad.',
      "It is calibrated by Platt's scaling on the validation rows.",
    ],
    Decision: ["score above 0.9: 'block' (likely)", "else: 'pass'"],
    'Rules before the score': [
      "'call' when amount > 900 (large: Somebody calls.)",
      'Rules by hand, `trueline decisions`, go before all others.',
    ],
    'Edge cases': [
      "The answer would come too late: 'pass'.",
      'The row is not what the contract asks for: no decision, only the error.',
      'What is needed to score cannot be reached: no decision, only the error.',
      "amount is null: 'call'. Other features that are missing: the model scores without them.",
      'A category that training did not see, encoded as oneHot, is none of those that are.',
      "A value of 'country' that is not listed: the row is refused.",
    ],
  })
})

test('the card shows the threshold that costs come to, what is never the cheapest, and that nothing is calibrated', () => {
  const { Decision: lines } = cardOf({
    decision: costs({
      block: { positive: 0, negative: 20 },
      pass: { positive: 80, negative: 0 },
      wait: { positive: 70, negative: 20 },
    }),
  })
  expect(lines).toEqual([
    "'block' costs 0 when the outcome comes true, and 20 when it does not.",
    "'pass' costs 80 when the outcome comes true, and 0 when it does not.",
    "'wait' costs 70 when the outcome comes true, and 20 when it does not; it is never the cheapest.",
    'That is the same as:',
    "score above 0.2: 'block'",
    "else: 'pass'",
    'The costs are weighed by the score as it is; a calibration would make it a probability to rely on.',
  ])
})

test.each([
  ['temperature', 'It is calibrated by temperature scaling on the validation rows.'],
  ['isotonic', 'It is calibrated by isotonic regression of each class against the rest on the validation rows.'],
] as const)('the card of several classes says how they are calibrated: %s', (calibration, line) => {
  const ending = model('ending', {
    ...{ predicts: 'where an order goes', at: orders, time: 'at', features: [orders.pick('amount')] },
    label: label(orders, col('order'), { classes: ['a', 'b', 'c'] })
      .on('order')
      .within('1d')
      .absent('exclude'),
    split: byTime({ train: '7d', validate: '1d', test: '1d' }),
    calibration,
  })
  const [score] = decisionCard(ending, collectProject([ending]))
  expect(score!.lines[1]).toBe(line)
})

test('names of classes and decisions of several words stand apart from what is said of them', () => {
  const classes = ['on time', 'very late', 'lost']
  const cardOfClasses = (decision: NonNullable<ServeDefinition['decision']>) => {
    const ending = model('ending', {
      ...{ predicts: 'how an order ends', at: orders, time: 'at', features: [orders.pick('amount')] },
      label: label(orders, col('order'), { classes }).on('order').within('1d').absent('exclude'),
      split: byTime({ train: '7d', validate: '1d', test: '1d' }),
      serve: { decision },
    })
    return decisionCard(ending, collectProject([ending])).find(({ title }) => title === 'Decision')?.lines
  }
  const weighed = cardOfClasses(
    classCosts({
      'call them': { 'on time': 1, 'very late': 0, lost: 0 },
      wait: { 'on time': 0, 'very late': 5, lost: 9 },
    }),
  )
  expect(weighed?.slice(1, 3)).toEqual([
    "'call them' costs 1 where it is 'on time', 0 where it is 'very late', 0 where it is 'lost'.",
    "'wait' costs 0 where it is 'on time', 5 where it is 'very late', 9 where it is 'lost'.",
  ])
  const above = { class: 'very late', above: 0.3, decision: 'call them', reason: 'often_late', text: 'It may be late.' }
  expect(cardOfClasses(classThresholds([above, { class: 'lost', above: 0.2 }, { decision: 'wait' }]))).toEqual([
    'The first of these that holds, though another class may be likelier:',
    "probability of 'very late' above 0.3: 'call them' (often_late: It may be late.)",
    "probability of 'lost' above 0.2: 'lost'",
    "else: 'wait'",
    'The probabilities are taken as they are; a calibration would make them ones to rely on.',
  ])
})
