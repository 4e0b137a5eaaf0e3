import { type Random, seededRandom } from '../../core/random.ts'
import type { Forest, MissingKind, SplitTest } from './forest.ts'
import { buildForest, type ForestDescription, type NumberedTree, type TreeNodeOf } from './forest-builder.ts'

const INPUTS = 4

/** Numbers that meet thresholds exactly, or that arithmetic treats in its own ways. */
const numbers = [
  ...[0, -0, 1, -1, 0.1, 1 / 3, 3, 40, -2.5, 2 ** 24, 1e300, -1e300],
  ...[1 + 2 ** -24, 2 ** -149, 2 ** -150, -(2 ** -149), Number.MIN_VALUE, -Number.MIN_VALUE, 1e-35, -1.1e-35],
  ...[3.4028234663852886e38, Number.MAX_VALUE, -Number.MAX_VALUE, Infinity, -Infinity],
]

export interface GeneratedForest {
  readonly forest: Forest
  /** Rows one after the other. */
  readonly values: Float64Array
  readonly rows: number
}

/** A forest of any kind that the type holds, and rows for it; the same of the same seed. */
export function generateForest(seed: number): GeneratedForest {
  const random = seededRandom(seed)
  const pick = <Value>(values: readonly Value[]): Value => values[random.integer(values.length)]!
  const outputs = pick([1, 1, 1, 3])
  const leafWidth = outputs === 3 ? pick([1, 3]) : 1
  const description: ForestDescription = {
    featureNames: Array.from({ length: INPUTS }, (_, input) => `f${input}`),
    precision: pick(['float32', 'float64']),
    ...{ outputs, leafWidth, baseMargin: Array.from({ length: outputs }, () => random.next() - 0.5) },
    ...{ baseOrder: pick(['first', 'last']), divisor: pick([1, 1, 3]) },
    categoryRounding: pick(['floor', 'truncate', 'none']),
  }
  const isPlain = random.next() < 0.4
  // Few trees are deep, and those have little but their depth.
  const depth = pick([0, 1, 3, 6, 6, 8, 9, 40])
  const trees = Array.from({ length: random.integer(20) }, () => {
    const nodes: TreeNodeOf<number>[] = []
    grow(random, nodes, depth, { isPlain, leafWidth, isChain: depth > 9 })
    return { root: 0, node: (id: number) => nodes[id]!, output: leafWidth === outputs ? 0 : random.integer(outputs) }
  }) satisfies NumberedTree[]
  const rows = 1 + random.integer(150)
  const drawn = () => (random.next() < 0.2 ? Number.NaN : pick(numbers))
  return { forest: buildForest(description, trees), rows, values: Float64Array.from({ length: rows * INPUTS }, drawn) }
}

interface Kind {
  readonly isPlain: boolean
  readonly leafWidth: number
  readonly isChain: boolean
}

/** Adds a tree to `nodes`, and gives the number of its root. */
function grow(random: Random, nodes: TreeNodeOf<number>[], depth: number, kind: Kind): number {
  const at = nodes.length
  const isLeaf = depth === 0 || (!kind.isChain && random.next() < 0.15)
  nodes.push({ value: Array.from({ length: kind.leafWidth }, () => random.next() - 0.5) })
  if (isLeaf) return at
  const split = drawSplit(random, kind)
  const left = grow(random, nodes, depth - 1, kind)
  const right = grow(random, nodes, kind.isChain ? 0 : depth - 1, kind)
  nodes[at] = random.next() < 0.5 ? { ...split, left, right } : { ...split, left: right, right: left }
  return at
}

function drawSplit(random: Random, { isPlain }: Kind) {
  const pick = <Value>(values: readonly Value[]): Value => values[random.integer(values.length)]!
  const split = { feature: random.integer(INPUTS), defaultLeft: random.next() < 0.5, threshold: pick(numbers) }
  if (isPlain) return { ...split, test: 'less' } as const
  const missing = pick<MissingKind>(['nan', 'zero', 'none'])
  const test = pick<SplitTest>(['less', 'less', 'lessOrEqual', 'lessOrEqual', 'equal', 'member'])
  if (test !== 'member') return { ...split, missing, test } as const
  const categories = [0, 1, 3, 40].filter(() => random.next() < 0.5)
  return { feature: split.feature, defaultLeft: split.defaultLeft, missing, categories } as const
}
