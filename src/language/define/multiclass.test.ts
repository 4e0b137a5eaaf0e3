import { expect, test } from 'vitest'
import { directional, edgeCases, invariantTo, monotone } from './behaviour.ts'
import type { BehaviourDefinition } from './behaviour-definition.ts'
import { mistakesIn } from './check-project.ts'
import { decodeProject, encodeProject } from './codec.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { above } from './decision.ts'
import type { ModelDefinition } from './definitions.ts'
import { digestOfModel } from './digest.ts'
import { gbdt } from './gbdt.ts'
import { label } from './label.ts'
import { linear, logistic } from './linear.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const orders = stream('orders', {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), shop: t.string(), price: t.number(), at: t.timestamp() },
})
const claims = stream('claims', {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), reason: t.string({ nullable: true }), refund: t.number(), at: t.timestamp() },
})
const classes = ['late', 'damaged', 'unwanted'] as const
const reason = label(claims, col('reason'), { classes }).on('order').within('30d').absent('exclude')
const split = byTime({ train: '20d', validate: '2d', test: '2d' })
const options = { predicts: 'why it is sent back', at: orders, features: [orders.pick('price')], label: reason, split }

function mistakes(definition: ModelDefinition): string[] {
  return mistakesIn(collectProject([definition])).map(({ code, message }) =>
    `${code} ${message}`.replace("model 'm', ", ''),
  )
}

test('a label with classes makes a model of several classes, judged by log loss unless said otherwise', () => {
  const definitions = [
    model('m', options),
    model('m', { ...options, trainer: logistic(), weights: 'balanced', gate: { metric: 'macro_f1' } }),
    model('m', {
      ...options,
      label: label(claims, col('reason').coalesce('late'), { classes }).on('order').within('1d').absent('unwanted'),
      weights: { classes: { late: 1, damaged: 0, unwanted: 2.5 } },
      gate: { decisions: { margin: 0.01 }, behaviour: [edgeCases({ change: 0.9 }), invariantTo('price')] },
    }),
  ]
  for (const definition of definitions) expect(mistakes(definition)).toEqual([])
  expect(definitions[0]).toMatchObject({
    ...{ task: 'multiclass', gate: { metric: 'log_loss' } },
    label: { type: 'string', classes: ['late', 'damaged', 'unwanted'], absent: 'exclude' },
  })
})

test('it comes back from its stored text, and its classes and their order are a part of its digest', () => {
  const project = collectProject([model('m', options)])
  expect(decodeProject(encodeProject(project)).models['m']).toEqual(project.models['m'])
  const turned = label(claims, col('reason'), { classes: ['damaged', 'late', 'unwanted'] })
    .on('order')
    .within('30d')
    .absent('exclude')
  const digests = [reason, turned].map((one) => {
    const collected = collectProject([model('m', { ...options, label: one })])
    return digestOfModel(collected.models['m']!, collected)
  })
  expect(new Set(digests).size).toBe(2)
})

test.each([
  [['late', 'damaged'], /It takes 3 to 100|There are 2 classes; it takes 3 to 100/],
  [[], /There are 0 classes/],
  [Array.from({ length: 101 }, (_, number) => `class ${number}`), /There are 101 classes/],
  [['a', 'b', 'a'], /The class 'a' is there twice/],
  [['a', 'b', ''], /A class has a name of 1 to 200 characters/],
  [['a', 'b', '\ud800'], /holds half of a character/],
  [['a', 'b', 'exclude'], /'exclude' says that rows without an outcome are left out/],
  [['a', 'b', 3], /Classes are a list of texts/],
])('classes that cannot be are refused: %j', (wrong, message) => {
  const made = label(claims, col('reason'), { classes: wrong as string[] })
    .on('order')
    .within('1d')
    .absent('exclude')
  expect(mistakes(model('m', { ...options, label: made }))).toEqual([
    expect.stringMatching(new RegExp(`^definition_invalid label.classes: .*(?:${message.source})`)),
  ])
})

