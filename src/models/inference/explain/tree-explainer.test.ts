import { expect, test } from 'vitest'
import { seededRandom } from '../../../core/random.ts'
import { type Forest, rounderTo, treeCount } from '../forest.ts'
import { buildForest } from '../forest-builder.ts'
import { goesLeft, leafOf } from '../forest-walk.ts'
import { generateForest } from '../forests.fixture.ts'
import { createTreeExplainer } from './tree-explainer.ts'

/** Shapley values by their definition: every input joins every set of others. */
function shapleyValues(
  forest: Forest,
  covers: Float64Array,
  row: Float64Array,
): { base: number[]; values: number[][] } {
  const { outputs } = forest
  const inputs = forest.featureNames.length
  const sets = Array.from({ length: 2 ** inputs }, (_, known) => marginsOf(forest, covers, row, known))
  const weightOf = (size: number): number => factorial(size) * factorial(inputs - size - 1)
  const values = Array.from({ length: outputs }, (_, output) =>
    Array.from({ length: inputs }, (_, input) => {
      let sum = 0
      for (let known = 0; known < sets.length; known += 1) {
        if ((known >> input) & 1) continue
        const more = sets[known | (1 << input)]![output]! - sets[known]![output]!
        sum += weightOf(bitsOf(known)) * more
      }
      return sum / factorial(inputs)
    }),
  )
  return { base: sets[0]!, values }
}

/** Margins where only some inputs are known: elsewhere a row goes both ways, by how much the training rows of each count. */
function marginsOf(forest: Forest, covers: Float64Array, row: Float64Array, known: number): number[] {
  const { nodes, leafWidth, divisor, baseMargins, baseOrder, treeStarts, treeOutputs, precision, outputs } = forest
  const round = rounderTo(precision)
  const margins = Array<number>(outputs).fill(0)
  const add = (node: number, share: number, output: number): void => {
    const feature = nodes.feature[node]!
    if (feature < 0) {
      for (let place = 0; place < leafWidth; place += 1)
        margins[output + place]! += share * nodes.value[node * leafWidth + place]!
      return
    }
    const [left, right] = [node + 1, nodes.right[node]!]
    if ((known >> feature) & 1) {
      add(goesLeft(forest, node, round(row[feature]!)) ? left : right, share, output)
      return
    }
    const both = covers[left]! + covers[right]!
    add(left, share * (both === 0 ? 0.5 : covers[left]! / both), output)
    add(right, share * (both === 0 ? 0.5 : covers[right]! / both), output)
  }
  for (let tree = 0; tree < treeCount(forest); tree += 1) add(treeStarts[tree]!, 1, treeOutputs[tree]!)
  return margins.map((sum, output) =>
    baseOrder === 'first' ? (baseMargins[output]! + sum) / divisor : sum / divisor + baseMargins[output]!,
  )
}

function factorial(of: number): number {
  return of <= 1 ? 1 : of * factorial(of - 1)
}

function bitsOf(set: number): number {
  return set === 0 ? 0 : (set & 1) + bitsOf(set >> 1)
}

/** Counts of rows as drawn, some of them 0: below such a node nothing was seen. */
function drawCovers(forest: Forest, seed: number): Float64Array {
  const random = seededRandom(seed)
  const covers = new Float64Array(forest.nodes.feature.length)
  for (let node = covers.length - 1; node >= 0; node -= 1)
    covers[node] =
      forest.nodes.feature[node]! < 0 ? random.integer(4) : covers[node + 1]! + covers[forest.nodes.right[node]!]!
  return covers
}

test('contributions of any forest are the Shapley values of their definition, and add up to its margin', () => {
  let compared = 0
  for (let seed = 0; seed < 100; seed += 1) {
    const { forest, values, rows } = generateForest(seed)
    const inputs = forest.featureNames.length
    const covers = drawCovers(forest, seed)
    const explainer = createTreeExplainer(forest, covers)!
    const contributions = new Float64Array(inputs * forest.outputs)
    for (let row = 0; row < Math.min(rows, 4); row += 1) {
      const of = values.subarray(row * inputs, (row + 1) * inputs)
      const expected = shapleyValues(forest, covers, of)
      explainer.explainInto(values, row * inputs, contributions)
      const whole = marginsOf(forest, covers, of, 2 ** inputs - 1)
      for (let output = 0; output < forest.outputs; output += 1) {
        const ours = [...contributions.subarray(output * inputs, (output + 1) * inputs)]
        expect(explainer.base[output]).toBeCloseTo(expected.base[output]!, 11)
        for (const [input, contribution] of ours.entries())
          expect(contribution, `forest ${seed}, row ${row}, input ${input}`).toBeCloseTo(
            expected.values[output]![input]!,
            11,
          )
        expect(ours.reduce((sum, one) => sum + one, explainer.base[output]!)).toBeCloseTo(whole[output]!, 11)
        compared += inputs
      }
    }
  }
  expect(compared).toBeGreaterThan(1_500)
})

