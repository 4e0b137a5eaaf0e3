import { expect, test } from 'vitest'
import { piecesOf } from './breakable.tsx'

test.each([
  ['customer_orders.mean_amount_90d', ['customer_', 'orders.', 'mean_', 'amount_', '90d']],
  ['returnedWithAWordThatHasNoPlace', ['returned', 'With', 'AWord', 'That', 'Has', 'No', 'Place']],
  ['C'.repeat(40), ['C'.repeat(16), 'C'.repeat(16), 'C'.repeat(8)]],
  ['e\u0301'.repeat(20), ['e\u0301'.repeat(16), 'e\u0301'.repeat(4)]],
])('%s may break where it is read best, and keeps all of its letters', (word, pieces) => {
  expect(piecesOf(word)).toEqual(pieces)
  expect(piecesOf(word).join('')).toBe(word)
})
