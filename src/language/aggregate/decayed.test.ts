import { expect, test } from 'vitest'
import type { TileSums } from './collection.ts'
import { decayedMean } from './decayed-mean.ts'
import { decayedSum } from './decayed-sum.ts'

/** Tiles of ages 2, 1 and 0 with two values each, as a feature with three weights shares them. */
const tiles: TileSums = {
  each(visit) {
    for (const [age, sum] of [
      [2, 100],
      [1, 10],
      [0, 4],
    ] as const)
      visit(age, sum, 2)
  },
}

test('tiles that are older than the last weight, which another feature looks at, are left out', () => {
  expect(decayedSum.read(tiles, { weights: [1, 0.5, 0.25] })).toBe(34)
  expect(decayedSum.read(tiles, { weights: [1, 0.5] })).toBe(9)
  expect(decayedMean.read(tiles, { weights: [1, 0.5] })).toBe(3)
})