test('an input that no split looks at contributes nothing, and equal ones contribute the same', () => {
  const leaf = (value: number) => ({ value, cover: 1 })
  const split = (feature: number, left: number, right: number) => ({
    ...{ feature, threshold: 1, defaultLeft: false, cover: 2, left, right },
  })
  const nodes = [split(0, 1, 2), { ...split(1, 3, 4) }, { ...split(1, 5, 6) }, leaf(0), leaf(1), leaf(1), leaf(5)]
  const forest = buildForest({ featureNames: ['a', 'b', 'c'], precision: 'float64', covers: true }, [
    { root: 0, node: (id) => nodes[id]! },
  ])
  const explainer = createTreeExplainer(forest, forest.covers!)!
  const contributions = new Float64Array(3)
  explainer.explainInto(Float64Array.of(9, 2, 2, 2), 1, contributions)
  expect(explainer.base).toEqual(Float64Array.of(1.75))
  expect([...contributions]).toEqual([1.625, 1.625, 0])
})

test('a margin of a hundred deep trees is the sum of its contributions to 10 digits', () => {
  const random = seededRandom(11)
  const inputs = 30
  const trees = Array.from({ length: 100 }, () => ({
    root: 1,
    node: (id: number) =>
      id >= 256
        ? { value: random.next() - 0.5, cover: 1 }
        : {
            ...{ feature: random.integer(inputs), threshold: random.next(), defaultLeft: id % 2 === 0, cover: 1 },
            ...{ left: 2 * id, right: 2 * id + 1 },
          },
  }))
  const names = Array.from({ length: inputs }, (_, input) => `f${input}`)
  const forest = buildForest({ featureNames: names, precision: 'float64', baseMargin: 0.25 }, trees)
  const covers = forest.nodes.feature.map((feature) => (feature < 0 ? 1 + random.integer(50) : 0))
  const explainer = createTreeExplainer(forest, Float64Array.from(covers))!
  const row = Float64Array.from({ length: inputs }, () => (random.next() < 0.1 ? Number.NaN : random.next()))
  const contributions = new Float64Array(inputs)
  explainer.explainInto(row, 0, contributions)
  let margin = 0.25
  for (let tree = 0; tree < 100; tree += 1) margin += forest.nodes.value[leafOf(forest, tree, row, 0)]!
  expect(contributions.reduce((sum, one) => sum + one, explainer.base[0]!)).toBeCloseTo(margin, 10)
})

test('a tree that is too deep for the walk is not explained', () => {
  const nodes = Array.from({ length: 1_201 }, (_, id) =>
    id % 2 === 1 || id === 1_200
      ? { value: 1, cover: 1 }
      : { feature: 0, threshold: id, defaultLeft: true, cover: 1, left: id + 2, right: id + 1 },
  )
  const forest = buildForest({ featureNames: ['a'], precision: 'float64', covers: true }, [
    { root: 0, node: (id) => nodes[id]! },
  ])
  expect(createTreeExplainer(forest, forest.covers!)).toBeUndefined()
})

test.each([
  [0, 0, [-10, -10]],
  [0, 1, [-30, 10]],
  [1, 0, [10, -30]],
  [1, 1, [30, 30]],
])('of %d and %d, 80 where both are 1, the contributions are those of the paper', (a, b, expected) => {
  const nodes = [
    { feature: 0, threshold: 0.5, defaultLeft: true, cover: 4, left: 1, right: 2 },
    { value: 0, cover: 2 },
    { feature: 1, threshold: 0.5, defaultLeft: true, cover: 2, left: 3, right: 4 },
    { value: 0, cover: 1 },
    { value: 80, cover: 1 },
  ]
  const forest = buildForest({ featureNames: ['a', 'b'], precision: 'float64', covers: true }, [
    { root: 0, node: (id) => nodes[id]! },
  ])
  const explainer = createTreeExplainer(forest, forest.covers!)!
  const contributions = new Float64Array(2)
  explainer.explainInto(Float64Array.of(a, b), 0, contributions)
  expect([explainer.base[0], ...contributions]).toEqual([20, ...expected])
})
