import { expect, test } from 'vitest'
import type { Forest } from '../forest.ts'
import { createForestScorer } from '../forest-scorer.ts'
import { generateForest } from '../forests.fixture.ts'
import { createLinearScorer } from '../linear-model.ts'
import { orderOutputs } from './order-outputs.ts'

const places = [2, 0, 1]

/** Scores of each row as they were, by the places that they have now. */
function moved(scores: Float64Array): number[] {
  return [...scores].map((_, at) => scores[at - (at % 3) + places[at % 3]!]!)
}

test.each([1, 3])('each margin of a forest of %i values a leaf is in its new place, to the bit', (leafWidth) => {
  const found = Array.from({ length: 200 }, (_, seed) => generateForest(seed)).filter(
    ({ forest }) => forest.outputs === 3 && forest.leafWidth === leafWidth && forest.treeStarts.length > 3,
  )
  expect(found.length).toBeGreaterThan(3)
  for (const { forest, values, rows } of found.slice(0, 5)) {
    const scores = (one: Forest) => createForestScorer(one).scoreRows(values, rows)
    const ordered = orderOutputs({ kind: 'forest', forest }, places)
    if (ordered.kind !== 'forest') throw new Error('no forest')
    expect([...scores(ordered.forest)]).toEqual(moved(scores(forest)))
  }
})

test('so is each of a line', () => {
  const linear = {
    ...{ featureNames: ['a', 'b'], transform: { kind: 'identity' } as const },
    ...{ intercepts: Float64Array.of(0, 1, 2), weights: Float64Array.of(1, 2, 3, 4, 5, 6) },
    missingAs: Float64Array.of(0, 0),
  }
  const ordered = orderOutputs({ kind: 'linear', linear }, places)
  if (ordered.kind !== 'linear') throw new Error('no line')
  const row = Float64Array.of(10, 100)
  expect([...createLinearScorer(ordered.linear).scoreRows(row, 1)]).toEqual([652, 210, 431])
})
