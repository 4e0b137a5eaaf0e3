import type { Precision } from '../forest.ts'
import type { Transform } from '../transform.ts'
import { type ForeignModel, fileFault, notScored, numberedNames } from './foreign-model.ts'
import {
  ONNX_TYPE,
  type OnnxGraph,
  type OnnxInput,
  type OnnxNode,
  readOnnxGraph,
  TREE_OPERATORS,
} from './onnx-graph.ts'
import { type LinearBefore, linearOfOnnx } from './onnx-linear.ts'
import { forestOfTreeEnsemble } from './onnx-tree-ensemble.ts'
import { forestOfOnnx } from './onnx-trees.ts'

const LINES: ReadonlySet<string> = new Set(['LinearClassifier', 'LinearRegressor'])

/** Inputs of a graph that are taken each for one column, or one for all. */
const MOST_INPUTS = 1_000_000

/**
 * Reads a graph of ONNX that is one ensemble of trees or one linear model of ai.onnx.ml, with what only hands values on before and behind
 * it: Cast, Identity, Concat of inputs of one column, Imputer and Scaler before a linear model, and behind Sigmoid, Normalizer, ZipMap. Its score is
 * that of the second class, or of the target. Margins of trees are those of onnxruntime on one thread to the bit.
 * @throws TruelineError `model_file_invalid`, `artifact_corrupt` for trees that are none, `unsupported_model` for other graphs, by the
 *   name of the operator
 */
export function readOnnxModel(bytes: Uint8Array): ForeignModel {
  const graph = readOnnxGraph(bytes)
  const model = modelNode(graph)
  requireAscendingClasses(graph)
  const { inputs, scaler, imputer, precision } = inputsOf(graph, model)
  const width = inputs.length > 1 ? inputs.length : (inputs[0]?.width ?? widthOf(model))
  if (!(width > 0 && width <= MOST_INPUTS)) throw fileFault('onnx', `it has ${width} inputs`)
  const inputNames = namesOf(graph, inputs, width)
  const featureNames = inputNames ?? numberedNames(width)
  const common = {
    format: 'onnx',
    objective: model.operator,
    ...{ inputNames, categories: new Map(), gains: undefined },
    writtenBy: graph.producer === '' ? 'an unnamed program' : graph.producer,
  } as const
  if (LINES.has(model.operator)) {
    const linear = linearOfOnnx(model, { scaler, imputer }, featureNames)
    const transform = transformBehind(behind(graph, model), linear.transform, linear.intercepts.length, model)
    const classNames = classNamesOf(graph, model, linear.intercepts.length)
    return { ...common, classNames, model: { kind: 'linear', linear: { ...linear, transform } } }
  }
  if (scaler !== undefined || imputer !== undefined)
    throw notScored(
      'onnx',
      `the operator ${(scaler ?? imputer)!.operator} before trees: train them on what is as it is`,
    )
  const read = model.operator === 'TreeEnsemble' ? forestOfTreeEnsemble : forestOfOnnx
  const forest = read(model, featureNames, precision)
  const transform = transformBehind(behind(graph, model), forest.transform, forest.outputs, model)
  const classNames = classNamesOf(graph, model, forest.outputs)
  return { ...common, classNames, model: { kind: 'forest', forest: { ...forest, transform } } }
}

function modelNode({ nodes }: OnnxGraph): OnnxNode {
  const found = nodes.filter(({ operator }) => TREE_OPERATORS.has(operator) || LINES.has(operator))
  const [model] = found
  if (model !== undefined && found.length === 1) return model
  const other = nodes.find(({ operator }) => !TREE_OPERATORS.has(operator) && !LINES.has(operator))
  throw notScored(
    'onnx',
    model === undefined
      ? `the operator ${other?.operator ?? 'none'} and no trees or linear model`
      : `${found.length} of ${model.operator} and the like`,
  )
}

/** Numbers of classes are taken as their places: in another order a score would be that of another class. */
function requireAscendingClasses({ nodes }: OnnxGraph): void {
  for (const { attributes } of nodes)
    for (const name of ['classlabels_int64s', 'classlabels_ints']) {
      const labels = attributes.get(name)?.integers ?? []
      if (labels.some((label, place) => place > 0 && label <= labels[place - 1]!))
        throw fileFault('onnx', `it numbers its classes ${labels.join(', ')}, and not in ascending order`)
    }
}

/** What the model takes, back to the inputs of the graph. */
function inputsOf(
  { nodes, inputs }: OnnxGraph,
  model: OnnxNode,
): LinearBefore & { readonly inputs: readonly OnnxInput[]; readonly precision: Precision } {
  let scaler: OnnxNode | undefined
  let imputer: OnnxNode | undefined
  const casts: number[] = []
  let names = model.inputs.slice(0, 1)
  // Each step goes one operator back: a graph that goes in circles has more steps than operators.
  for (let step = 0; step <= nodes.length; step += 1) {
    const given = names.map((name) => inputs.find((input) => input.name === name))
    if (given.every((input) => input !== undefined)) {
      if (given.length > 1 && given.some(({ width }) => width !== 1))
        throw notScored('onnx', 'inputs of several columns')
      const precision = precisionOf([...new Set(given.map(({ type }) => type)), ...casts.toReversed()])
      return { inputs: given, scaler, imputer, precision }
    }
    const before = nodes.find(({ outputs }) => outputs.includes(names[0]!))
    if (before === undefined || names.length > 1) throw notScored('onnx', `a value '${names[0]}' that is no input`)
    if (before.operator === 'Cast') casts.push(castOf(before))
    else if (before.operator === 'Scaler' && scaler === undefined && imputer === undefined) scaler = before
    else if (before.operator === 'Imputer' && imputer === undefined) imputer = before
    else if (before.operator !== 'Identity' && before.operator !== 'Concat') throw operatorOf(before, 'before')
    names = [...before.inputs]
  }
  throw fileFault('onnx', 'its operators go in circles')
}

