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
  const find = rules.finder(Object.keys(schema))
  const decidedBy = (customer: string | null, line: number) => find([customer, line, ''])?.decidedBy
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
  expect(find(['C1', 9, ''])).toEqual({
    ...{ decision: 'd4', decidedBy: 'hand:4', reason: { code: 'by_hand' } },
  })
  rules.remove(4)
  expect([decidedBy('C1', 1), decidedBy('C1', 2)]).toEqual(['hand:2', 'hand:1'])
  now = 20
  expect(decidedBy('C2', 1)).toBeUndefined()
  for (const number of [1, 2, 3]) rules.remove(number)
  expect(rules.columns).toEqual([])
  expect(decidedBy('C1', 1)).toBeUndefined()
})

test('a rule means the columns that it names, whatever columns the rows of a version have', () => {
  const rules = createHandRules(schema, () => 0)
  const [now, older, without] = [
    rules.finder(['channel', 'customer', 'line', 'note']),
    rules.finder(['customer', 'line', 'note']),
    rules.finder(['line', 'note']),
  ]
  rules.add(rule(1, { customer: 'C1' }))
  expect(now(['C2', 'C1', 1, ''])?.decidedBy).toBe('hand:1')
  expect(now(['C1', 'C2', 1, ''])).toBeUndefined()
  expect(older(['C1', 1, ''])?.decidedBy).toBe('hand:1')
  expect(without([1, 'C1'])).toBeUndefined()
})

test('a rule by a column that the stream has no more decides nothing, and harms no other', () => {
  const rules = createHandRules(schema, () => 0)
  rules.add(rule(1, { gone: 'C1' }))
  rules.add(rule(2, { customer: 'C1' }))
  expect(rules.columns).toEqual(['customer'])
  expect(rules.finder(['customer', 'gone'])(['C1', 'C1'])?.decidedBy).toBe('hand:2')
})

test('a prediction says which rule it was', () => {
  expect(handRuleIn('hand:17')).toBe(17)
  for (const other of [undefined, 'rule:large', 'hand:', 'hand:x', 'by hand:1'])
    expect(handRuleIn(other)).toBeUndefined()
})
