import { expect, test } from 'vitest'
import type { Schema } from '../../core/data-type.ts'
import { createHandRules, type HandRule, handRuleIn } from './hand-rules.ts'

const schema: Schema = { customer: { type: 'string', nullable: true }, line: { type: 'int' }, note: { type: 'string' } }
const by = { name: 'ann', asserted: true }

function rule(number: number, key: HandRule['key'], more: Partial<HandRule> = {}): HandRule {
  return { number, model: 'risky', key, decision: `d${number}`, reason: 'because', by, at: 0, ...more }
}

test('the newest rule in force for a row decides, whichever columns it looks at', () => {
  let now = 10
  const rules = createHandRules(schema, () => now)
  const decidedBy = (customer: string | null, line: number) => rules.find([customer, line, ''])?.decidedBy
  expect(rules.columns).toEqual([])
  expect(decidedBy('C1', 1)).toBeUndefined()
  rules.add(rule(1, { customer: 'C1' }))
  rules.add(rule(2, { line: 1, customer: 'C1' }))
  rules.add(rule(3, { customer: 'C2' }, { until: 20 }))
  rules.add(rule(4, { customer: 'C1' }))
  expect(rules.columns.toSorted()).toEqual(['customer', 'line'])
  expect([decidedBy('C1', 1), decidedBy('C1', 2), decidedBy('C2', 1), decidedBy(null, 1)]).toEqual([
    ...['hand:4', 'hand:4', 'hand:3', undefined],
  ])
  expect(rules.find(['C1', 9, ''])).toEqual({
    ...{ decision: 'd4', decidedBy: 'hand:4', reason: { code: 'by_hand', text: 'because' } },
  })
  rules.remove(4)
  expect([decidedBy('C1', 1), decidedBy('C1', 2)]).toEqual(['hand:2', 'hand:1'])
  now = 20
  expect(decidedBy('C2', 1)).toBeUndefined()
  for (const number of [1, 2, 3]) rules.remove(number)
  expect(rules.columns).toEqual([])
  expect(decidedBy('C1', 1)).toBeUndefined()
})

test('a prediction says which rule it was', () => {
  expect(handRuleIn('hand:17')).toBe(17)
  for (const other of [undefined, 'rule:large', 'hand:', 'hand:x', 'by hand:1'])
    expect(handRuleIn(other)).toBeUndefined()
})
