import { expect, test } from 'vitest'
import type { GateCheck } from '../../models/training/gate-check.ts'
import { reasonToAsk } from './reason-to-ask.ts'

function passed(...differences: readonly (readonly [GateCheck['against'], number, string?])[]) {
  const checks = differences.map(([against, value, name]): GateCheck => {
    const difference = { value, standardError: 0.001, low: value, high: value, confidence: 0.9 }
    const segment = name === undefined ? {} : { segment: { column: 'airport', name, rows: 100 } }
    return { against, verdict: 'pass', reason: 'Yes.', difference, ...segment }
  })
  return { verdict: 'pass', sentence: 'It passed.', checks } as const
}

test('a candidate is promoted unasked when it passed, the policy says so, and it lies within the margins', () => {
  const gate = passed(['baseline', 0.2], ['champion', 0.03, 'ORD'], ['champion', 0.01])
  expect(reasonToAsk({ approval: 'auto' }, gate)).toBeUndefined()
  expect(reasonToAsk({ approval: 'auto', margins: { metric: 0.02 } }, gate)).toBeUndefined()
  expect(reasonToAsk({ approval: 'ask', margins: { metric: 0.02 } }, gate)).toContain('asks')
})

test('a leap in either direction, a distance that is not known, and no clear verdict ask', () => {
  const policy = { approval: 'auto', margins: { metric: 0.02 } } as const
  expect(reasonToAsk(policy, passed(['champion', 0.0301]))).toContain('0.0301 from what serves, further than 0.02')
  expect(reasonToAsk(policy, passed(['champion', -0.0301]))).toContain('-0.0301')
  expect(reasonToAsk(policy, passed(['baseline', 0.01]))).toContain('not known')
  expect(reasonToAsk(policy, { verdict: 'insufficient', sentence: 'Too few rows.' })).toBe('Too few rows.')
  expect(reasonToAsk(policy, null)).toBe('No gate judged it.')
})
