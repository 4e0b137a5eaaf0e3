import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../core/time.ts'
import { mistakesIn } from './check-project.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import type { ModelDefinition, SplitDefinition } from './definitions.ts'
import { label } from './label.ts'
import { linear, logistic } from './linear.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { grid, halving, randomSearch } from './search.ts'
import type { SearchDefinition } from './search-definition.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const orders = stream('orders', {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), price: t.decimal({ scale: 2 }), gift: t.bool(), at: t.timestamp() },
})
const returns = stream('returns', {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), refund: t.number(), at: t.timestamp() },
})
const split = { train: '20d', validate: '2d', test: '2d' } as const
const binary = {
  predicts: 'returns',
  at: orders,
  time: 'at',
  features: [orders.pick('price')],
  label: label(returns, col('refund').gt(0)).on('order').within('3d').absent(false),
  split: byTime(split),
} as const
const size = { ...binary, label: label(returns, col('refund')).on('order').within('3d').absent('exclude') }

/** Places and messages of the mistakes of a model. */
function mistakes(definition: ModelDefinition): string[] {
  return mistakesIn(collectProject([definition])).map(({ message }) => message.replace("model 'm', ", ''))
}

test('weights, searches and folds that make sense are accepted', () => {
  const definitions = [
    model('m', { ...binary, weights: 'balanced', trainer: logistic({ lambda: 0.1 }) }),
    model('m', { ...binary, weights: { classes: { positive: 3, negative: 1 }, rows: col('price').add(1) } }),
    model('m', { ...size, weights: { rows: col('price') }, trainer: linear(), search: grid({ l1Ratio: [0, 0.5, 1] }) }),
    model('m', { ...binary, split: byTime({ ...split, folds: 4, embargo: '1d' }) }),
    model('m', { ...binary, search: randomSearch({ trials: 5, space: { depth: [4, 6] }, patience: 2 }) }),
    model('m', { ...binary, search: halving({ trials: 9, space: { lambda: { from: 0.1, to: 9, scale: 'log' } } }) }),
  ]
  for (const definition of definitions) expect(mistakes(definition)).toEqual([])
})

test('weights are numbers of the row that asks, and of outcomes only where these come or do not', () => {
  expect(mistakes(model('m', { ...size, weights: 'balanced' }))).toEqual([
    'weights.classes: Only outcomes that come or do not have classes; this model predicts a number.',
  ])
  expect(mistakes(model('m', { ...binary, weights: { classes: { positive: -1, negative: 1 } } }))).toEqual([
    'weights.classes: Each must be a number at least 0.',
  ])
  expect(mistakes(model('m', { ...binary, weights: { rows: col('gift') } }))).toEqual([
    'weights.rows: A weight is a number; this is a bool.',
  ])
  // @ts-expect-error the stream has no such column
  expect(mistakes(model('m', { ...binary, weights: { rows: col('prize') } }))).toHaveLength(1)
  // @ts-expect-error it has no such option
  expect(() => model('m', { ...binary, weights: { row: col('price') } })).toThrow("There is no option 'row'.")
})

test('weights that are written wrong are said to be none', () => {
  const weighing = (weights: unknown) => () => model('m', { ...binary, weights: weights as 'balanced' })
  const refusal = { code: 'definition_invalid', remedy: expect.stringContaining("Did you mean 'balanced'?") }
  expect(weighing('balancd')).toThrow(expect.objectContaining(refusal))
  expect(weighing({ classes: 'even' })).toThrow(
    expect.objectContaining({ ...refusal, path: "model 'm', weights.classes" }),
  )
})

test('a search varies parameters that its trainer has, within their ranges, and makes a number of trials', () => {
  const searching = (search: SearchDefinition) => mistakes(model('m', { ...binary, search }))
  expect(searching(grid({ dept: [4] }))).toEqual(["search.space: There is no parameter of gbdt 'dept'."])
  expect(searching(grid({ depth: [4, 60] }))).toEqual(['search.space.depth: 60 is not a whole number from 1 to 12.'])
  expect(searching(grid({}))).toEqual(['search.space: It varies nothing.'])
  expect(searching(grid({ depth: [] }))).toHaveLength(2)
  expect(searching(grid({ depth: [4] }, { patience: 0 }))).toEqual([
    'search.patience: It must be a whole number above 0.',
  ])
  expect(searching(randomSearch({ trials: 0, space: { depth: [4] } }))).toEqual([
    'search: It must make 1 to 10000 trials, not 0.',
  ])
  expect(searching(halving({ trials: 3, factor: 1, space: { depth: { from: 6, to: 4, whole: true } } }))).toEqual([
    'search.space.depth: It must go from a number to a greater one.',
    'search.factor: It must be a whole number from 2.',
  ])
  expect(searching(randomSearch({ trials: 3, space: { lambda: { from: 0, to: 1, scale: 'log' } } }))).toEqual([
    'search.space.lambda: Its scale is linear, or log where it begins above 0.',
  ])
})

test('folds leave time to learn from, and so does an embargo', () => {
  const splitting = (changes: Partial<SplitDefinition>) =>
    mistakes(model('m', { ...binary, split: { ...byTime(split), ...changes } }))
  expect(splitting({ folds: 6 })).toEqual([])
  expect(splitting({ folds: 7 })).toEqual([
    'split.folds: The first fold has no time left to learn from: 8 stretches of 2d, each as long as validation, and two gaps of 3d, in which outcomes are still open, take 22d of the 22d of training and validation. At most 6 folds fit.',
  ])
  const half = splitting({ folds: 9, validate: 12 * HOUR, train: 7 * DAY })[0]
  expect(half).toContain('10 stretches of 12h, each as long as validation, and two gaps of 72h')
  expect(half).toContain('take 264h of the 180h of training and validation.')
  expect(splitting({ folds: 2, train: 8 * DAY })[0]).toContain('No folds fit: train for longer, or validate for less.')
  expect(splitting({ folds: 1 })).toEqual(['split.folds: It must be a whole number from 2 to 100.'])
  expect(splitting({ embargo: 5, validate: 4 * DAY })).toEqual([])
  expect(splitting({ embargo: 5, folds: 6 })).toEqual([])
  expect(splitting({ embargo: 5 })).toEqual([
    'split.embargo: With the time that an outcome may take it is as long as validate: nothing is left of that.',
  ])
})

test('linear() learns numbers and logistic() conditions', () => {
  expect(mistakes(model('m', { ...binary, trainer: linear() }))).toEqual([
    'trainer: A binary model is learnt by logistic(), not by linear().',
  ])
  expect(mistakes(model('m', { ...size, trainer: logistic({ l1Ratio: 2 }) }))).toEqual([
    'trainer.l1Ratio: 2 is not a number from 0 to 1.',
    'trainer: A regression model is learnt by linear(), not by logistic().',
  ])
})
