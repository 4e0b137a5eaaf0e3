import { expect, test } from 'vitest'
import { isoTime, toCsv } from './csv.ts'

test('values with separators, quotes and line breaks are quoted; what is undefined is empty', () => {
  const rows = [
    { a: 'x,y', b: 1.5, c: true },
    { a: 'say "so"\nnow', b: undefined, c: false, d: 'not asked for' },
  ]
  expect(toCsv(['a', 'b', 'c'], rows)).toBe('a,b,c\r\n"x,y",1.5,true\r\n"say ""so""\nnow",,false\r\n')
})

test('times are ISO 8601 in UTC', () => {
  expect(isoTime(Date.UTC(2001, 0, 31, 9, 30) * 1000)).toBe('2001-01-31T09:30:00.000Z')
})
