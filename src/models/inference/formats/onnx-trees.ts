import type { Forest, Precision } from '../forest.ts'
import { buildForest, type NumberedTree, type TreeNodeOf } from '../forest-builder.ts'
import type { Transform } from '../transform.ts'
import { fileFault, notScored } from './foreign-model.ts'
import type { OnnxAttribute, OnnxNode } from './onnx-graph.ts'

/** Every leaf has a value for each output here, and there only those that it adds: so far they may differ. */
export const MOST_VALUES = 2 ** 25

/** A leaf's addition to an output. */
interface Weight {
  readonly output: number
  readonly value: number
}

/** Attributes of the node, by name. */
type Attributes = ReadonlyMap<string, OnnxAttribute>

type Scores = Pick<Forest, 'outputs' | 'transform'>

/**
 * The forest of a TreeEnsembleClassifier or TreeEnsembleRegressor of ai.onnx.ml, with the arithmetic of onnxruntime on one thread. Of a
 * classifier of two classes it gives the score of the second one.
 * @param names of the inputs
 * @param precision of the tensor that the node takes
 * @throws TruelineError `model_file_invalid`, `artifact_corrupt`, `unsupported_model`
 */
export function forestOfOnnx(
  { operator, attributes }: OnnxNode,
  names: readonly string[],
  precision: Precision,
): Forest {
  const classifies = operator === 'TreeEnsembleClassifier'
  const kind = classifies ? 'class' : 'target'
  const weights = weightsOf(attributes, kind)
  const used = [...new Set([...weights.values()].flatMap((leaf) => leaf.map(({ output }) => output)))]
  const base = numbers(attributes, 'base_values')
  const post = attributes.get('post_transform')?.text || 'NONE'
  const { outputs, transform, only } = classifies
    ? classesOf(attributes, weights, used, base, post)
    : { ...targetsOf(attributes.get('n_targets')?.integer ?? 1, transformOf(post)), only: undefined }
  const aggregate = attributes.get('aggregate_function')?.text || 'SUM'
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE')
    throw notScored('onnx', `trees of which it takes the ${aggregate}`)
  if (!Number.isInteger(outputs) || outputs < 1 || outputs > 10_000)
    throw fileFault('onnx', `it has ${outputs} outputs`)
  const nodes = attributes.get('nodes_treeids')?.integers.length ?? 0
  if (nodes * outputs > MOST_VALUES) throw notScored('onnx', `${nodes} nodes with ${outputs} values each`)
  const trees = treesOf(attributes)
  const single = outputs === 1
  return buildForest(
    {
      ...{ featureNames: names, precision, outputs, transform, baseOrder: 'last', leafWidth: outputs },
      divisor: aggregate === 'AVERAGE' ? trees.length : 1,
      baseMargin: base.length === outputs ? base : base.length === 0 ? 0 : baseOf(base, outputs),
    },
    trees.map((tree) => ({
      root: tree.root,
      node: (id) => tree.node(id, () => leafValues(weights.get(id) ?? [], single ? only : undefined, outputs)),
    })),
  )
}

/** @throws TruelineError `unsupported_model` for what onnxruntime does not do with a single score, whatever ONNX says */
export function targetsOf(outputs: number, transform: Transform): Scores {
  if (outputs === 1 && transform.kind !== 'identity' && transform.kind !== 'probit')
    throw notScored('onnx', 'a post_transform of one target, which onnxruntime passes over')
  return { outputs, transform }
}

function baseOf(base: readonly number[], outputs: number): never {
  throw notScored('onnx', `${base.length} base values for ${outputs} outputs`)
}

/** What a leaf adds to each output; of a choice of one output, what it adds to that. */
function leafValues(leaf: readonly Weight[], only: number | undefined, outputs: number): readonly number[] {
  const values = Array<number>(outputs).fill(0)
  const added = new Set<number>()
  for (const { output, value } of leaf) {
    if (added.has(output)) throw notScored('onnx', 'a leaf that adds to an output twice')
    added.add(output)
    if (only !== undefined && output !== only) continue
    const place = only === undefined ? output : 0
    if (place >= outputs) throw fileFault('onnx', `a leaf adds to the output ${output} of ${outputs}`)
    values[place] = value
  }
  return values
}

