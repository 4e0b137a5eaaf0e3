import { type Forest, rounderTo, unpackRule } from './forest.ts'

/** What is wrong with the structure of a forest, in a few words, or undefined when nothing is. */
export function faultOf(forest: Forest): string | undefined {
  const { nodes, treeStarts, treeOutputs, precision, baseMargins, outputs, leafWidth, divisor, covers } = forest
  const size = nodes.feature.length
  const round = rounderTo(precision)
  if (outputs < 1) return 'it has no outputs'
  if (baseMargins.length !== outputs) return 'it has not one base margin for each output'
  if (baseMargins.some((margin) => round(margin) !== margin || !Number.isFinite(margin)))
    return `a base margin is no ${precision}`
  if (leafWidth !== 1 && leafWidth !== outputs) return 'its leaves have not one value for each output'
  if (!(divisor > 0 && Number.isFinite(divisor))) return 'its sums are divided by nothing'
  if (treeOutputs.some((output) => output + leafWidth > outputs)) return 'a tree adds to an unknown output'
  if (covers?.some((cover) => !(cover >= 0 && Number.isFinite(cover))) === true) return 'a cover is no weight'
  if (treeStarts[0] !== 0 || treeStarts[treeStarts.length - 1] !== size) return 'its trees do not cover its nodes'
  for (let tree = 0; tree + 1 < treeStarts.length; tree += 1) {
    const fault = faultOfTree(forest, treeStarts[tree]!, treeStarts[tree + 1]!)
    if (fault !== undefined) return `tree ${tree}: ${fault}`
  }
  return undefined
}

/** Walks the nodes in preorder: after each leaf comes the right child of the nearest split that still waits for it. */
function faultOfTree(forest: Forest, start: number, end: number): string | undefined {
  const { nodes } = forest
  if (end <= start || end > nodes.feature.length) return 'it has no nodes'
  const waiting: number[] = []
  for (let node = start; node < end; node += 1) {
    if (nodes.feature[node] === -1) {
      const fault = faultOfLeaf(forest, node)
      if (fault !== undefined) return fault
      const right = waiting.pop()
      if (right === undefined ? node + 1 !== end : right !== node + 1 || right === end)
        return `node ${node} ends it early`
      continue
    }
    const fault = faultOfSplit(forest, node)
    if (fault !== undefined) return fault
    waiting.push(nodes.right[node]!)
  }
  return waiting.length === 0 ? undefined : 'it is not complete'
}

function faultOfLeaf({ nodes, leafWidth }: Forest, node: number): string | undefined {
  for (let place = node * leafWidth; place < (node + 1) * leafWidth; place += 1)
    if (!Number.isFinite(nodes.value[place])) return `leaf ${node} is not finite`
  if (nodes.threshold[node] !== 0 || nodes.right[node] !== 0 || nodes.rule[node] !== 0)
    return `leaf ${node} has a split`
  return undefined
}

function faultOfSplit({ nodes, featureNames, leafWidth, categorySets }: Forest, node: number): string | undefined {
  const feature = nodes.feature[node]!
  const threshold = nodes.threshold[node]!
  if (feature < 0 || feature >= featureNames.length) return `node ${node} splits on an unknown feature`
  const rule = unpackRule(nodes.rule[node]!)
  if (rule === undefined) return `node ${node} splits by an unknown rule`
  if (rule.test === 'member' ? categorySets[threshold] === undefined : Number.isNaN(threshold))
    return `node ${node} has no threshold`
  for (let place = node * leafWidth; place < (node + 1) * leafWidth; place += 1)
    if (nodes.value[place] !== 0) return `split ${node} has a value`
  return undefined
}
