import { expect, test } from 'vitest'
import { learningLines } from './learning-lines.ts'

test('a version says what its trainer was given, what a search chose, and how it did over folds', () => {
  const evaluation = {
    search: { metric: 'auc', best: 2, trials: [{}, {}, {}] },
    chosen: { depth: 3, lambda: 0.5 },
    folds: { folds: [{}, {}], metrics: { auc: { mean: 0.75, deviation: 0.0125 } } },
  }
  expect(learningLines({ trees: 200, variant: 'full' }, evaluation)).toEqual([
    'parameters: trees=200 variant=full',
    'search: 3 trials by auc, the best is trial 2',
    'chosen: depth=3 lambda=0.5',
    'over 2 folds: auc 0.7500 in the mean, deviation 0.0125',
  ])
  expect(learningLines({}, null)).toEqual(['parameters: '])
})
