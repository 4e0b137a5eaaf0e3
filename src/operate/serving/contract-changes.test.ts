import { expect, test } from 'vitest'
import { createRowReader } from '../../data/quality/row-reader.ts'
import { contractSource } from './contract.fixture.ts'
import { contractCases } from './contract-cases.ts'
import { contractChanges } from './contract-changes.ts'
import { type ContractColumn, type ModelContract, rowSchemaOf } from './model-contract.ts'

const CONTRACTS = 400
const ROWS = 25

const base: ModelContract = {
  contract: 1,
  model: 'made',
  request: {
    columns: {
      id: { type: 'string', missing: 'refuse', used: true, maxLength: 8 },
      amount: { type: 'int', min: 0, max: 100, missing: 'refuse', used: true },
      price: { type: 'decimal', scale: 2, min: 0, max: 1000, missing: 'refuse', used: true },
      size: { type: 'string', oneOf: ['S', 'M', 'L'], missing: 'refuse', used: true },
      tier: { type: 'string', oneOf: ['gold'], unknown: 'null', missing: 'null', used: true },
      note: { type: 'string', missing: 'null', used: false },
      at: { type: 'timestamp', missing: 'refuse', used: true },
    },
    time: 'at',
  },
  inputs: [
    { name: 'amount', type: 'int' },
    { name: 'price', type: 'decimal', scale: 2 },
  ],
  response: {
    score: { kind: 'probability', min: 0, max: 1 },
    decisions: ['ask', 'ship'],
    errors: [],
    fallback: 'ship',
  },
}

function withColumn(name: string, column: Partial<ContractColumn> | undefined): ModelContract {
  const { [name]: old, ...others } = base.request.columns
  const columns = column === undefined ? others : { ...others, [name]: { ...old, ...column } as ContractColumn }
  return { ...base, request: { ...base.request, columns } }
}

const told = (after: ModelContract) =>
  contractChanges(base, after).map(({ kind, name, breaking }) => `${kind} ${name}${breaking ? ' breaks' : ''}`)

test.each<readonly [Partial<ContractColumn> | undefined, string, string]>([
  [{ type: 'string', missing: 'null', used: true }, 'more', 'column_added more'],
  [{ type: 'string', missing: 'refuse', used: true }, 'more', 'column_required more breaks'],
  [undefined, 'note', 'column_removed note breaks'],
  [{ type: 'string' }, 'amount', 'column_retyped amount breaks'],
  [{ type: 'number' }, 'amount', 'column_widened amount'],
  [{ scale: 3 }, 'price', 'column_widened price'],
  [{ scale: 15 }, 'price', 'column_retyped price breaks'],
  [{ scale: 1 }, 'price', 'column_retyped price breaks'],
  [{ min: 1 }, 'amount', 'range_narrowed amount breaks'],
  [{ max: 99 }, 'amount', 'range_narrowed amount breaks'],
  [{ max: 101 }, 'amount', 'range_widened amount'],
  [{ maxLength: 7 }, 'id', 'range_narrowed id breaks'],
  [{ maxLength: 9 }, 'id', 'range_widened id'],
  [{ oneOf: ['S', 'M'] }, 'size', 'values_removed size breaks'],
  [{ oneOf: ['S', 'M', 'L', 'XL'] }, 'size', 'values_added size'],
  [{ oneOf: ['a'] }, 'note', 'values_removed note breaks'],
  [{ oneOf: ['a'], unknown: 'null' }, 'note', 'values_removed note'],
  [{ missing: 'null' }, 'amount', 'column_optional amount'],
  [{ missing: 'refuse' }, 'tier', 'column_required tier breaks'],
  [{ missing: 'default', default: 5 }, 'at', 'column_optional at'],
  [{ used: true }, 'note', 'column_used note'],
])('a column that becomes %j: %s, %s', (column, name, change) => {
  expect(told(withColumn(name, column))).toEqual([change])
})

test('an unknown value that became null breaks its callers when it is refused', () => {
  const { unknown, ...tier } = base.request.columns['tier']!
  const columns = { ...base.request.columns, tier }
  expect(told({ ...base, request: { ...base.request, columns } })).toEqual(['unknown_refused tier breaks'])
})