/** What onnxruntime makes of the sums of a classifier; `only` is the class of which the scores are where one is enough. */
function classesOf(
  attributes: Attributes,
  weights: ReadonlyMap<number, readonly Weight[]>,
  used: readonly number[],
  base: readonly number[],
  post: string,
): Scores & { readonly only: number | undefined } {
  const labels =
    (attributes.get('classlabels_int64s')?.integers.length ?? 0) +
    (attributes.get('classlabels_strings')?.texts.length ?? 0)
  const transform = transformOf(post)
  if (labels > 2) return { outputs: labels, transform, only: undefined }
  if (labels < 2) throw notScored('onnx', `${labels} classes`)
  const [first] = used
  if (used.length === 1 && first === 0) {
    if (base.length > 1) throw notScored('onnx', 'two base values for the score of one class')
    // onnxruntime leaves the second score as it finds it: what was in memory.
    if (transform.kind === 'probit') throw fileFault('onnx', `it has the score of one class with ${post}`)
    if (transform.kind === 'sigmoid' || transform.kind === 'identity') return { outputs: 1, transform, only: 0 }
    // Weights that are never below 0 are taken for probabilities.
    const positive = [...weights.values()].every((leaf) => leaf.every(({ value }) => value >= 0))
    if (!positive) throw notScored('onnx', `the score of one class with ${post}`)
    return { outputs: 1, transform: { kind: 'identity' }, only: 0 }
  }
  if (!hasSecondScore(attributes, weights)) {
    // Here, too, it leaves it as it finds it.
    if (base.length === 1 || transform.kind === 'probit')
      throw fileFault('onnx', 'it has leaves of one class or the other, and one base value or PROBIT')
    throw notScored('onnx', 'leaves of one class or the other')
  }
  if (base.length > 0) throw notScored('onnx', 'base values for the scores of two classes')
  if (transform.kind === 'softmax' || transform.kind === 'softmaxZero')
    return { outputs: 2, transform, only: undefined }
  return { outputs: 1, transform, only: 1 }
}

/** Whether each row has a score of the second class: onnxruntime makes another one of the first where a row has none. */
function hasSecondScore(attributes: Attributes, weights: ReadonlyMap<number, readonly Weight[]>): boolean {
  const trees = attributes.get('nodes_treeids')?.integers ?? []
  const ids = integers(attributes, 'nodes_nodeids', trees.length)
  const modes = attributes.get('nodes_modes')?.texts ?? []
  const without = new Set(
    trees.filter((tree, place) => {
      const leaf = modes[place] === 'LEAF' ? (weights.get(keyOf(tree, ids[place]!)) ?? []) : undefined
      return leaf !== undefined && !leaf.some(({ output }) => output === 1)
    }),
  )
  return trees.some((tree) => !without.has(tree))
}

/** What a `post_transform` stands for. */
export function transformOf(post: string): Transform {
  switch (post) {
    case 'NONE':
      return { kind: 'identity' }
    case 'LOGISTIC':
      return { kind: 'sigmoid', slope: 1 }
    case 'SOFTMAX':
      return { kind: 'softmax' }
    case 'SOFTMAX_ZERO':
      return { kind: 'softmaxZero' }
    case 'PROBIT':
      return { kind: 'probit' }
    default:
      throw fileFault('onnx', `its post_transform is '${post}'`)
  }
}

/** A node of a tree by the numbers of both: neither is above 2^26 in a file that is read. */
function keyOf(tree: number, node: number): number {
  const most = 2 ** 26
  if (!(Number.isInteger(tree) && Number.isInteger(node) && tree >= 0 && node >= 0 && tree < most && node < most))
    throw fileFault('onnx', `it has the node ${node} of the tree ${tree}`)
  return tree * most + node
}

function weightsOf(attributes: Attributes, kind: 'class' | 'target'): ReadonlyMap<number, readonly Weight[]> {
  const values = numbers(attributes, `${kind}_weights`)
  const trees = integers(attributes, `${kind}_treeids`, values.length)
  const nodes = integers(attributes, `${kind}_nodeids`, values.length)
  const outputs = integers(attributes, `${kind}_ids`, values.length)
  const weights = new Map<number, Weight[]>()
  for (const [index, value] of values.entries()) {
    const key = keyOf(trees[index]!, nodes[index]!)
    const leaf = weights.get(key) ?? []
    leaf.push({ output: outputs[index]!, value })
    weights.set(key, leaf)
  }
  return weights
}

