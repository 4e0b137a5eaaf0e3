import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../core/time.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { createPredictionWatch } from './watch-predictions.ts'

test('predictions that are shed raise one alert with their number, which is over after ten quiet minutes', async () => {
  const told: string[] = []
  const desk: AlertDesk = {
    raise: async ({ model, kind, n }) => void told.push(`${kind} ${model} ${n}`),
    resolve: async ({ model, kind }) => void told.push(`over ${kind} ${model}`),
  }
  const shed = { a: 7, b: 0 }
  const watch = createPredictionWatch(['a', 'b'], { count: (model) => shed[model as 'a' | 'b'] }, desk, 0)
  await watch(SECOND)
  // What was shed before the start is no news.
  expect(told).toEqual([])
  shed.a = 12
  await watch(2 * SECOND)
  await watch(3 * SECOND)
  shed.a = 13
  await watch(4 * SECOND)
  expect(told).toEqual(['predictions_shed a 5', 'predictions_shed a 6'])
  await watch(10 * MINUTE + 3 * SECOND)
  expect(told.slice(2)).toEqual(['over predictions_shed b'])
  await watch(10 * MINUTE + 4 * SECOND)
  await watch(30 * MINUTE)
  expect(told.slice(3)).toEqual(['over predictions_shed a'])
  shed.a = 14
  await watch(31 * MINUTE)
  expect(told.slice(4)).toEqual(['predictions_shed a 1'])
})
