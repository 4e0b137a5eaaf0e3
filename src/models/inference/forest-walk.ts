import { type Forest, rounderTo, type SplitRule, treeCount, unpackRule, ZERO_THRESHOLD } from './forest.ts'

/** Whether a row goes left at a split: what forest.ts says of it, and nothing for speed. */
export function goesLeft(forest: Forest, node: number, input: number): boolean {
  const { threshold, rule } = forest.nodes
  return splitDecides(forest, unpackRule(rule[node]!)!, threshold[node]!, input)
}

/** Whether an input, in the precision of the forest, goes left by a rule. */
export function splitDecides(forest: Forest, rule: SplitRule, threshold: number, input: number): boolean {
  const missing = Number.isNaN(input)
  if (rule.missing === 'zero' ? missing || Math.abs(input) <= ZERO_THRESHOLD : missing && rule.missing === 'nan')
    return rule.defaultLeft
  const x = missing ? 0 : input
  switch (rule.test) {
    case 'less':
      return x < threshold
    case 'lessOrEqual':
      return x <= threshold
    case 'equal':
      return x === threshold
    case 'member':
      return isMember(forest.categorySets[threshold]!, categoryOf(forest, x))
  }
}

/** The index of the leaf of a tree that a row reaches; its inputs are those from `offset` on. */
export function leafOf(forest: Forest, tree: number, values: Float64Array, offset: number): number {
  const { nodes, treeStarts, precision } = forest
  const round = rounderTo(precision)
  let node = treeStarts[tree]!
  for (let input = nodes.feature[node]!; input >= 0; input = nodes.feature[node]!)
    node = goesLeft(forest, node, round(values[offset + input]!)) ? node + 1 : nodes.right[node]!
  return node
}

/**
 * Writes the margins of the row at `offset` from `at` on, one for each output. This is the oracle of the compiled
 * evaluator, and scores the forests that it does not hold.
 */
export function walkForest(
  forest: Forest,
  values: Float64Array,
  offset: number,
  margins: Float64Array,
  at: number,
): void {
  const { baseMargins, baseOrder, divisor, leafWidth, nodes, outputs, precision, treeOutputs } = forest
  const round = rounderTo(precision)
  for (let output = 0; output < outputs; output += 1)
    margins[at + output] = baseOrder === 'first' ? baseMargins[output]! : 0
  const trees = treeCount(forest)
  for (let tree = 0; tree < trees; tree += 1) {
    const from = leafOf(forest, tree, values, offset) * leafWidth
    const to = at + treeOutputs[tree]!
    for (let place = 0; place < leafWidth; place += 1)
      margins[to + place] = round(margins[to + place]! + nodes.value[from + place]!)
  }
  for (let output = 0; output < outputs; output += 1) {
    const mean = divisor === 1 ? margins[at + output]! : round(margins[at + output]! / divisor)
    margins[at + output] = baseOrder === 'last' ? round(mean + baseMargins[output]!) : mean
  }
}

function categoryOf({ categoryRounding }: Forest, x: number): number {
  if (categoryRounding === 'floor') return Math.floor(x)
  return categoryRounding === 'truncate' ? Math.trunc(x) : x
}

function isMember(set: Uint32Array, category: number): boolean {
  // A fraction finds no word, nor does what is below 0 or beyond the last word.
  if (!Number.isInteger(category) || category < 0 || category >= 32 * set.length) return false
  return ((set[category >>> 5]! >>> (category & 31)) & 1) === 1
}
