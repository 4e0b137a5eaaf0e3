import type { Forest, Precision } from '../forest.ts'
import { buildForest, type TreeNodeOf } from '../forest-builder.ts'
import { fileFault, notScored } from './foreign-model.ts'
import type { OnnxNode } from './onnx-graph.ts'
import { MOST_VALUES, targetsOf, transformOf } from './onnx-trees.ts'

/** What the numbers of the operator's enumerations stand for. */
const POST_TRANSFORMS = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT']
const MODE = { lessOrEqual: 0, less: 1, greaterOrEqual: 2, greater: 3, equal: 4, notEqual: 5, member: 6 } as const
const AVERAGE = 0
const SUM = 1

/**
 * The forest of a TreeEnsemble, the one operator for all ensembles since version 5 of ai.onnx.ml, with the arithmetic of onnxruntime on
 * one thread.
 * @param names of the inputs
 * @param precision of the tensor that the node takes
 * @throws TruelineError `model_file_invalid`, `artifact_corrupt`, `unsupported_model`
 */
export function forestOfTreeEnsemble({ attributes }: OnnxNode, names: readonly string[], precision: Precision): Forest {
  const roots = attributes.get('tree_roots')?.integers ?? []
  const modes = attributes.get('nodes_modes')?.numbers ?? []
  const size = modes.length
  const integers = (name: string, length: number): readonly number[] => {
    const list = attributes.get(name)?.integers ?? []
    if (list.length !== length) throw fileFault('onnx', `its '${name}' has ${list.length} numbers for ${length}`)
    return list
  }
  const thresholds = attributes.get('nodes_splits')?.numbers ?? []
  const weights = attributes.get('leaf_weights')?.numbers ?? []
  if (roots.length === 0 || thresholds.length !== size) throw fileFault('onnx', 'its nodes are not complete')
  const features = integers('nodes_featureids', size)
  const children = { yes: integers('nodes_truenodeids', size), no: integers('nodes_falsenodeids', size) }
  const areLeaves = { yes: integers('nodes_trueleafs', size), no: integers('nodes_falseleafs', size) }
  const targets = integers('leaf_targetids', weights.length)
  const tracks = attributes.get('nodes_missing_value_tracks_true')?.integers ?? []
  const sets = setsOf(modes, attributes.get('membership_values')?.numbers ?? [])
  const outputs = attributes.get('n_targets')?.integer ?? 1
  const aggregate = attributes.get('aggregate_function')?.integer ?? SUM
  const post = POST_TRANSFORMS[attributes.get('post_transform')?.integer ?? 0]
  if (aggregate !== SUM && aggregate !== AVERAGE)
    throw notScored('onnx', `trees with the aggregate function ${aggregate}`)
  if (!(outputs >= 1 && outputs * size <= MOST_VALUES))
    throw notScored('onnx', `${size} nodes with ${outputs} values each`)
  let reached = 0

  /** A leaf has no number of its own: it is called after the side of the split that leads to it. */
  const idOf = (place: number, side: 'yes' | 'no'): number =>
    areLeaves[side][place] === 0 ? children[side][place]! : size + 2 * place + (side === 'yes' ? 0 : 1)

  function leafOf(id: number): TreeNodeOf<number> {
    const side = (id - size) % 2 === 0 ? 'yes' : 'no'
    const leaf = children[side][Math.floor((id - size) / 2)]!
    const weight = weights[leaf]
    const target = targets[leaf]
    if (weight === undefined || target === undefined || !(target >= 0 && target < outputs))
      throw fileFault('onnx', `a split leads to the leaf ${leaf} of ${weights.length}`)
    const value = Array<number>(outputs).fill(0)
    value[target] = weight
    return { value }
  }

  function splitOf(place: number): TreeNodeOf<number> {
    reached += 1
    // Trees that share nodes would be more than the file says.
    if (modes[place] === undefined || reached > size)
      throw fileFault('onnx', `a split leads to the node ${place} of ${size}`)
    const split = { feature: features[place]!, threshold: thresholds[place]! }
    const [yes, no] = [idOf(place, 'yes'), idOf(place, 'no')]
    const tracksTrue = tracks[place] === 1
    switch (modes[place]) {
      case MODE.less:
        return { ...split, test: 'less', defaultLeft: tracksTrue, left: yes, right: no }
      case MODE.lessOrEqual:
        return { ...split, test: 'lessOrEqual', defaultLeft: tracksTrue, left: yes, right: no }
      case MODE.equal:
        return { ...split, test: 'equal', defaultLeft: tracksTrue, left: yes, right: no }
      // What is not greater goes left: the children change places.
      case MODE.greater:
        return { ...split, test: 'lessOrEqual', defaultLeft: !tracksTrue, left: no, right: yes }
      case MODE.greaterOrEqual:
        return { ...split, test: 'less', defaultLeft: !tracksTrue, left: no, right: yes }
      // What is missing is not equal to anything.
      case MODE.notEqual:
        return { ...split, test: 'equal', defaultLeft: false, left: no, right: yes }
      case MODE.member:
        return { feature: split.feature, categories: sets.get(place)!, defaultLeft: tracksTrue, left: yes, right: no }
      default:
        throw fileFault('onnx', `a split has the mode ${modes[place]}`)
    }
  }

  return buildForest(
    {
      ...{ featureNames: names, precision, leafWidth: outputs, ...targetsOf(outputs, transformOf(post ?? 'unknown')) },
      divisor: aggregate === AVERAGE ? roots.length : 1,
    },
    roots.map((root) => ({ root, node: (id) => (id < size ? splitOf(id) : leafOf(id)) })),
  )
}

/** The members of each split that looks at a set: one list for all, NaN behind each set. */
function setsOf(modes: readonly number[], members: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const sets = new Map<number, readonly number[]>()
  let from = 0
  for (const [place, mode] of modes.entries()) {
    if (mode !== MODE.member) continue
    let end = from
    while (end < members.length && !Number.isNaN(members[end])) end += 1
    const set = members.slice(from, end)
    if (!set.every((member) => Number.isInteger(member) && member >= 0))
      throw notScored('onnx', 'a set with members that are no whole numbers from 0 on')
    sets.set(place, set)
    from = end + 1
  }
  return sets
}
