import { expect, test } from 'vitest'
import { probabilityColumns } from './scored-columns.ts'

test('each class has a column of its own that any database takes without quotes', () => {
  expect(probabilityColumns(['late', 'Never sent', 'back-order!'])).toEqual([
    'probability_late',
    'probability_never_sent',
    'probability_back_order',
  ])
  expect(probabilityColumns(['a b', 'A-B', '2', 'späť', '日本', 'x'.repeat(60), 'fine'])).toEqual([
    'probability_0',
    'probability_1',
    'probability_2',
    'probability_sp',
    'probability_4',
    'probability_5',
    'probability_fine',
  ])
})