test('two classes are a condition, and the refusal says which', () => {
  const two = label(claims, col('reason'), { classes: ['late', 'other'] })
    .on('order')
    .within('1d')
    .absent('exclude')
  const [mistake] = mistakesIn(collectProject([model('m', { ...options, label: two })]))
  expect(mistake?.remedy).toBe("For two classes use a condition: label(stream, col('outcome').eq('late')).")
})

test('an outcome that is no text, and an absence that is none of the classes, are mistakes', () => {
  const numbered = label(claims, col('refund'), { classes }).on('order').within('1d').absent('exclude')
  expect(mistakes(model('m', { ...options, label: numbered }))).toEqual([
    'type_mismatch label: Classes are told by a text; this outcome is a number.',
  ])
  // @ts-expect-error
  const absent = label(claims, col('reason'), { classes }).on('order').within('1d').absent('lat')
  expect(mistakes(model('m', { ...options, label: absent }))).toEqual([
    "definition_invalid label.absent: There is no class 'lat'.",
  ])
  // @ts-expect-error
  const misspelt = label(claims, col('raeson'), { classes }).on('order').within('1d').absent('exclude')
  expect(mistakes(model('m', { ...options, label: misspelt }))).toHaveLength(1)
  // @ts-expect-error
  const bare = label(claims, col('reason').coalesce('x'))
  const silent = model('m', { ...options, label: bare.on('order').within('1d').absent('exclude') as typeof reason })
  const found = mistakesIn(collectProject([silent]))
  expect(found.map(({ code }) => code)).toEqual(['type_mismatch'])
  expect(found[0]!.remedy).toContain("{ classes: ['a', 'b', 'c'] }")
})

test('probabilities of several classes are calibrated by each way that there is', () => {
  for (const calibration of ['platt', 'isotonic', 'temperature'] as const)
    expect(mistakes(model('m', { ...options, calibration }))).toEqual([])
})

test('small steps learn several classes', () => {
  expect(mistakes(model('m', { ...options, retrain: { continuous: { every: '1d', labels: 9 } } }))).toEqual([])
})

test('what only one score can have is refused', () => {
  const wrong: [ModelDefinition, RegExp][] = [
    [model('m', { ...options, trainer: linear() }), /^definition_invalid trainer: .* learnt by logistic\(\)/],
    [model('m', { ...options, gate: { metric: 'auc' } }), /^definition_invalid gate.metric: .* macro_auc, macro_f1/],
    [model('m', { ...options, serve: { decision: above(0.5, 'a', 'b') } }), /^definition_invalid serve.decision: /],
    [
      model('m', { ...options, weights: { classes: { late: 1, damaged: 2 } } }),
      /^definition_invalid weights.classes: There is no weight of unwanted/,
    ],
  ]
  for (const [definition, message] of wrong) expect(mistakes(definition)).toEqual([expect.stringMatching(message)])
  const foreign = model('m', { ...options, weights: { classes: { late: 1, damaged: 2, unwanted: 1, lost: 1 } } })
  expect(mistakes(foreign)).toEqual([expect.stringMatching(/weights.classes: There is no class 'lost'/)])
  expect(mistakes(model('m', { ...options, trainer: gbdt() }))).toEqual([])
})

test('which way a probability goes is said of a class by its name', () => {
  const of = (...behaviour: BehaviourDefinition[]) => mistakes(model('m', { ...options, gate: { behaviour } }))
  const down = { by: 1, expect: 'down', class: 'damaged' } as const
  expect(of(monotone({ price: 'up' }, { class: 'late' }), directional('price', down))).toEqual([])
  expect(of(monotone({ price: 'up' }))).toEqual([
    'definition_invalid gate.behaviour monotone.class: Which way a score goes can be said of one, not of several classes at once.',
  ])
  expect(of(directional('price', { by: 1, expect: 'up' }))[0]).toMatch(/^definition_invalid .* directional\.class: /)
  expect(of(directional('price', { ...down, class: 'damagd' }))[0]).toMatch(/There is no class 'damagd'\.$/)
})
