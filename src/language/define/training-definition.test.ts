import { expect, test } from 'vitest'
import { trainingOf } from './training-definition.ts'

test('a training may be given a second and more, and no less', () => {
  expect(trainingOf('m', { limits: { time: '1s' } })).toEqual({ limits: { time: 1e6 }, tests: true })
  for (const time of ['0s', '999ms'] as const)
    expect(() => trainingOf('m', { limits: { time } })).toThrow(`m.limits.time is ${time}, and must be at least 1s.`)
})
