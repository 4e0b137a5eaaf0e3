import type { Forest } from '../../src/models/inference/forest.ts'

/** A forest as a file of XGBoost, whose arithmetic is that of forests that are trained here; the base margin is a tree of one leaf. */
export function xgboostFile(forest: Forest, objective: string, names: readonly string[]): string {
  const { baseMargins, treeStarts } = forest
  const trees = Array.from({ length: treeStarts.length - 1 }, (_, tree) =>
    treeOf(forest, treeStarts[tree]!, treeStarts[tree + 1]!),
  )
  const all = [leafOf(baseMargins[0]!), ...trees]
  return JSON.stringify({
    learner: {
      feature_names: names,
      gradient_booster: { name: 'gbtree', model: { trees: all, tree_info: all.map(() => 0) } },
      learner_model_param: {
        base_score: objective === 'binary:logistic' ? '5E-1' : '0E0',
        num_class: '0',
        num_feature: String(names.length),
      },
      objective: { name: objective },
    },
    version: [3, 2, 0],
  })
}

function leafOf(value: number) {
  return {
    tree_param: { num_nodes: '1' },
    ...{ left_children: [-1], right_children: [-1], split_indices: [0], split_conditions: [value] },
    ...{ default_left: [0], sum_hessian: [1], loss_changes: [0] },
  }
}

function treeOf({ nodes }: Forest, start: number, end: number) {
  const ids = Array.from({ length: end - start }, (_, id) => start + id)
  const isLeaf = (node: number): boolean => nodes.feature[node] === -1
  return {
    tree_param: { num_nodes: String(ids.length) },
    left_children: ids.map((node) => (isLeaf(node) ? -1 : node + 1 - start)),
    right_children: ids.map((node) => (isLeaf(node) ? -1 : nodes.right[node]! - start)),
    split_indices: ids.map((node) => Math.max(0, nodes.feature[node]!)),
    split_conditions: ids.map((node) => (isLeaf(node) ? nodes.value[node]! : nodes.threshold[node]!)),
    default_left: ids.map((node) => nodes.rule[node]! & 1),
    sum_hessian: ids.map(() => 1),
    loss_changes: ids.map(() => 1),
  }
}
