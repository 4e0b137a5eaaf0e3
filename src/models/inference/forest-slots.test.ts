import { expect, test } from 'vitest'
import { buildForest } from './forest-builder.ts'
import { forestSlots } from './forest-slots.ts'

test('a split on a category of a large number takes no memory for each below it, and is answered all the same', () => {
  const categories = [3, 2 ** 21]
  const split = { feature: 0, defaultLeft: false, categories, left: 1, right: 2 }
  const forest = buildForest({ featureNames: ['shop'], precision: 'float32' }, [
    { root: 0, node: (id) => (id === 0 ? split : { value: id }) },
  ])
  const before = process.memoryUsage().heapUsed
  const { fill, slots } = forestSlots(forest)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6)
  const filled = new Float32Array(1)
  const sides = [3, 4, 2 ** 21, 2 ** 21 + 1, -1, Number.NaN].map((shop) => {
    fill(Float64Array.of(shop), 0, filled, 0)
    return filled[slots[0]!]
  })
  expect(sides).toEqual([0, 1, 0, 1, 1, 1])
})
