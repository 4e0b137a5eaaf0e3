import { type Forest, isPlainForest, treeCount } from './forest.ts'

/** Trees that are walked side by side. */
export const TREES_ABREAST = 4
/** A deeper tree would need too many places for nodes that it does not have. */
const DEEPEST = 10

/**
 * A forest as perfect binary heaps, so that a walk needs neither children's indices nor a test for leaves: the node at
 * place h has its children at 2h and 2h + 1, the root is at 1. A leaf above the bottom is repeated in all places below.
 *
 * Each input has two slots, so that missing needs no test either: in the first it is -Infinity and goes left, in the
 * second Infinity and goes right.
 */
export interface ForestHeap {
  /** Of each group of four trees: the depth of its heaps, and where the first of them begins in the arrays. */
  readonly depths: Uint8Array
  readonly starts: Uint32Array
  /** A heap has 2^depth places in each. */
  readonly slots: Uint16Array | Uint32Array
  readonly thresholds: Float32Array
  readonly leaves: Float32Array
}

/** The heaps of a forest, or undefined for one that they do not say: a tree is too deep, or splits differ from ours. */
export function forestHeap(forest: Forest): ForestHeap | undefined {
  if (!isPlainForest(forest) || forest.nodes.threshold.includes(Number.NEGATIVE_INFINITY)) return undefined
  const trees = treeCount(forest)
  const groups = Math.ceil(trees / TREES_ABREAST)
  const depths = new Uint8Array(groups)
  const starts = new Uint32Array(groups)
  let places = 0
  for (let group = 0; group < groups; group += 1) {
    let depth = 0
    for (let tree = group * TREES_ABREAST; tree < Math.min(trees, (group + 1) * TREES_ABREAST); tree += 1)
      depth = Math.max(depth, depthOf(forest, forest.treeStarts[tree] as number))
    if (depth > DEEPEST) return undefined
    depths[group] = depth
    starts[group] = places
    places += TREES_ABREAST * 2 ** depth
  }
  const inputs = forest.featureNames.length
  const heap: ForestHeap = {
    depths,
    starts,
    slots: 2 * inputs > 65_535 ? new Uint32Array(places) : new Uint16Array(places),
    thresholds: new Float32Array(places),
    leaves: new Float32Array(places),
  }
  for (let tree = 0; tree < trees; tree += 1) {
    const group = Math.floor(tree / TREES_ABREAST)
    const size = 2 ** (depths[group] as number)
    const start = (starts[group] as number) + (tree % TREES_ABREAST) * size
    fill(forest, heap, start, size, forest.treeStarts[tree] as number, 1)
  }
  return heap
}

function fill(forest: Forest, heap: ForestHeap, start: number, size: number, node: number, place: number): void {
  const { feature, threshold, rule, right, value } = forest.nodes
  if (place >= size) {
    heap.leaves[start + place - size] = value[node] as number
    return
  }
  const input = feature[node] as number
  if (input < 0) {
    fill(forest, heap, start, size, node, 2 * place)
    fill(forest, heap, start, size, node, 2 * place + 1)
    return
  }
  heap.slots[start + place] = rule[node] === 1 ? input : input + forest.featureNames.length
  heap.thresholds[start + place] = threshold[node] as number
  fill(forest, heap, start, size, node + 1, 2 * place)
  fill(forest, heap, start, size, right[node] as number, 2 * place + 1)
}

function depthOf({ nodes }: Forest, node: number): number {
  const deepest = (at: number, depth: number): number =>
    (nodes.feature[at] as number) < 0 || depth > DEEPEST
      ? depth
      : Math.max(deepest(at + 1, depth + 1), deepest(nodes.right[at] as number, depth + 1))
  return deepest(node, 0)
}
