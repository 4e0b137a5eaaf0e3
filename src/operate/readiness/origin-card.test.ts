import { expect, test } from 'vitest'
import { originCard } from './origin-card.ts'

test('the card of an imported version says where it comes from and what it was evaluated on, and of no training', () => {
  const imported = { file: 'sha256:12', from: 'shop.json', writtenBy: 'XGBoost 3.2.0', claimed: { auc: 0.87 } }
  expect(originCard({ rows: 1234, imported })).toEqual([
    {
      title: 'Where it comes from',
      lines: [
        'Imported from shop.json, written by XGBoost 3.2.0. It was not trained here: on what it was is not known.',
        'Evaluated here on 1,234 rows of the test.',
        'Said of it elsewhere, and not measured here: auc 0.87.',
      ],
    },
  ])
  expect(originCard({ imported: { file: 'sha256:12' } })[0]!.lines).toEqual([
    'Imported from sha256:12. It was not trained here: on what it was is not known.',
  ])
})

test('of a version that was trained here it says nothing', () => {
  expect(originCard({ rows: 1234 })).toEqual([])
})
