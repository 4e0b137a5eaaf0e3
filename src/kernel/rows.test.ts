import { expect, test } from 'vitest'
import type { GroupPlan } from './plan.ts'
import { EntityRows } from './rows.ts'

/** Of a plan, rows look at no more than this. */
const plan = (ordersTies: boolean) => ({ lanes: [{}, {}], ordersTies }) as unknown as GroupPlan

function contents(rows: EntityRows): (readonly number[])[] {
  return Array.from({ length: rows.length }, (_, row) => [rows.time(row), rows.lane(0, row), rows.lane(1, row)])
}

test('rows are kept by time, sequence and id, in whatever order they come', () => {
  const rows = new EntityRows(plan(true))
  const arrivals = [
    [20, 0, 'b', 4],
    [10, 0, 'z', 1],
    [20, 0, 'a', 3],
    [20, 1, 'a', 5],
    [20, -1, 'c', 2],
    [30, 0, 'a', 6],
  ] as const
  for (const [time, sequence, id, value] of arrivals) rows.insert(time, sequence, id, Float64Array.of(value, -value))
  expect(contents(rows)).toEqual([
    [10, 1, -1],
    [20, 2, -2],
    [20, 3, -3],
    [20, 4, -4],
    [20, 5, -5],
    [30, 6, -6],
  ])
  expect([rows.countBefore(20), rows.countBefore(21), rows.countBefore(99)]).toEqual([1, 5, 6])
})

test('dropping the first rows keeps the others, in less room', () => {
  const rows = new EntityRows(plan(true))
  for (let time = 0; time < 100; time++) rows.insert(time, 0, `id ${time}`, Float64Array.of(time, time))
  const { capacity } = rows
  rows.dropFirst(97)
  expect(contents(rows)).toEqual([
    [97, 97, 97],
    [98, 98, 98],
    [99, 99, 99],
  ])
  expect(rows.id(0)).toBe('id 97')
  expect(rows.capacity).toBeLessThan(capacity)
  expect(rows.insert(98, 0, 'id 97a', Float64Array.of(0, 0))).toBe(1)
})
