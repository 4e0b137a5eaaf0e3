import { expect, test } from 'vitest'
import { HOUR } from '../../core/time.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { governanceChanges } from './governance-changes.ts'

const orders = stream('orders', {
  ...{ key: 'order', time: 'at' },
  schema: { order: t.string(), amount: t.number(), at: t.timestamp(), bad: t.bool({ nullable: true }) },
})
const risky = model('risky', {
  ...{ predicts: 'probability that an order is bad', at: orders, features: [orders.pick('amount')] },
  label: label(orders, col('bad')).on('order').within('1d').absent(false),
  split: byTime({ train: '7d', validate: '1d', test: '1d' }),
})
const before = collectProject([risky])

function after(changed: Partial<ModelDefinition>, from: ProjectDefinition = before): ProjectDefinition {
  return { ...from, models: { ...from.models, risky: { ...from.models['risky']!, ...changed } } }
}

function wordsOf(from: ProjectDefinition, to: ProjectDefinition): string[] {
  return governanceChanges(from, to).map(({ member, words }) => `${member}: ${words}`)
}

test('who may comes first, and each member says what it was and is', () => {
  const governed = after({ approvals: { needed: 2, of: ['ben', 'dora'] } })
  const changed = after(
    {
      monitor: { ...risky.monitor, psi: 0.9, streamLag: HOUR },
      training: { limits: { time: 2 * HOUR }, tests: true },
      gate: { ...risky.gate, champion: { margin: 0.5 } },
      retrain: { ...risky.retrain, approval: 'auto', cooldown: 3 * HOUR },
      protectedAliases: ['champion'],
      signedBy: ['-----BEGIN PUBLIC KEY-----'],
      approvals: { needed: 1, of: ['ben', 'carl'] },
    },
    governed,
  )
  const words = wordsOf(governed, changed)
  expect(words).toEqual([
    'approvals.needed: 2 -> 1',
    'approvals.of: + carl, - dora',
    expect.stringMatching(/^signedBy: not set -> key [0-9a-f]+$/),
    'protectedAliases: - production',
    'retrain.approval: ask -> auto',
    `gate.champion.margin: ${risky.gate.champion.margin} -> 0.5`,
    'retrain.cooldown: not set -> 3h',
    'training.limits.time: not set -> 2h',
    'training.tests: not set -> true',
    `monitor.psi: ${risky.monitor.psi} -> 0.9`,
    'monitor.streamLag: not set -> 1h',
  ])
  expect(wordsOf(changed, changed)).toEqual([])
  expect(wordsOf(governed, before)).toEqual(['approvals.needed: 2 -> not set', 'approvals.of: ben, dora -> not set'])
})

test('prose is none of it, and a model that is new or gone is listed as such', () => {
  expect(wordsOf(before, after({ description: 'Other words.', owner: 'dora' }))).toEqual([])
  expect(wordsOf({ ...before, models: {} }, before)).toEqual([])
  expect(wordsOf(before, { ...before, models: {} })).toEqual([])
})
