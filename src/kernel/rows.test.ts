import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { compareIds } from './event-order.ts'
import type { GroupPlan } from './plan.ts'
import { EntityRows } from './rows.ts'

/** Of a plan, rows look at no more than this. */
const plan = (ordersTies: boolean) => ({ lanes: [{}, {}], ordersTies, hasSequence: true }) as unknown as GroupPlan

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

test('a row is found among those of its time by sequence and id, and taken away', () => {
  const rows = new EntityRows(plan(true))
  const values = Float64Array.of(1, 1)
  for (const [sequence, id] of [
    [0, 'a'],
    [0, 'b'],
    [1, 'a'],
  ] as const)
    rows.insert(20, sequence, id, values)
  rows.insert(30, 0, 'a', values)
  expect([rows.find(20, 0, 'b', values), rows.find(20, 1, 'a', values), rows.find(20, 1, 'b', values)]).toEqual([
    1, 2, -1,
  ])
  rows.remove(1)
  expect(rows.length).toBe(3)
  expect([rows.find(20, 0, 'b', values), rows.find(20, 1, 'a', values), rows.find(30, 0, 'a', values)]).toEqual([
    -1, 1, 2,
  ])
})

test('where ties are not ordered, a row with the same time and lanes is as good as another', () => {
  const rows = new EntityRows(plan(false))
  for (const value of [1, Number.NaN, 2]) rows.insert(20, 0, '', Float64Array.of(value, 0))
  const found = rows.find(20, 7, 'any', Float64Array.of(Number.NaN, 0))
  expect(rows.lane(0, found)).toBeNaN()
  expect(rows.find(20, 0, '', Float64Array.of(3, 0))).toBe(-1)
  expect(rows.find(21, 0, '', Float64Array.of(1, 0))).toBe(-1)
  rows.remove(found)
  expect(contents(rows)).toEqual([
    [20, 1, 0],
    [20, 2, 0],
  ])
})

test('rows that come, go and are dropped keep their lanes and ids of any length, and take no more than they need', () => {
  const random = seededRandom(5)
  const rows = new EntityRows(plan(true))
  let known: { time: number; sequence: number; id: string; value: number }[] = []
  for (let step = 0; step < 4000; step++) {
    const time = random.integer(20) + step / 100
    const id = `${'\u4e2d'.repeat(random.integer(2))}${'x'.repeat(random.integer(200) === 0 ? 300 : 3)}${step}`
    const row = { time, sequence: random.integer(2), id, value: random.next() }
    const gone = known[random.integer(known.length + 1)]
    if (gone !== undefined && random.integer(5) < 2) {
      rows.remove(rows.find(gone.time, gone.sequence, gone.id, new Float64Array(2)))
      known = known.filter((other) => other !== gone)
    } else {
      rows.insert(row.time, row.sequence, row.id, Float64Array.of(row.value, -row.value))
      known = [...known, row]
    }
    if (random.integer(200) > 0) continue
    known.sort((a, b) => a.time - b.time || a.sequence - b.sequence || compareIds(a.id, b.id))
    const dropped = random.integer(known.length)
    rows.dropFirst(dropped)
    known = known.slice(dropped)
    const held = known.map((_, index) => ({
      time: rows.time(index),
      sequence: rows.sequence(index),
      id: rows.id(index),
      value: -rows.lane(1, index),
    }))
    expect(held).toEqual(known)
    const ids = known.reduce((total, { id }) => total + 2 * id.length + 5, 0)
    expect(rows.byteLength).toBeLessThan(4 * (40 * known.length + ids) + 1000)
  }
  expect(known.length).toBeGreaterThan(0)
})
