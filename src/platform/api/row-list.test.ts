import { expect, test } from 'vitest'
import { PieceRows } from './row-list.ts'

test('rows are read where they stand, in any order', () => {
  const body = Buffer.from('{"rows":[{"a":"é"},1, [2] ,null,{"b":{}}]}')
  const rows = new PieceRows(body)
  const placeOf = (text: string): number => body.indexOf(text)
  rows.add(2, placeOf('{"a"'), placeOf(', [2]'))
  rows.add(1, placeOf(' [2]'), placeOf(',null'))
  rows.add(2, placeOf('null'), placeOf(']}'))
  const all = [{ a: 'é' }, 1, [2], null, { b: {} }]
  expect(rows.length).toBe(5)
  expect([...rows]).toEqual(all)
  for (const place of [4, 0, 2, 2, 1, 3]) expect(rows.at(place)).toEqual(all[place])
  expect(rows.at(5)).toBeUndefined()
})
