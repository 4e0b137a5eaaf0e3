import { expect, test } from 'vitest'
import { checkDecision, type DecisionKind, type ProposedDecision } from './approval-policy.ts'
import { assertedIdentity, platformIdentity } from './identity.ts'

const approval: ProposedDecision = {
  decision: 'approve',
  target: 'late_flight/3',
  author: assertedIdentity('ada'),
  by: assertedIdentity('grace'),
  reason: undefined,
  gate: 'pass',
  decided: [],
}
const decided = (...kinds: DecisionKind[]) => kinds.map((decision) => ({ decision, by: 'ben', at: 1e15 }))
const machine = platformIdentity('retraining')

test.each<[string, Partial<ProposedDecision>]>([
  ['somebody else approves what passed the gate', {}],
  ['the platform approves what a person made and the gate passed', { by: machine }],
  ['another part of the platform approves what the platform made', { author: machine, by: platformIdentity('gate') }],
  ['a person approves what the gate could not decide, with a reason', { gate: 'insufficient', reason: 'a pilot' }],
  ['a person approves what no gate judged, with a reason', { gate: null, reason: 'the first of its kind' }],
  ['the author rejects, with a reason', { decision: 'reject', by: approval.author, reason: 'leaks the label' }],
  ['an approved version is retired', { decision: 'retire', decided: decided('approve'), reason: 'superseded' }],
  ['a candidate is retired', { decision: 'retire', reason: 'superseded' }],
])('allowed: %s', (_, change) => {
  expect(() => checkDecision({ ...approval, ...change })).not.toThrow()
})

test.each<[string, Partial<ProposedDecision>, string]>([
  ['the author approves', { by: assertedIdentity('ADA') }, 'approval_by_author'],
  ['the platform approves its own', { author: machine, by: machine }, 'approval_by_author'],
  ['approving what failed the gate', { gate: 'fail', reason: 'but I like it' }, 'gate_failed'],
  ['the platform approves what is undecided', { by: machine, gate: 'insufficient', reason: 'x' }, 'gate_failed'],
  ['the platform approves what was not judged', { by: machine, gate: null, reason: 'x' }, 'gate_failed'],
  ['approving what is undecided without a reason', { gate: 'insufficient' }, 'reason_required'],
  ['approving what was not judged without a reason', { gate: null, reason: '  ' }, 'reason_required'],
  ['rejecting without a reason', { decision: 'reject' }, 'reason_required'],
  ['retiring without a reason', { decision: 'retire', decided: decided('approve') }, 'reason_required'],
  ['approving twice', { decided: decided('approve') }, 'already_decided'],
  ['approving what was rejected', { decided: decided('reject') }, 'already_decided'],
  ['rejecting what was approved', { decision: 'reject', decided: decided('approve'), reason: 'x' }, 'already_decided'],
  ['approving what was retired', { decided: decided('approve', 'retire') }, 'already_decided'],
  ['retiring twice', { decision: 'retire', decided: decided('approve', 'retire'), reason: 'x' }, 'already_decided'],
])('refused: %s', (_, change, code) => {
  expect(() => checkDecision({ ...approval, ...change })).toThrow(expect.objectContaining({ code }))
})

test('what was decided before is said with who did it and when, and what comes next', () => {
  expect(() => checkDecision({ ...approval, decided: decided('approve') })).toThrow(
    expect.objectContaining({
      message: 'late_flight/3 was approved by ben at 2001-09-09T01:46:40Z.',
      remedy: 'Let it serve: `trueline promote late_flight 3`.',
    }),
  )
})
