import { expect, test } from 'vitest'
import { DAY } from '../../core/time.ts'
import { checkPredictions } from './check-prediction-log.ts'
import { mistakesOf } from './mistakes.ts'
import { predictionLogOf } from './prediction-log-definition.ts'
import { predictionLog, predictions } from './predictions.ts'

test('a word stays the word that it is, and options are written with their units', () => {
  expect([predictionLog(undefined, 'x'), predictionLog('sync', 'x')]).toEqual(['group', 'sync'])
  expect(predictionLog({ retain: '90d', disk: '1.5GB', sample: 0.1, mask: ['phone'] }, 'x')).toEqual({
    ...{ sync: false, retain: 90 * DAY, disk: 1.5e9, sample: 0.1, mask: ['phone'] },
  })
  expect([predictionLogOf('group'), predictionLogOf('sync'), predictionLogOf({ sync: true, sample: 1 })]).toEqual([
    ...[{ sync: false }, { sync: true }, { sync: true, sample: 1 }],
  ])
  expect(predictions({ sink: 'http://127.0.0.1:1/', disk: '20GB' })).toEqual({
    ...{ kind: 'predictions', sink: 'http://127.0.0.1:1/', disk: 2e10 },
  })
})

test('what cannot be meant is refused, with its place', () => {
  expect(() => predictionLog({ disk: '5 gigabytes' as never }, "model 'm', serve.log")).toThrow(
    expect.objectContaining({ code: 'definition_invalid', path: "model 'm', serve.log.disk" }),
  )
  expect(() => predictionLog({ retian: '5d' } as never, "model 'm', serve.log")).toThrow(
    expect.objectContaining({ code: 'definition_invalid', remedy: expect.stringContaining('retain') }),
  )
  const found: Error[] = []
  checkPredictions(predictions({ retain: '5h', sink: 'ftp://example.com' }), mistakesOf('predictions', found as never))
  expect(found.map(({ message }) => message)).toEqual([
    expect.stringContaining('predictions, retain: Predictions are kept for a day at least.'),
    expect.stringContaining("predictions, sink: 'ftp://example.com' is not an http or https address."),
  ])
})
