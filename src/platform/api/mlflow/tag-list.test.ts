import { expect, test } from 'vitest'
import { fittingList, listIn } from './tag-list.ts'

test('a list that a tag cannot hold loses its oldest parts and stays one', () => {
  const texts = Array.from({ length: 10 }, (_, index) => JSON.stringify({ index, said: 'x'.repeat(1500) }))
  const value = fittingList(texts)
  expect(value.length).toBeLessThanOrEqual(8000)
  expect(listIn(value)).toMatchObject([{ index: 5 }, { index: 6 }, { index: 7 }, { index: 8 }, { index: 9 }])
  expect(fittingList(['1', '2'])).toBe('[1, 2]')
  expect(fittingList([JSON.stringify('x'.repeat(9000))])).toBe('[]')
})

test('what is no list counts as an empty one', () => {
  for (const tag of [undefined, '', '{"a": 1}', '[1, ', 'null']) expect(listIn(tag)).toEqual([])
})