interface OnnxTree extends Pick<NumberedTree, 'root'> {
  node(id: number, leaf: () => readonly number[]): TreeNodeOf<number>
}

/** The trees in the order of their first nodes, which are their roots. */
function treesOf(attributes: Attributes): readonly OnnxTree[] {
  const trees = attributes.get('nodes_treeids')?.integers ?? []
  const size = trees.length
  const ids = integers(attributes, 'nodes_nodeids', size)
  const modes = attributes.get('nodes_modes')?.texts ?? []
  const thresholds = numbers(attributes, 'nodes_values')
  const features = integers(attributes, 'nodes_featureids', size)
  const trues = integers(attributes, 'nodes_truenodeids', size)
  const falses = integers(attributes, 'nodes_falsenodeids', size)
  const tracks = attributes.get('nodes_missing_value_tracks_true')?.integers ?? []
  if (size === 0 || modes.length !== size || thresholds.length !== size)
    throw fileFault('onnx', 'its nodes are not complete')
  const places = new Map(ids.map((id, place) => [keyOf(trees[place]!, id), place]))
  const roots = [...new Map(trees.map((tree, place) => [tree, place] as const).toReversed()).values()].sort(
    (a, b) => a - b,
  )

  /** Tests of one input for equality that all lead to the same node: how converters write a split by a set of categories. */
  function chainFrom(first: number): { readonly categories: readonly number[]; readonly right: number } | undefined {
    const categories: number[] = []
    let place = first
    const isLink = (next: number | undefined): next is number =>
      next !== undefined &&
      modes[next] === 'BRANCH_EQ' &&
      features[next] === features[first] &&
      trues[next] === trues[first] &&
      tracks[next] !== 1 &&
      Number.isInteger(thresholds[next]) &&
      thresholds[next]! >= 0
    for (let next: number | undefined = first; isLink(next) && categories.length < size; ) {
      categories.push(thresholds[next]!)
      place = next
      next = places.get(keyOf(trees[next]!, falses[next]!))
    }
    const right = keyOf(trees[place]!, falses[place]!)
    return categories.length > 1 ? { categories, right } : undefined
  }

  return roots.map((first) => ({
    root: keyOf(trees[first]!, ids[first]!),
    node(id, leaf) {
      const place = places.get(id)
      if (place === undefined) throw fileFault('onnx', 'a split leads to a node that is not there')
      const mode = modes[place]!
      if (mode === 'LEAF') return { value: leaf() }
      const tree = trees[place]!
      const split = { feature: features[place]!, threshold: thresholds[place]! }
      const yes = keyOf(tree, trues[place]!)
      const no = keyOf(tree, falses[place]!)
      const tracksTrue = tracks[place] === 1
      switch (mode) {
        case 'BRANCH_LT':
          return { ...split, test: 'less', defaultLeft: tracksTrue, left: yes, right: no }
        case 'BRANCH_LEQ':
          return { ...split, test: 'lessOrEqual', defaultLeft: tracksTrue, left: yes, right: no }
        case 'BRANCH_EQ': {
          const chain = tracksTrue ? undefined : chainFrom(place)
          if (chain !== undefined) return { feature: split.feature, defaultLeft: false, ...chain, left: yes }
          return { ...split, test: 'equal', defaultLeft: tracksTrue, left: yes, right: no }
        }
        // What is not greater goes left: the children change places.
        case 'BRANCH_GT':
          return { ...split, test: 'lessOrEqual', defaultLeft: !tracksTrue, left: no, right: yes }
        case 'BRANCH_GTE':
          return { ...split, test: 'less', defaultLeft: !tracksTrue, left: no, right: yes }
        // What is missing is not equal to anything.
        case 'BRANCH_NEQ':
          return { ...split, test: 'equal', defaultLeft: false, left: no, right: yes }
        default:
          throw notScored('onnx', `a split by ${mode}`)
      }
    },
  }))
}

/** Floats, or doubles where they are in a tensor. */
function numbers(attributes: Attributes, name: string): readonly number[] {
  return attributes.get(name)?.numbers ?? attributes.get(`${name}_as_tensor`)?.numbers ?? []
}

function integers(attributes: Attributes, name: string, length: number): readonly number[] {
  const list = attributes.get(name)?.integers ?? []
  if (list.length !== length) throw fileFault('onnx', `its '${name}' has ${list.length} numbers for ${length}`)
  return list
}
