import { expect, test } from 'vitest'
import { decidedByWords } from './decided-by.ts'

test.each([
  ['hand:3', 'rule 3 by hand'],
  ['rule:large_order', 'the rule large_order'],
  ['missing:card_use.largest_30d', 'card_use.largest_30d, which is missing'],
  ['stale:card_use', 'card_use, which is stale'],
  ['another_way', 'another_way'],
])('%s decided: names stay as they are', (decidedBy, words) => {
  expect(decidedByWords(decidedBy)).toBe(words)
})
