import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../core/time.ts'
import { retrainOf } from './retrain-definition.ts'

test('what is left out of a policy is written into its definition, and what nobody asked for is not', () => {
  expect(retrainOf('retrain')).toEqual({ approval: 'ask' })
  expect(retrainOf('retrain', { onDrift: {}, onPerformance: { drop: 0.05, for: '2h' }, cooldown: '1d' })).toEqual({
    ...{ approval: 'ask', onDrift: { for: HOUR }, onPerformance: { drop: 0.05, for: 2 * HOUR }, cooldown: DAY },
  })
  const { continuous } = retrainOf('retrain', { continuous: { every: '1h', labels: 500, canary: { margin: 0.01 } } })
  expect(continuous).toEqual({
    ...{ every: HOUR, labels: 500, guard: { shift: 0.5, drop: 0.2 } },
    canary: { margin: 0.01, within: 7 * DAY },
  })
})

test.each([
  [{ onDrfit: {} }, "model 'm', retrain"],
  [{ onDrift: { features: ['a'], four: '1h' } }, "model 'm', retrain.onDrift"],
  [{ budget: { run: 4, per: '7d' } }, "model 'm', retrain.budget"],
  [{ continuous: { every: '1h', labels: 5, guard: { shfit: 1 } } }, "model 'm', retrain.continuous.guard"],
])('a misspelt option is told: %o', (options, path) => {
  expect(() => retrainOf("model 'm', retrain", options as never)).toThrow(
    expect.objectContaining({ code: 'definition_invalid', path }),
  )
})
