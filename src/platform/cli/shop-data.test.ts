import { expect, test } from 'vitest'
import { DAY, parseTime } from '../../core/time.ts'
import { makeShopData } from './shop-data.ts'

const end = parseTime('2026-03-01')

function column(text: string, index: number): string[] {
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[index]!)
}

test('the same end gives the same data, another end the same shop at other times', () => {
  expect(makeShopData(end)).toEqual(makeShopData(end))
  const later = makeShopData(end + DAY)
  expect(column(later.orders, 0)).toEqual(column(makeShopData(end).orders, 0))
  expect(later.orders).not.toBe(makeShopData(end).orders)
})

test('nothing happens after the end, and every return follows its order', () => {
  const { orders, returns } = makeShopData(end)
  const times = column(orders, 5).map(parseTime)
  const orderedAt = new Map(column(orders, 0).map((order, row) => [order, times[row]!]))
  const returnedAt = column(returns, 4).map(parseTime)
  for (const [row, order] of column(returns, 0).entries())
    expect(returnedAt[row]!).toBeGreaterThan(orderedAt.get(order)!)
  expect(Math.max(...orderedAt.values(), ...returnedAt)).toBeLessThan(end)
  expect(orderedAt.size).toBe(6040)
  expect(returnedAt.length).toBeGreaterThan(1000)
})
