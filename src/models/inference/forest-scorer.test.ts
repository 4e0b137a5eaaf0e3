import { expect, test } from 'vitest'
import { sigmoid } from '../../core/math/exp.ts'
import { seededRandom } from '../../core/random.ts'
import type { Forest } from './forest.ts'
import { type ForestObjective, forestOf, type TreeNode } from './forest-builder.ts'
import { createForestScorer } from './forest-scorer.ts'
import { generateForest } from './forests.fixture.ts'

const { NaN: missing, POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number
const INPUTS = 5
/** Few distinct values, so that thresholds are often met exactly. */
const domain = [
  missing,
  missing,
  NEGATIVE_INFINITY,
  POSITIVE_INFINITY,
  0,
  -0,
  0.1,
  1 / 3,
  -2,
  7,
  2 ** 200,
  1 + 2 ** -24,
]

/** The oracle: a row's margin as forest.ts says it. */
function plainMargin(trees: readonly TreeNode[], baseMargin: number, row: readonly number[]): number {
  const leaf = (node: TreeNode): number => {
    if ('value' in node) return Math.fround(node.value)
    const value = Math.fround(row[node.feature] as number)
    if (Number.isNaN(value)) return leaf(node.defaultLeft ? node.left : node.right)
    return leaf(value < Math.fround(node.threshold) ? node.left : node.right)
  }
  return trees.reduce((sum, tree) => Math.fround(sum + leaf(tree)), Math.fround(baseMargin))
}

function randomCase(
  seed: number,
  depth: number,
  objective: ForestObjective,
): { forest: Forest; trees: TreeNode[]; rows: number[][] } {
  const random = seededRandom(seed)
  const pick = (): number => domain[random.integer(domain.length)] as number
  const node = (left: number): TreeNode => {
    if (left === 0 || random.next() < 0.15) return { value: random.next() - 0.5 }
    const drawn = pick()
    const threshold = Number.isNaN(drawn) || drawn === NEGATIVE_INFINITY ? 0.5 : drawn
    return {
      feature: random.integer(INPUTS),
      threshold,
      defaultLeft: random.next() < 0.5,
      left: node(left - 1),
      right: node(left - 1),
    }
  }
  const trees = Array.from({ length: random.integer(14) }, () => node(random.integer(depth + 1)))
  const featureNames = Array.from({ length: INPUTS }, (_, i) => `f${i}`)
  const rows = Array.from({ length: 50 }, () => Array.from({ length: INPUTS }, pick))
  return { forest: forestOf({ objective, baseMargin: random.next(), featureNames }, trees), trees, rows }
}

test('scores equal those of a plain evaluation to the bit, for shallow and deep trees', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const objective = seed % 2 === 0 ? 'binary' : 'regression'
    const { forest, trees, rows } = randomCase(seed, seed % 10 === 0 ? 13 : 6, objective)
    const scorer = createForestScorer(forest)
    const values = Float64Array.from(rows.flat())
    const margins = rows.map((row) => plainMargin(trees, forest.baseMargins[0]!, row))
    const scores = objective === 'binary' ? margins.map(sigmoid) : margins
    expect(rows.map((_, row) => scorer.marginRow(values, row * INPUTS))).toEqual(margins)
    expect(rows.map((_, row) => scorer.scoreRow(values, row * INPUTS))).toEqual(scores)
    expect([...scorer.scoreRows(values, rows.length)]).toEqual(scores)
    const columns = Array.from({ length: INPUTS }, (_, input) => Float64Array.from(rows, (row) => row[input] as number))
    expect([...scorer.scoreColumns(columns, rows.length)]).toEqual(scores)
    expect([
      ...scorer.scoreColumns(
        columns.map((column) => Float32Array.from(column)),
        rows.length,
      ),
    ]).toEqual(scores)
  }
})

test('leaves are added in float32, in the order of the trees', () => {
  const trees = [{ value: 2 ** 24 }, { value: 1 }, { value: 1 }, { value: -(2 ** 24) }]
  const forest = forestOf({ objective: 'regression', baseMargin: 0, featureNames: [] }, trees)
  expect(createForestScorer(forest).scoreRow(new Float64Array(0), 0)).toBe(0)
})

test('inputs are cast to float32 before they are compared', () => {
  const tree: TreeNode = { feature: 0, threshold: 0.1, defaultLeft: false, left: { value: 1 }, right: { value: 2 } }
  const scorer = createForestScorer(forestOf({ objective: 'regression', baseMargin: 0, featureNames: ['a'] }, [tree]))
  // As a double 0.1 is less than the float32 nearest to it, as a float32 it is equal.
  expect(scorer.scoreRow(Float64Array.of(0.1), 0)).toBe(2)
  expect(scorer.scoreRow(Float64Array.of(0.09), 0)).toBe(1)
})

test('more inputs than 16 bits can count are scored', () => {
  const featureNames = Array.from({ length: 40_000 }, (_, i) => `f${i}`)
  const tree: TreeNode = { feature: 39_999, threshold: 1, defaultLeft: false, left: { value: 1 }, right: { value: 2 } }
  const scorer = createForestScorer(forestOf({ objective: 'regression', baseMargin: 0, featureNames }, [tree]))
  const row = new Float64Array(40_000)
  expect(scorer.scoreRow(row, 0)).toBe(1)
  row[39_999] = missing
  expect(scorer.scoreRow(row, 0)).toBe(2)
})

test('a scorer that is closed scores the same bits, and several outputs lie side by side', () => {
  for (let seed = 1; seed <= 15; seed += 1) {
    const { forest: drawn, values, rows } = generateForest(seed)
    const forest: Forest = { ...drawn, transform: { kind: drawn.outputs === 1 ? 'softplus' : 'softmax' } }
    const { outputs, featureNames } = forest
    const width = featureNames.length
    const scorer = createForestScorer(forest)
    const scores = scorer.scoreRows(values, rows)
    const columns = featureNames.map((_, input) =>
      Float64Array.from({ length: rows }, (_, row) => values[row * width + input]!),
    )
    const margins = Array.from({ length: rows }, (_, row) => scorer.marginRow(values, row * width))
    expect(scorer.scoreColumns(columns, rows)).toEqual(scores)
    scorer.close()
    const one = new Float64Array(outputs)
    for (let row = 0; row < rows; row += 1) {
      scorer.scoreInto(values, row * width, one, 0)
      expect(one).toEqual(scores.subarray(row * outputs, (row + 1) * outputs))
      expect(scorer.scoreRow(values, row * width)).toBe(one[0])
      expect(scorer.marginRow(values, row * width)).toBe(margins[row])
    }
    expect(scorer.scoreRows(values, rows)).toEqual(scores)
  }
})
