import type { GrownTreeNode } from '../../inference/forest-builder.ts'
import { readSet } from './category-search.ts'
import { type BinnedTree, MOST_CUTS, SPLIT, type TrainingMemory } from './shared-memory.ts'

/** The best split of a node; sums are in whole units (see Packing). */
export interface Split {
  readonly feature: number
  /** Bins 1 to this go left: the threshold is the feature's cut of that number. */
  readonly bin: number
  readonly missingRight: boolean
  /** Of a split on categories: the bins that go left, in place of the above. */
  readonly categories?: readonly number[]
  /** What its children are penalised by beside `lambda`. */
  readonly categoryLambda: number
  /** How much the loss falls, in the units of XGBoost's gain. */
  readonly gain: number
  /** Sums of the rows that go left. */
  readonly gradient: number
  readonly hessian: number
}

/** A node of the tree that is grown. */
export interface GrownNode {
  readonly id: number
  /** Its rows in `order`. */
  readonly start: number
  readonly count: number
  /** Sum of the second derivatives of its rows: how much they count. */
  readonly cover: number
  /** What its rows gain if it stays a leaf. */
  readonly value: number
  split?: Split
  children?: readonly [GrownNode, GrownNode]
}

/** Of the best splits in each group of features the very best, or undefined when none is better than no split. */
export function bestSplit(
  { settings, splits, gradientScale, categorical }: TrainingMemory,
  node: number,
): Split | undefined {
  const groups = settings.groups.length
  let best = node * groups * SPLIT.size
  for (let group = 1; group < groups; group += 1) {
    const at = (node * groups + group) * SPLIT.size
    if ((splits[at + SPLIT.gain] as number) > (splits[best + SPLIT.gain] as number)) best = at
  }
  const gain = splits[best + SPLIT.gain] as number
  if (gain <= 0) return undefined
  const scale = gradientScale[0] as number
  const feature = splits[best + SPLIT.feature] as number
  return {
    feature,
    bin: splits[best + SPLIT.leftBins] as number,
    missingRight: splits[best + SPLIT.missingRight] === 1,
    ...(categorical[feature] === 1 ? { categories: readSet(splits, best) } : {}),
    categoryLambda: splits[best + SPLIT.categoryLambda] as number,
    gain: ((gain + (splits[best + SPLIT.chance] as number)) * settings.packing.hessianScale) / (scale * scale),
    gradient: splits[best + SPLIT.gradient] as number,
    hessian: splits[best + SPLIT.hessian] as number,
  }
}

/** A grown tree as part of a forest. */
export function treeNodeOf(node: GrownNode, cuts: Float32Array): GrownTreeNode {
  const { cover } = node
  if (node.split === undefined || node.children === undefined) return { value: node.value, cover }
  const { feature, bin, missingRight, categories } = node.split
  const cutOf = (place: number): number => cuts[feature * MOST_CUTS + place - 1] as number
  const [left, right] = node.children
  const sides = { cover, left: treeNodeOf(left, cuts), right: treeNodeOf(right, cuts) }
  if (categories !== undefined) return { feature, categories: categories.map(cutOf), defaultLeft: false, ...sides }
  return { feature, threshold: cutOf(bin), defaultLeft: !missingRight, ...sides }
}

/** Writes a grown tree for walks over bins. */
export function writeBinnedTree(node: GrownNode, grown: BinnedTree): void {
  grown.value[node.id] = node.value
  grown.feature[node.id] = node.split?.feature ?? -1
  if (node.split === undefined || node.children === undefined) return
  const missingRight = node.split.missingRight ? 1 : 0
  grown.missingRight[node.id] = missingRight
  grown.leftBins[node.id] = node.split.bin + 1 - missingRight
  const [left, right] = node.children
  grown.left[node.id] = left.id
  grown.right[node.id] = right.id
  writeBinnedTree(left, grown)
  writeBinnedTree(right, grown)
}
