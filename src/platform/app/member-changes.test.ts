import { expect, test } from 'vitest'
import { count } from '../../language/define/aggregations.ts'
import { alerts } from '../../language/define/alerts.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { above, override } from '../../language/define/decision.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { gbdt } from '../../language/define/gbdt.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { atMost, notNull } from '../../language/define/row-checks.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { memberChanges } from './member-changes.ts'

interface Written {
  readonly max: number
  readonly severity: 'critical' | 'warn'
  readonly freshness: '1h' | '30m'
  readonly over: '2d' | '1d'
  readonly trees: number
  readonly fallback: string
  readonly limit: number
  readonly webhook?: string
  readonly prose?: string
}

const first: Written = {
  ...{ max: 1000, severity: 'warn', freshness: '1h', over: '2d', trees: 20, fallback: 'ship', limit: 900 },
}

function project(changed: Partial<Written> = {}): ProjectDefinition {
  const { max, severity, freshness, over, trees, fallback, limit, webhook, prose } = { ...first, ...changed }
  const description = prose ?? 'Before.'
  const orders = stream('orders', {
    ...{ key: 'order', time: 'at', description },
    schema: { order: t.string(), amount: t.number(), at: t.timestamp(), bad: t.bool({ nullable: true }) },
    quality: [notNull('amount'), atMost('amount', max)[severity]()],
  })
  const history = features('history', {
    ...{ entity: entity('order', { order: t.string() }), from: orders, freshness, description },
    select: { orders: count().over(over).describe(description) },
  })
  const risky = model('risky', {
    ...{ predicts: description, at: orders, time: 'at', features: [history, orders.pick('amount')] },
    label: label(orders, col('bad')).on('order').within('1d').absent(false),
    split: byTime({ train: '7d', validate: '1d', test: '1d' }),
    trainer: gbdt({ trees }),
    serve: {
      ...{ decision: above(0.3, 'ask', 'ship'), fallback },
      overrides: [override({ when: col('amount').gt(limit), decision: 'call', reason: 'large' })],
    },
    card: { owner: description },
  })
  return collectProject([risky, ...(webhook === undefined ? [] : [alerts({ webhook })])])
}

function told(changed: Partial<Written>, from: Partial<Written> = {}): string[] {
  return memberChanges(project(from), project(changed)).map(
    ({ kind, name, member, words, isMeaning, dependents }) =>
      `${kind} ${name} ${member}: ${words}${isMeaning ? '' : ' (no meaning)'} <- ${dependents.join(', ')}`,
  )
}

test('a check, a freshness, a trainer, a fallback and a rule say what they were and are, and what depends on them', () => {
  expect(told({ max: 500 })).toEqual([
    'stream orders quality: + range of amount: it must be at most 500 (warn), - range of amount: it must be at most 1,000 (warn) (no meaning) <- features history, model risky',
  ])
  expect(told({ severity: 'critical' })[0]).toMatch(/\(critical\), - .* \(warn\) <- /)
  expect(told({ freshness: '30m' })).toEqual(['features history freshness: 1h -> 30m (no meaning) <- model risky'])
  expect(told({ over: '1d' })).toEqual([
    'features history select.orders: number of rows over the last 2d -> number of rows over the last 1d <- model risky',
    'features history horizon: 2d -> 1d <- model risky',
  ])
  expect(told({ trees: 30 })).toEqual(['model risky trainer.parameters.trees: 20 -> 30 <- '])
  expect(told({ fallback: 'ask' })).toEqual(['model risky serve.fallback: ship -> ask <- '])
  expect(told({ limit: 800 })).toEqual([
    'model risky serve.overrides: + call when amount > 800 (large), - call when amount > 900 (large) <- ',
  ])
})

test('where alerts go is told without what may be a secret in the address', () => {
  const [one] = told({ webhook: 'https://hooks.example.com/T0/secret' })
  expect(one).toMatch(
    /^alerts alerts webhook: not set -> https:\/\/hooks\.example\.com\/… \([0-9a-f]{12}\) \(no meaning\)/,
  )
  const [other] = told({ webhook: 'https://hooks.example.com/T0/b' }, { webhook: 'https://hooks.example.com/T0/a' })
  expect(other).toMatch(/… \((\w+)\) -> .*… \((?!\1)\w+\)/)
  expect(told({}, { webhook: 'https://hooks.example.com/T0/a' })[0]).toContain('-> not set')
})

test('prose is none of it, nor what is the same', () => {
  expect(told({ prose: 'After.' })).toEqual([])
  expect(told({})).toEqual([])
})
