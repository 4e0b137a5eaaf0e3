import { expect, test } from 'vitest'
import type { ApprovalsDefinition } from './approvals-definition.ts'
import { checkProject, mistakesIn } from './check-project.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const orders = stream('orders', {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), amount: t.number(), at: t.timestamp() },
})

function large(options: object) {
  return model('large', {
    predicts: 'the next amount',
    at: orders,
    features: [orders.pick('amount')],
    label: label(orders, col('amount')).on('order').within('30d').absent('exclude'),
    split: byTime({ train: '21d', validate: '5d', test: '5d' }),
    ...options,
  })
}

const places = (options: object): string[] => mistakesIn(collectProject([large(options)])).map(({ path }) => path ?? '')

test('who approves is written into the definition as it is said, and nothing where nothing is', () => {
  const approvals: ApprovalsDefinition = { needed: 2, of: ['anna', 'ben'], reasons: 'required' }
  expect(large({ approvals, protectedAliases: ['canary'] })).toMatchObject({ approvals, protectedAliases: ['canary'] })
  expect(Object.keys(large({}))).not.toEqual(expect.arrayContaining(['approvals']))
  expect(() => checkProject(collectProject([large({ approvals })]))).not.toThrow()
})

test.each<[object, string]>([
  [{ approvals: { needed: 3, of: ['anna', 'ben'] } }, 'approvals.needed'],
  [{ approvals: { needed: 0, of: ['anna'] } }, 'approvals.needed'],
  [{ approvals: { needed: 1.5, of: ['anna', 'ben'] } }, 'approvals.needed'],
  [{ approvals: { needed: 1, of: ['anna', ' ANNA'] } }, 'approvals.of'],
  [{ approvals: { needed: 1, of: ['anna', ''] } }, 'approvals.of'],
  [{ approvals: { needed: 1, of: ['anna'], reasons: 'always' } }, 'approvals.reasons'],
  [{ approvals: { needed: 1, of: ['anna'] }, retrain: { approval: 'auto' } }, 'retrain.approval'],
  [{ protectedAliases: ['two words'] }, 'protectedAliases'],
])('no policy: %j', (options, place) => {
  expect(places(options)).toEqual([expect.stringContaining(place)])
})

test('a misspelt option of approvals is told with the nearest', () => {
  expect(() => large({ approvals: { need: 1, of: ['anna'] } })).toThrow(/need/)
})
