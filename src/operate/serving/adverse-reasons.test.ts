import { expect, test } from 'vitest'
import { above, bands } from '../../language/define/decision.ts'
import type { ServeDefinition } from '../../language/define/definitions.ts'
import { adverseCodes, adverseReasons, contrastedClasses, isAdverse } from './adverse-reasons.ts'

const names = ['amount', 'orders', 'hour', 'late_share']
const explanation = { base: -1, contributions: Float64Array.of(0.5, 2, -3, 0) }
const adverse = { decisions: ['refuse'], texts: { orders: 'Orders of the last days.' } }

function serving(changes: Partial<ServeDefinition>): ServeDefinition {
  return { modes: ['realtime'], log: 'group', adverse, ...changes }
}

test('reasons of an adverse decision are the inputs that moved the score towards it, most first', () => {
  const high = serving({ decision: above(0.5, 'refuse', 'grant') })
  expect(adverseReasons(high, names, explanation)).toEqual([
    { code: 'raised_by', feature: 'orders', contribution: 2, text: 'Orders of the last days.' },
    { code: 'raised_by', feature: 'amount', contribution: 0.5 },
  ])
  expect(adverseCodes(high)).toEqual(['raised_by', 'explanation_unavailable', 'deadline_exceeded'])
  const one = serving({ ...high, adverse: { ...adverse, most: 1 } })
  expect(adverseReasons(one, names, explanation).map(({ feature }) => feature)).toEqual(['orders'])
})

test('where a low score is adverse, the reasons are what lowered it', () => {
  const decision = bands([{ above: 0.7, decision: 'grant' }, { above: 0.4, decision: 'ask' }, { decision: 'refuse' }])
  const low = serving({ decision })
  expect(adverseReasons(low, names, explanation)).toEqual([{ code: 'lowered_by', feature: 'hour', contribution: -3 }])
  expect(adverseCodes(low)).toEqual(['lowered_by', 'explanation_unavailable', 'deadline_exceeded'])
  const two = serving({ decision, adverse: { decisions: ['refuse', 'ask'] } })
  expect(adverseReasons(two, names, explanation)).toHaveLength(1)
})

test('of several classes the one decided is held against the likeliest that is not adverse', () => {
  const classes = ['grant', 'refuse', 'ask', 'stop']
  const owed = { decisions: ['refuse', 'stop'] }
  const rows = Float64Array.of(0.1, 0.5, 0.2, 0.2, 0.3, 0.4, 0.3, 0)
  expect(contrastedClasses(owed, classes, rows)).toEqual({ output: 1, against: 2 })
  // Of equally likely ones the first.
  expect(contrastedClasses(owed, classes, rows, 4)).toEqual({ output: 1, against: 0 })
  const likeliest = serving({ adverse: owed })
  expect(adverseCodes(likeliest)).toEqual(['raised_by', 'explanation_unavailable', 'deadline_exceeded'])
  expect(adverseReasons(likeliest, names, explanation, 'ask')).toEqual([
    { code: 'raised_by', feature: 'orders', contribution: 2, against: 'ask' },
    { code: 'raised_by', feature: 'amount', contribution: 0.5, against: 'ask' },
  ])
})

test('a decision that a rule made has the rule for its reason, and no input', () => {
  expect(isAdverse(adverse, { decision: 'refuse', decidedBy: undefined })).toBe(true)
  expect(isAdverse(adverse, { decision: 'refuse', decidedBy: 'rule:large' })).toBe(false)
  expect(isAdverse(adverse, { decision: 'grant', decidedBy: undefined })).toBe(false)
  expect(isAdverse(undefined, { decision: 'refuse', decidedBy: undefined })).toBe(false)
})
