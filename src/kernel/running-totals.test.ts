import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { count, mean, sum, variance } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { COUNTS, SQUARES, SUMS } from './exact-sum.ts'
import { planGroup } from './plan.ts'
import { EntityRows } from './rows.ts'
import { RunningTotals } from './running-totals.ts'

const payments = stream('payments', {
  key: 'card',
  time: 'at',
  schema: { card: t.string(), cents: t.int({ nullable: true }), rate: t.number(), at: t.timestamp() },
})
const plan = planGroup(
  features('spending', {
    entity: entity('card', { card: t.string() }),
    from: payments,
    select: {
      a_cents: sum('cents').over('1h'),
      b_rate: mean('rate').over('1h'),
      c_spread: variance('rate').over('1h'),
      d_many: count().over('1h'),
    },
  }),
  payments,
  createDictionary(),
)
const cents = plan.moments.find(({ level }) => level === SUMS)!.lane
const rate = plan.moments.find(({ level }) => level === SQUARES)!.lane

function naive(rows: EntityRows, from: number, to: number): { values: number; sum: number } {
  let [values, total] = [0, 0]
  for (let row = from; row < to; row++) {
    const value = rows.lane(cents, row)
    if (!Number.isNaN(value)) {
      values += 1
      total += value
    }
  }
  return { values, sum: total }
}

function difference(totals: RunningTotals, from: number, to: number): { values: number; sum: number } {
  const { counts, sums } = totals.of(cents, SUMS)!
  return { values: counts[to]! - counts[from]!, sum: sums[to]! - sums[from]! }
}

function insert(rows: EntityRows, totals: RunningTotals, time: number, value: number): void {
  const lanes = new Float64Array(plan.lanes.length)
  lanes[cents] = value
  totals.insert(rows, rows.insert(time, 0, '', lanes))
}

test('what lies between two rows is a difference, while rows come and go anywhere', () => {
  const random = seededRandom(4)
  const totals = new RunningTotals(plan)
  const rows = new EntityRows(plan, undefined, { hasSequence: true, hasIds: false, totals })
  totals.fill(rows, 0, 0)
  for (let turn = 0; turn < 400; turn++) {
    if (random.integer(4) > 0 || rows.length === 0)
      insert(rows, totals, random.integer(90), random.integer(5) === 0 ? Number.NaN : random.integer(2001) - 1000)
    else {
      const position = random.integer(rows.length)
      totals.remove(rows, position)
      rows.remove(position)
    }
    const from = random.integer(rows.length + 1)
    const to = from + random.integer(rows.length + 1 - from)
    expect(difference(totals, from, to)).toEqual(naive(rows, from, to))
  }
  expect(rows.length).toBeGreaterThan(100)
})

test('there are none for sums that are not whole, or leave the whole numbers on the way, nor for squares', () => {
  const totals = new RunningTotals(plan)
  const rows = new EntityRows(plan, undefined, { hasSequence: true, hasIds: false, totals })
  totals.fill(rows, 0, 0)
  insert(rows, totals, 1, 2 ** 53 - 2)
  insert(rows, totals, 3, -5)
  expect(totals.of(cents, SUMS)).toBeDefined()
  insert(rows, totals, 2, 4)
  expect(totals.of(cents, SUMS)).toBeUndefined()
  expect(totals.of(cents, COUNTS)).toBeDefined()
  expect(totals.of(rate, SQUARES)).toBeUndefined()
  totals.fill(rows, 1, 3)
  expect(totals.of(cents, SUMS)!.sums[2]).toBe(-1)
  insert(rows, totals, 9, 0.5)
  totals.fill(rows, 0, rows.length)
  expect(totals.of(cents, SUMS)).toBeUndefined()
})

test('a fraction too small to show in the totals leaves none all the same', () => {
  const totals = new RunningTotals(plan)
  const rows = new EntityRows(plan, undefined, { hasSequence: true, hasIds: false, totals })
  totals.fill(rows, 0, 0)
  insert(rows, totals, 1, -5_475_345_601)
  insert(rows, totals, 2, 2 ** -53)
  expect(totals.of(cents, SUMS)).toBeUndefined()
})