test('a column that is gone while another of its kind has come was renamed', () => {
  const { note, amount, ...others } = base.request.columns
  const columns = { ...others, notes: note!, quantity: amount! }
  const changes = contractChanges(base, { ...base, request: { ...base.request, columns } })
  expect(changes.filter(({ breaking }) => breaking).map(({ sentence }) => sentence)).toEqual([
    "The column 'amount' is called 'quantity' now.",
    "The column 'note' is called 'notes' now.",
    "The column 'quantity' is new, and needed.",
  ])
})

test('inputs, score, decisions and t', () => {
  const { time, ...timeless } = base.request
  expect(told({ ...base, request: timeless })).toEqual(['time_changed at'])
  const inputs = [{ name: 'amount', type: 'number' } as const, { name: 'more', type: 'bool' } as const]
  expect(told({ ...base, inputs })).toEqual([
    'input_removed price breaks',
    'input_retyped amount breaks',
    'input_added more breaks',
  ])
  const response = { ...base.response, score: { kind: 'value' } as const, decisions: ['ask', 'block'], fallback: 'ask' }
  expect(told({ ...base, response })).toEqual([
    ...['score_changed score breaks', 'decision_removed ship breaks', 'decision_added block', 'fallback_changed ask'],
  ])
  expect(told({ ...base, response: { ...base.response, reasons: ['late'] } })).toEqual(['reasons_changed reasons'])
  expect(told(base)).toEqual([])
})

test('without a breaking change, every row that was right is right', () => {
  let compatible = 0
  for (let seed = 0; seed < CONTRACTS; seed += 1) {
    const source = contractSource(seed)
    const before = source.contract()
    const after = source.changed(before)
    const [old, young] = [before, after].map((contract) => createRowReader(rowSchemaOf(contract)))
    const breaks = contractChanges(before, after).some(({ breaking }) => breaking)
    if (!breaks) compatible += 1
    for (let round = 0; round < ROWS; round += 1) {
      const row = source.row(before)
      // Now and then a column's own values leave no right one.
      if (old!.read(row, []) !== undefined || breaks) continue
      expect(young!.read(row, []), JSON.stringify({ before, after, row })).toBeUndefined()
    }
  }
  expect(compatible).toBeGreaterThan(CONTRACTS / 8)
  expect(compatible).toBeLessThan(CONTRACTS)
})

test('the cases of a contract are told from each other as it says, by code and column', () => {
  const codes = new Set<string>()
  for (let seed = 0; seed < CONTRACTS; seed += 1) {
    const contract = contractSource(seed).contract()
    const reader = createRowReader(rowSchemaOf(contract))
    for (const { name, row, expect: expected } of contractCases(contract, 0)) {
      const fault = reader.read(row, [])
      const found =
        fault === undefined ? { outcome: 'scored' } : { outcome: 'refused', code: fault.code, path: fault.path }
      expect(found, JSON.stringify({ name, contract, row })).toEqual(expected)
      if (fault !== undefined) codes.add(fault.code)
    }
  }
  expect([...codes].sort()).toEqual([
    ...['invalid_string', 'invalid_timestamp', 'malformed_row', 'missing_column', 'out_of_range', 'unknown_column'],
    'wrong_type',
  ])
})

test('a class that is added, removed or moved breaks whoever reads the probabilities', () => {
  const of = (classes: readonly string[]): ModelContract => ({ ...base, response: { ...base.response, classes } })
  const found = (before: readonly string[], after: readonly string[]) =>
    contractChanges(of(before), of(after)).map(({ kind, name, breaking }) => [kind, name, breaking])
  expect(found(['a', 'b', 'c'], ['a', 'b', 'c'])).toEqual([])
  expect(found(['a', 'b', 'c'], ['a', 'b', 'c', 'd'])).toEqual([['class_added', 'd', true]])
  expect(found(['a', 'b', 'c', 'd'], ['a', 'c', 'd'])).toEqual([['class_removed', 'b', true]])
  expect(found(['a', 'b', 'c'], ['b', 'a', 'c'])).toEqual([['classes_reordered', 'classes', true]])
  expect(found(['a', 'b', 'c'], ['c', 'e', 'a'])).toEqual([
    ['class_removed', 'b', true],
    ['class_added', 'e', true],
    ['classes_reordered', 'classes', true],
  ])
  expect(contractChanges(base, of(['a', 'b', 'c'])).map(({ kind }) => kind)).toEqual(Array(3).fill('class_added'))
})
