import { expect, test } from 'vitest'
import type { ConsumerDefinition } from '../../language/define/consumer-definition.ts'
import type { ContractColumn, ModelContract } from '../serving/model-contract.ts'
import { contractBreaches } from './contract-breaches.ts'

const needed: ContractColumn = { type: 'string', missing: 'refuse', used: true }

function contract(columns: readonly string[], inputs: readonly string[], decisions: readonly string[]): ModelContract {
  return {
    ...{ contract: 1, model: 'made', inputs: inputs.map((name) => ({ name, type: 'number' })) },
    request: { columns: Object.fromEntries(columns.map((name) => [name, needed])) },
    response: { score: { kind: 'value' }, decisions, errors: [] },
  }
}

const shop: ConsumerDefinition = { name: 'shop', by: 'entity', uses: ['order', 'amount'], decisions: ['ask', 'ship'] }
const mobile: ConsumerDefinition = { name: 'mobile', by: 'entity' }
const nightly: ConsumerDefinition = { name: 'nightly', by: 'vector', uses: ['mean'] }
const before = contract(['order', 'amount'], ['mean'], ['ask', 'ship'])

const told = (after: ModelContract, consumers: readonly ConsumerDefinition[]) =>
  contractBreaches(before, after, consumers).map(({ kind, name, consumers }) => `${kind} ${name}: ${consumers.join()}`)

test('what breaks names the consumers that it reaches, and those alone', () => {
  const everybody = [shop, mobile, nightly]
  expect(told(before, everybody)).toEqual([])
  expect(told(contract(['order'], ['mean'], ['ask', 'ship']), everybody)).toEqual([
    'column_removed amount: shop,mobile',
  ])
  expect(told(contract(['order', 'amount', 'city'], ['mean'], ['ask', 'ship']), everybody)).toEqual([
    'column_required city: shop,mobile',
  ])
  const sends = { ...shop, uses: ['order', 'amount', 'city'] }
  expect(told(contract(['order', 'amount', 'city'], ['mean'], ['ask', 'ship']), [sends])).toEqual([
    'column_required city: ',
  ])
  expect(told(contract(['order', 'amount'], ['mean'], ['ask']), everybody)).toEqual([
    'decision_removed ship: shop,mobile,nightly',
  ])
  expect(told(contract(['order'], ['mean'], ['ask', 'ship']), [])).toEqual(['column_removed amount: '])
})

test('inputs of the vector count for who brings vectors, and a new decision for who names those that they know', () => {
  const after = contract(['order', 'amount'], ['mean', 'count'], ['ask', 'block', 'ship'])
  expect(told(after, [mobile])).toEqual([])
  expect(told(after, [nightly])).toEqual(['input_added count: nightly'])
  expect(told(after, [shop])).toEqual(['not_handled block: shop'])
})

test('consumers are held against the first version, too', () => {
  const old = { ...shop, name: 'old', uses: ['order', 'sum'] }
  const breaches = contractBreaches(undefined, before, [shop, old])
  expect(breaches.map(({ sentence }) => sentence)).toEqual([
    "old sends the column 'sum', which is not taken.",
    "old does not send the column 'amount', which is needed.",
  ])
})
