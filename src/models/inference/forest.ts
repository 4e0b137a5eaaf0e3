/** What the sum of the leaves means: log-odds of the label being 1, or the label itself. */
export type ForestObjective = 'binary' | 'regression'

/**
 * A forest of decision trees as plain data. A row's margin is `baseMargin` and then the leaf of each tree in turn, added
 * in float32; inputs are cast to float32 first. At a split `x < threshold` goes left, anything else right, and NaN
 * (missing) goes where `defaultLeft` says.
 */
export interface Forest {
  readonly objective: ForestObjective
  /** A float32. */
  readonly baseMargin: number
  /** One for each input, in the order of the inputs. */
  readonly featureNames: readonly string[]
  readonly nodes: ForestNodes
  /** Index of the first node of each tree, and at the end the number of nodes; one entry more than there are trees. */
  readonly treeStarts: Uint32Array
}

/** Nodes tree by tree, each tree in preorder: the left child of a split is the node after it. */
export interface ForestNodes {
  /** The input that a split looks at; -1 for a leaf. */
  readonly feature: Int32Array
  /** Of a split; never NaN nor -Infinity. +Infinity parts what is present from what is missing. 0 for a leaf. */
  readonly threshold: Float32Array
  /** 1 where missing goes left. 0 for a leaf. */
  readonly defaultLeft: Uint8Array
  /** Index of the right child in these arrays. 0 for a leaf. */
  readonly right: Uint32Array
  /** What a leaf adds to the margin; finite. 0 for a split. */
  readonly value: Float32Array
}

/** One node, as trees are built from them. */
export type TreeNode =
  | { readonly value: number }
  | {
      readonly feature: number
      readonly threshold: number
      readonly defaultLeft: boolean
      readonly left: TreeNode
      readonly right: TreeNode
    }

/** The number of trees. */
export function treeCount(forest: Forest): number {
  return forest.treeStarts.length - 1
}

/** A forest of these trees. Thresholds, leaves and the base margin are rounded to float32. */
export function forestOf(
  description: { objective: ForestObjective; baseMargin: number; featureNames: readonly string[] },
  trees: readonly TreeNode[],
): Forest {
  const size = trees.reduce((sum, tree) => sum + countNodes(tree), 0)
  const nodes: ForestNodes = {
    feature: new Int32Array(size),
    threshold: new Float32Array(size),
    defaultLeft: new Uint8Array(size),
    right: new Uint32Array(size),
    value: new Float32Array(size),
  }
  let next = 0
  const place = (node: TreeNode): void => {
    const index = next++
    if ('value' in node) {
      nodes.feature[index] = -1
      nodes.value[index] = withoutNegativeZero(node.value)
      return
    }
    nodes.feature[index] = node.feature
    nodes.threshold[index] = withoutNegativeZero(node.threshold)
    nodes.defaultLeft[index] = node.defaultLeft ? 1 : 0
    place(node.left)
    nodes.right[index] = next
    place(node.right)
  }
  const starts = trees.map((tree) => {
    const start = next
    place(tree)
    return start
  })
  const { objective, featureNames } = description
  const baseMargin = withoutNegativeZero(Math.fround(description.baseMargin))
  return {
    objective,
    baseMargin,
    featureNames: [...featureNames],
    nodes,
    treeStarts: Uint32Array.from([...starts, next]),
  }
}

/** Equal forests must have equal bytes. */
function withoutNegativeZero(value: number): number {
  return value + 0
}

function countNodes(node: TreeNode): number {
  return 'value' in node ? 1 : 1 + countNodes(node.left) + countNodes(node.right)
}
