import { expect, test } from 'vitest'
import { changeWords, columnChanges } from './column-changes.ts'

const table = { isSample: false, needed: new Set(['id']) }
const sample = { isSample: true, needed: new Set(['id']) }

test('columns that come, go, and change their type are told apart', () => {
  const before = { id: 'bigint', amount: 'numeric', note: 'text' }
  expect(columnChanges(before, before, table)).toEqual([])
  const changes = columnChanges(before, { id: 'text', amount: 'numeric', country: 'bigint', note: 'text' }, table)
  expect(changeWords(changes)).toBe("'id' is text, no longer bigint, 'country' was added")
  expect(columnChanges(before, { id: 'bigint', note: 'text' }, table)).toEqual([
    { change: 'removed', column: 'amount', type: 'numeric' },
  ])
})

test('a column of the same type in place of one that went is a renamed one', () => {
  const before = { id: 'bigint', amount: 'numeric' }
  expect(columnChanges(before, { id: 'bigint', amounts: 'numeric', note: 'text' }, table)).toEqual([
    { change: 'renamed', column: 'amount', to: 'amounts' },
    { change: 'added', column: 'note', type: 'text' },
  ])
  expect(columnChanges(before, { id: 'bigint', value: 'numeric' }, table)).toEqual([
    { change: 'renamed', column: 'amount', to: 'value' },
  ])
  expect(columnChanges(before, { id: 'bigint', value: 'text' }, table).map(({ change }) => change)).toEqual([
    'removed',
    'added',
  ])
})

test('rows that show no value of a column that may be absent say nothing of it', () => {
  const before = { id: 'number', note: 'string' }
  expect(columnChanges(before, { id: 'number' }, sample)).toEqual([])
  expect(columnChanges(before, { id: 'number', note: 'null' }, sample)).toEqual([])
  expect(columnChanges(before, { note: 'string' }, sample)).toEqual([
    { change: 'removed', column: 'id', type: 'number' },
  ])
  expect(columnChanges(before, { id: 'string', note: 'string' }, sample)).toEqual([
    { change: 'retyped', column: 'id', from: 'number', to: 'string' },
  ])
})