/** What a Cast makes of a number; none but floats and doubles keep as much of it as the model looks at. */
function castOf({ attributes }: OnnxNode): number {
  const to = attributes.get('to')?.integer ?? 0
  if (to !== ONNX_TYPE.float && to !== ONNX_TYPE.double)
    throw notScored('onnx', `a Cast to the type ${to}, which changes numbers`)
  return to
}

/** @param types of what the graph is given, and what it is cast to one after the other */
function precisionOf(types: readonly number[]): Precision {
  const { half, bfloat16, text, float, double } = ONNX_TYPE
  const other = types.find((type) => type === half || type === bfloat16 || type === text)
  if (other !== undefined) throw notScored('onnx', `inputs of the type ${other}`)
  if (types.at(-1) !== double) return 'float32'
  if (types.includes(float)) throw notScored('onnx', 'a Cast to doubles of what was rounded to floats')
  return 'float64'
}

/** The names of classes in the order of the scores, where a classifier has them, or a graph that was exported here. */
function classNamesOf(
  { metadata, nodes }: OnnxGraph,
  { attributes }: OnnxNode,
  outputs: number,
): readonly string[] | undefined {
  const maps = nodes.filter(({ operator }) => operator === 'ZipMap').map((map) => map.attributes)
  const named = [attributes, ...maps].map((one) => one.get('classlabels_strings')?.texts ?? [])
  const names = named.find(({ length }) => length > 0) ?? []
  return names.length === 0 ? textsOf(metadata.get('classes'), outputs) : names
}

/** The operators that take the scores, one behind the other; what the last one gives is given by the graph. */
function behind({ nodes, outputs }: OnnxGraph, model: OnnxNode): readonly OnnxNode[] {
  const found: OnnxNode[] = []
  let name = model.outputs.at(-1)
  while (found.length <= nodes.length) {
    const [next, other] = nodes.filter(({ inputs }) => name !== undefined && inputs.includes(name))
    if (next === undefined) {
      if (name !== undefined && outputs.includes(name)) return found
      throw notScored('onnx', 'scores that it does not give')
    }
    if (other !== undefined) throw operatorOf(other, 'behind')
    found.push(next)
    name = next.outputs[0]
  }
  throw fileFault('onnx', 'its operators go in circles')
}

function transformBehind(
  nodes: readonly OnnxNode[],
  transform: Transform,
  outputs: number,
  model: OnnxNode,
): Transform {
  const [first, ...others] = nodes
  const behindIt = first === undefined || transform.kind !== 'identity' ? undefined : transformOf(first, outputs)
  const made = behindIt ?? transform
  requirePlain(behindIt === undefined ? nodes : others, made.kind === 'softmax' || isSymmetric(model))
  return made
}

/** Of the operators that make probabilities of margins, rows being one behind the other. */
function transformOf({ operator, attributes }: OnnxNode, outputs: number): Transform | undefined {
  if (operator === 'Sigmoid') return { kind: 'sigmoid', slope: 1 }
  const isOfRows = [-1, 1].includes(attributes.get('axis')?.integer ?? 1)
  return operator === 'Softmax' && isOfRows && outputs > 1 ? { kind: 'softmax' } : undefined
}

/**
 * What neither changes scores nor their order.
 * @param areShares whether the scores of a row add up to 1 already, so that they are normal
 */
function requirePlain(nodes: readonly OnnxNode[], areShares: boolean): void {
  for (const node of nodes) {
    if (node.operator === 'Cast') castOf(node)
    const isPlain = ['Cast', 'Identity', 'ZipMap'].includes(node.operator)
    const isNormal = node.operator === 'Normalizer' && node.attributes.get('norm')?.text === 'L1' && areShares
    if (!isPlain && !isNormal) throw operatorOf(node, 'behind')
  }
}

/** Whether a linear classifier gives one class what it takes from the other: their shares are 1 together. */
function isSymmetric({ operator, attributes }: OnnxNode): boolean {
  const isOpposite = (name: string): boolean => {
    const all = attributes.get(name)?.numbers ?? []
    const half = all.length / 2
    return all.every((value, place) => value === -all[(place + half) % all.length]!)
  }
  return operator === 'LinearClassifier' && isOpposite('coefficients') && isOpposite('intercepts')
}

function operatorOf({ operator }: OnnxNode, where: 'before' | 'behind'): Error {
  return notScored('onnx', `the operator ${operator} ${where} its trees or linear model`)
}

/** Inputs as far as the model looks at them. */
function widthOf({ attributes }: OnnxNode): number {
  return 1 + (attributes.get('nodes_featureids')?.integers ?? []).reduce((most, feature) => Math.max(most, feature), -1)
}

/** Names of graphs that take each column for itself, and of those that were exported here. */
function namesOf({ metadata }: OnnxGraph, inputs: readonly OnnxInput[], width: number): readonly string[] | undefined {
  if (inputs.length > 1) return inputs.map(({ name }) => name)
  return textsOf(metadata.get('features'), width)
}

/** So many texts as a list of JSON, as exports from here say names; undefined of anything else. */
function textsOf(json: string | undefined, count: number): readonly string[] | undefined {
  try {
    const texts: unknown = JSON.parse(json ?? 'null')
    const isTexts = Array.isArray(texts) && texts.length === count && texts.every((text) => typeof text === 'string')
    return isTexts ? texts : undefined
  } catch {
    // Metadata of the same name that somebody else wrote for other purposes.
    return undefined
  }
}
