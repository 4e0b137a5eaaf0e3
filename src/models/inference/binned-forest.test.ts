import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { BINNED_ROWS, binForest, paysToBin } from './binned-forest.ts'
import type { Forest } from './forest.ts'
import { forestOf, type TreeNode } from './forest-builder.ts'
import { forestSlots } from './forest-slots.ts'
import { walkForest } from './forest-walk.ts'
import { threadKernel } from './kernel-memory.ts'

const INPUTS = 6
const kernel = threadKernel()!
const odd = [Number.NaN, Infinity, -Infinity, 0, -0, 2 ** -149, -(2 ** -149), 1e300]

/** A forest whose thresholds are halves up to `cuts` / 2, and rows that often meet them. */
function randomForest(seed: number, depth: number, cuts: number): { forest: Forest; values: Float64Array } {
  const random = seededRandom(seed)
  const draw = () => (random.next() < 0.15 ? odd[random.integer(odd.length)]! : random.integer(cuts) / 2)
  const node = (left: number): TreeNode => {
    if (left === 0 || random.next() < 0.1) return { value: random.next() - 0.5 }
    const drawn = draw()
    const threshold = Number.isNaN(drawn) || drawn === -Infinity ? 1 : drawn
    const children = { left: node(left - 1), right: node(left - 1) }
    return { feature: random.integer(INPUTS), threshold, defaultLeft: random.next() < 0.5, ...children }
  }
  const featureNames = Array.from({ length: INPUTS }, (_, input) => `f${input}`)
  const trees = Array.from({ length: 1 + random.integer(40) }, () => node(depth))
  const forest = forestOf({ objective: 'regression', baseMargin: 0.1, featureNames }, trees)
  return { forest, values: Float64Array.from({ length: BINNED_ROWS * INPUTS }, draw) }
}

test('sums are those of a plain walk to the bit, for any number of rows', () => {
  for (let seed = 1; seed <= 120; seed += 1) {
    const { forest, values } = randomForest(seed, 1 + (seed % 6), seed % 2 === 0 ? 8 : 240)
    const binned = binForest(forest, forestSlots(forest), kernel)!
    const rows = 1 + ((seed * 7) % BINNED_ROWS)
    const from = BINNED_ROWS - rows
    const sums = new Float64Array(rows + 2)
    const expected = new Float64Array(rows + 2)
    binned.writeSums(values, from * INPUTS, rows, forest.baseMargins[0]!, sums, 1)
    for (let row = 0; row < rows; row += 1) walkForest(forest, values, (from + row) * INPUTS, expected, 1 + row)
    binned.release()
    expect(Buffer.from(sums.buffer).equals(Buffer.from(expected.buffer)), `seed ${seed}`).toBe(true)
  }
})

test('a feature may have 254 cuts, and one more is refused, as are deeper trees', () => {
  const chainOf = (cuts: number): TreeNode[] =>
    Array.from({ length: cuts }, (_, cut) => ({
      ...{ feature: 0, threshold: cut, defaultLeft: false },
      ...{ left: { value: 1 }, right: { value: 2 ** -9 } },
    }))
  const forestWith = (trees: TreeNode[]) =>
    forestOf({ objective: 'regression', baseMargin: 0, featureNames: ['f0'] }, trees)
  const forest = forestWith(chainOf(254))
  const binned = binForest(forest, forestSlots(forest), kernel)!
  const values = Float64Array.of(Number.NaN, Infinity, -1, 0, 100, 253, 253.5)
  const sums = new Float64Array(values.length)
  binned.writeSums(values, 0, values.length, 0, sums, 0)
  const rights = [254, 254, 0, 1, 101, 254, 254]
  expect([...sums]).toEqual(rights.map((right) => 254 - right + right * 2 ** -9))
  binned.release()
  const more = forestWith(chainOf(255))
  expect(binForest(more, forestSlots(more), kernel)).toBeUndefined()
  const chain = (depth: number): TreeNode =>
    depth === 0
      ? { value: 1 }
      : { feature: 0, threshold: 1, defaultLeft: true, left: { value: 2 }, right: chain(depth - 1) }
  const deep = forestWith([chain(7)])
  expect(binForest(deep, forestSlots(deep), kernel)).toBeUndefined()
})

test('bins pay for many trees with few inputs, and not for what they do not say', () => {
  const { forest } = randomForest(5, 6, 8)
  const slots = forestSlots(forest)
  expect(paysToBin(forest, slots, 6 * 200)).toBe(true)
  expect(paysToBin(forest, slots, 10)).toBe(false)
  const rule = forest.nodes.rule.map((bits) => bits | (1 << 1))
  const zeros = { ...forest, nodes: { ...forest.nodes, rule } }
  expect(paysToBin(zeros, forestSlots(zeros), 6 * 200)).toBe(false)
})
