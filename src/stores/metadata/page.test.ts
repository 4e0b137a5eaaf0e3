import { expect, test } from 'vitest'
import { cursorNumbers, pageLimit, pageOf } from './page.ts'

test('a page goes on where the one before ended', () => {
  const all = [9, 7, 5, 3, 1]
  const seen: number[][] = []
  let cursor: string | undefined
  do {
    const request = { limit: 2, ...(cursor === undefined ? {} : { cursor }) }
    const after = cursorNumbers(request, 1)?.[0] ?? Number.POSITIVE_INFINITY
    const rows = all.filter((value) => value < after).slice(0, pageLimit(request) + 1)
    const page = pageOf(
      rows,
      2,
      (value) => [value],
      (value) => value * 10,
    )
    seen.push([...page.items])
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual([[90, 70], [50, 30], [10]])
})

test('a page that ends with the list has no next one', () => {
  expect(
    pageOf(
      [1, 2],
      2,
      (value) => [value],
      (value) => value,
    ).next,
  ).toBeNull()
  expect(
    pageOf(
      [],
      2,
      () => [],
      () => 0,
    ),
  ).toEqual({ items: [], next: null })
})

test('limits and cursors from outside are checked', () => {
  expect(pageLimit({})).toBe(100)
  for (const limit of [0, -1, 1.5, 10_001, Number.NaN])
    expect(() => pageLimit({ limit })).toThrow(expect.objectContaining({ code: 'invalid_parameter' }))
  expect(cursorNumbers({ cursor: '-5_12' }, 2)).toEqual([-5, 12])
  for (const cursor of ['', 'x', '1', '1_2_3', '1_2; DROP', '1e3_2', '99999999999999999_1'])
    expect(() => cursorNumbers({ cursor }, 2)).toThrow(expect.objectContaining({ code: 'invalid_parameter' }))
})
