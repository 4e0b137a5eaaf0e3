import { expect, test } from 'vitest'
import type { TruelineError } from '../../core/errors.ts'
import { directional, edgeCases, invariantTo, monotone } from './behaviour.ts'
import type { BehaviourDefinition } from './behaviour-definition.ts'
import { mistakesIn } from './check-project.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { above } from './decision.ts'
import { digestOfModel } from './digest.ts'
import { label } from './label.ts'
import type { LeakRules } from './leak-definition.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const orders = stream('orders', {
  ...{ key: 'id', time: 'at' },
  schema: { id: t.string(), at: t.timestamp(), amount: t.number(), country: t.string() },
})
const returns = stream('returns', {
  key: 'id',
  time: 'at',
  schema: { id: t.string(), at: t.timestamp(), back: t.bool() },
})

const options = {
  ...{ predicts: 'whether it comes back', at: orders, features: [orders.pick('amount')] },
  time: 'at',
  label: label(returns, col('back')).on('id').within('30d').absent(false),
  split: byTime({ train: '20d', validate: '5d', test: '5d' }),
  serve: { decision: above(0.5, 'look', 'pass') },
} as const

function projectWith(gate: object, leaks?: LeakRules) {
  return collectProject([
    model('sent_back', {
      ...options,
      quality: leaks === undefined ? {} : { leaks },
      gate: gate as { readonly metric?: 'auc' },
    }),
  ])
}

/** What is said of the mistakes of a project, with what to do about them. */
function mistakesOf(gate: object, leaks?: LeakRules): string {
  try {
    return mistakesIn(projectWith(gate, leaks))
      .map(({ message, remedy }) => `${message} ${remedy}`)
      .join(' ')
  } catch (error) {
    const { message, remedy } = error as TruelineError
    return `${message} ${remedy}`
  }
}

test('what a gate does not say stays out of the definition, and what it says is part of its meaning', () => {
  const { models } = projectWith({})
  expect(models['sent_back']!.gate).toEqual({
    ...{ metric: 'auc', baseline: 'without_windows', champion: { margin: 0.002 }, segments: [] },
  })
  const digest = (gate: object, leaks?: LeakRules) => {
    const project = projectWith(gate, leaks)
    return digestOfModel(project.models['sent_back']!, project)
  }
  expect(digest({ behaviour: [edgeCases({ change: 0.5 })] })).not.toBe(digest({}))
  expect(digest({}, { warnAt: 0.9 })).toBe(digest({}))
})

test('behaviour is plain data, with its defaults', () => {
  const behaviour: readonly BehaviourDefinition[] = [
    edgeCases({ change: 0.5 }),
    invariantTo('amount'),
    monotone({ amount: 'up' }),
    directional('amount', { by: 10, expect: 'down' }),
  ]
  expect(behaviour).toEqual([
    { kind: 'edge_cases', change: 0.5 },
    { kind: 'invariant', input: 'amount', tolerance: 0 },
    { kind: 'monotone', inputs: { amount: 'up' }, tolerance: 0 },
    { kind: 'directional', input: 'amount', by: 10, expect: 'down', share: 1 },
  ])
  expect(mistakesOf({ behaviour, clusters: 'country', decisions: { margin: 0.01 } })).toBe('')
})

test.each([
  [{ behaviour: [invariantTo('amuont')] }, "nothing that is called 'amuont'"],
  [{ behaviour: [monotone({ amount: 'over' as 'up' })] }, "'amount' goes 'up' or 'down'"],
  [{ behaviour: [monotone({})] }, 'It names no input'],
  [{ behaviour: [monotone({ amount: 'up' }, { class: 'late' })] }, 'no probabilities of classes'],
  [{ behaviour: [directional('amount', { by: 0, expect: 'up' })] }, 'a number other than 0'],
  [{ behaviour: [directional('amount', { by: 1, expect: 'up', share: 2 })] }, 'The share of rows'],
  [{ behaviour: [edgeCases({ change: -1 })] }, 'cannot be below 0'],
  [{ behaviour: [{ kind: 'other' }] }, 'It is none of edgeCases'],
  [{ clusters: 'contry' }, 'contry'],
  [{ segmentRows: 0.5 }, 'whole number of rows'],
  [{ segmentMargin: -1 }, 'cannot be below 0'],
  [{ decisions: { margin: -0.1 } }, 'cannot be below 0'],
  [{ segmentRow: 5 }, "Did you mean 'segmentRows'?"],
])('a gate of %j is refused', (gate, saying) => {
  expect(mistakesOf(gate)).toContain(saying)
})

test.each([
  [{ allow: ['amuont'] }, 'amuont'],
  [{ warnAt: 0.99, failAt: 0.9 }, 'in this order'],
  [{ duplicates: 2 }, 'It is a share'],
])('rules for leaks of %j are refused', (leaks, saying) => {
  expect(mistakesOf({}, leaks)).toContain(saying)
})

test('kinds of leaks may be allowed by name, besides inputs', () => {
  expect(mistakesOf({}, { allow: ['amount', 'known_after'] })).toBe('')
})
