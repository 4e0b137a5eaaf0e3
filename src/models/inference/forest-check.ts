import type { Forest } from './forest.ts'

/** What is wrong with the structure of a forest, in a few words, or undefined when nothing is. */
export function faultOf(forest: Forest): string | undefined {
  const { nodes, treeStarts, featureNames, baseMargin } = forest
  const size = nodes.feature.length
  if (Math.fround(baseMargin) !== baseMargin || !Number.isFinite(baseMargin)) return 'its base margin is no float32'
  if (treeStarts[0] !== 0 || treeStarts[treeStarts.length - 1] !== size) return 'its trees do not cover its nodes'
  for (let tree = 0; tree + 1 < treeStarts.length; tree += 1) {
    const fault = faultOfTree(forest, treeStarts[tree] as number, treeStarts[tree + 1] as number, featureNames.length)
    if (fault !== undefined) return `tree ${tree}: ${fault}`
  }
  return undefined
}

/** Walks the nodes in preorder: after each leaf comes the right child of the nearest split that still waits for it. */
function faultOfTree({ nodes }: Forest, start: number, end: number, features: number): string | undefined {
  if (end <= start || end > nodes.feature.length) return 'it has no nodes'
  const waiting: number[] = []
  for (let node = start; node < end; node += 1) {
    const feature = nodes.feature[node] as number
    const threshold = nodes.threshold[node] as number
    if (feature === -1) {
      if (!Number.isFinite(nodes.value[node])) return `leaf ${node} is not finite`
      if (threshold !== 0 || nodes.right[node] !== 0 || nodes.defaultLeft[node] !== 0) return `leaf ${node} has a split`
      const right = waiting.pop()
      if (right === undefined ? node + 1 !== end : right !== node + 1 || right === end)
        return `node ${node} ends it early`
      continue
    }
    if (feature < 0 || feature >= features) return `node ${node} splits on an unknown feature`
    if (Number.isNaN(threshold) || threshold === Number.NEGATIVE_INFINITY) return `node ${node} has no threshold`
    if (nodes.value[node] !== 0 || (nodes.defaultLeft[node] as number) > 1) return `split ${node} has a value`
    waiting.push(nodes.right[node] as number)
  }
  return waiting.length === 0 ? undefined : 'it is not complete'
}
