import { expect, test } from 'vitest'
import { sigmoid } from '../../../core/math/exp.ts'
import { seededRandom } from '../../../core/random.ts'
import type { GbdtParameters } from '../../../language/define/gbdt.ts'
import { type ForestObjective, forestOf, type TreeNode } from '../../inference/forest-builder.ts'
import { trainGbdt } from './train-gbdt.ts'
import type { GbdtData } from './training-data.ts'

// The oracle: boosting as its papers write it, in plain doubles, trying every threshold of every feature by summing over
// all rows. Where few distinct values make histograms exact, both must grow the same trees.

interface Sums {
  readonly gradient: number
  readonly hessian: number
}

function sumsOf(rows: readonly number[], derivatives: readonly Sums[]): Sums {
  let gradient = 0
  let hessian = 0
  for (const row of rows) {
    gradient += derivatives[row]?.gradient as number
    hessian += derivatives[row]?.hessian as number
  }
  return { gradient, hessian }
}

function grow(
  rows: readonly number[],
  depth: number,
  data: GbdtData,
  derivatives: readonly Sums[],
  parameters: GbdtParameters,
): TreeNode {
  const { lambda, learningRate, minChildWeight } = parameters
  const total = sumsOf(rows, derivatives)
  const score = ({ gradient, hessian }: Sums): number => gradient ** 2 / (hessian + lambda)
  let best = { gain: 1e-6, feature: -1, threshold: 0, defaultLeft: false, left: rows, right: rows }
  for (const [feature, column] of depth === 0 ? [] : data.columns.entries()) {
    // Thresholds lie between values of the whole table, as the cuts of a histogram do.
    const values = [...new Set(column.filter((value) => !Number.isNaN(value)))].sort((a, b) => a - b)
    const present = values.slice(1).map((value, i) => Math.fround((value + (values[i] as number)) / 2))
    const missing = rows.filter((row) => Number.isNaN(column[row]))
    const thresholds = column.some(Number.isNaN) ? [...present, Number.POSITIVE_INFINITY] : present
    for (const missingLeft of missing.length > 0 ? [false, true] : [false])
      for (const threshold of thresholds) {
        const goesLeft = (row: number): boolean =>
          Number.isNaN(column[row]) ? missingLeft : (column[row] as number) < threshold
        const left = rows.filter(goesLeft)
        const right = rows.filter((row) => !goesLeft(row))
        const sides = [sumsOf(left, derivatives), sumsOf(right, derivatives)] as const
        if (left.length === 0 || right.length === 0 || sides.some(({ hessian }) => hessian < minChildWeight)) continue
        const gain = score(sides[0]) + score(sides[1]) - score(total)
        const defaultLeft = missing.length > 0 ? missingLeft : sides[0].hessian >= sides[1].hessian
        if (gain > best.gain + 1e-9) best = { gain, feature, threshold, defaultLeft, left, right }
      }
  }
  if (best.feature === -1) return { value: (-learningRate * total.gradient) / (total.hessian + lambda) }
  const { feature, threshold, defaultLeft } = best
  const left = grow(best.left, depth - 1, data, derivatives, parameters)
  return { feature, threshold, defaultLeft, left, right: grow(best.right, depth - 1, data, derivatives, parameters) }
}

function leafOf(node: TreeNode, data: GbdtData, row: number): number {
  if ('value' in node) return Math.fround(node.value)
  const value = data.columns[node.feature]?.[row] as number
  const left = Number.isNaN(value) ? node.defaultLeft : value < node.threshold
  return leafOf(left ? node.left : node.right, data, row)
}

function boost(data: GbdtData, objective: ForestObjective, baseMargin: number, parameters: GbdtParameters): TreeNode[] {
  const margins = new Float32Array(data.rows).fill(baseMargin)
  return Array.from({ length: parameters.trees }, () => {
    const derivatives = Array.from(margins, (margin, row) => {
      const prediction = objective === 'binary' ? sigmoid(margin) : margin
      const hessian = objective === 'binary' ? prediction * (1 - prediction) : 1
      return { gradient: prediction - (data.labels[row] as number), hessian }
    })
    const tree = grow([...margins.keys()], parameters.depth, data, derivatives, parameters)
    margins.forEach((margin, row) => {
      margins[row] = margin + leafOf(tree, data, row)
    })
    return tree
  })
}

test.each(['binary', 'regression'] as const)(
  'the trees of a %s forest are those of exact greedy boosting',
  async (objective) => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const random = seededRandom(seed)
      const rows = 400
      const columns = Array.from({ length: 5 }, (_, feature) =>
        Float32Array.from({ length: rows }, () =>
          feature > 2 && random.next() < 0.3 ? Number.NaN : Math.floor(random.next() * 12) / 8,
        ),
      )
      const labels = Float32Array.from({ length: rows }, (_, row) => {
        const [a, b, c, d, e] = columns.map((column) => column[row] as number) as [
          number,
          number,
          number,
          number,
          number,
        ]
        const truth = 2 * a - 1.4 * b * a + (Number.isNaN(d) ? 0.8 : d * 0.3) + (e > 0.5 ? 0.3 * c : 0) + random.next()
        return objective === 'binary' ? (truth > 1.5 ? 1 : 0) : truth
      })
      const data = { rows, columns, labels, featureNames: ['a', 'b', 'c', 'd', 'e'] }
      const parameters = {
        trees: 4,
        depth: 3,
        learningRate: 0.3,
        minChildWeight: 2,
        lambda: 0.5,
        maxBins: 255,
        subsample: 1,
        columnsample: 1,
        earlyStopping: 0,
        seed,
      }
      const { forest } = await trainGbdt(data, undefined, parameters, { objective, threads: 1 })
      const trees = boost(data, objective, forest.baseMargins[0]!, parameters)
      const expected = forestOf(
        { objective, baseMargin: forest.baseMargins[0]!, featureNames: data.featureNames },
        trees,
      )
      expect(forest.nodes.feature).toEqual(expected.nodes.feature)
      expect(forest.nodes.threshold).toEqual(expected.nodes.threshold)
      expect(forest.nodes.rule).toEqual(expected.nodes.rule)
      const distances = expected.nodes.value.map((value, node) =>
        Math.abs(value - (forest.nodes.value[node] as number)),
      )
      expect(Math.max(...distances)).toBeLessThan(1e-3)
    }
  },
)
