import { log } from '../../../core/math/log.ts'
import type { Category } from '../../../language/define/encoding-definition.ts'
import { buildForest, type NumberedTree } from '../forest-builder.ts'
import type { LinearModel } from '../linear-model.ts'
import type { Transform } from '../transform.ts'
import { countedGain, type ForeignModel, fileFault, notScored, numberedNames } from './foreign-model.ts'
import { plainReader } from './plain-reader.ts'
import { readUbjson } from './ubjson.ts'

const read = plainReader('xgboost')

/** Names of inputs stand in the file, each with a few bytes; without names there may be as many. */
const MOST_INPUTS = 1_000_000

/**
 * Reads what `save_model` of XGBoost writes as JSON or as UBJSON, from version 1.3 on. A model that was stopped early is scored up to
 * its best iteration, as XGBoost's scikit-learn interface does. Margins of trees are XGBoost's to the bit; scores are computed
 * in double here and in float32 there. Margins of linear boosters are sums in double here.
 * @throws TruelineError `model_file_invalid`, `artifact_corrupt` for trees that are none, `unsupported_model`
 *
 * Format: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html and its schema.
 */
export function readXgboostModel(bytes: Uint8Array): ForeignModel {
  const document = parse(bytes)
  const learner = read.object(document, 'learner')
  const parameters = read.object(learner, 'learner_model_param')
  const objective = read.text(read.object(learner, 'objective'), 'name')
  const names = read.texts(learner, 'feature_names')
  const inputs = whole(read.text(parameters, 'num_feature'), 'num_feature')
  if (inputs > MOST_INPUTS || (names.length > 0 && names.length !== inputs))
    throw fileFault('xgboost', `it names ${names.length} of ${inputs} inputs`)
  const classes = whole(read.text(parameters, 'num_class'), 'num_class')
  const targets = whole(read.optionalText(parameters, 'num_target') ?? '1', 'num_target')
  const outputs = Math.max(1, classes) * Math.max(1, targets)
  if (outputs > 10_000) throw fileFault('xgboost', `it has ${outputs} outputs`)
  const { transform, toMargin } = meaningOf(objective)
  const learned: Learned = {
    ...{ featureNames: names.length > 0 ? names : numberedNames(inputs), outputs, transform },
    baseMargins: baseScores(read.text(parameters, 'base_score'), outputs).map((score) => Math.fround(toMargin(score))),
    best: bestOf(learner),
  }
  const gains = new Float64Array(inputs)
  const booster = read.object(learner, 'gradient_booster')
  return {
    ...{ format: 'xgboost', objective, inputNames: names.length > 0 ? names : undefined },
    categories: categoriesOf(booster),
    writtenBy: `XGBoost ${read.has(document, 'version') ? read.numbers(document, 'version').join('.') : '1'}`,
    ...boosterOf(booster, learned, gains),
  }
}

/** What the learner says beside its booster. */
interface Learned {
  readonly featureNames: readonly string[]
  readonly outputs: number
  readonly baseMargins: readonly number[]
  readonly transform: Transform
  /** The last iteration that counts, where not all do. */
  readonly best: BestIteration | undefined
}

interface BestIteration {
  readonly iteration: number
  /** Trees of an output until then, where the file says so: up to version 1.7. */
  readonly trees: number | undefined
}

function boosterOf(booster: object, learned: Learned, gains: Float64Array): Pick<ForeignModel, 'model' | 'gains'> {
  const name = read.text(booster, 'name')
  switch (name) {
    case 'gbtree':
      return { model: forestOf(read.object(booster, 'model'), learned, gains), gains }
    case 'dart': {
      const weights = read.numbers(booster, 'weight_drop')
      const model = read.object(read.object(booster, 'gbtree'), 'model')
      return { model: forestOf(model, learned, gains, weights), gains }
    }
    case 'gblinear':
      return { model: { kind: 'linear', linear: linearOf(read.object(booster, 'model'), learned) }, gains: undefined }
    default:
      throw notScored('xgboost', `the booster '${name}'`)
  }
}

/** @param weights of the trees, of a booster that drops some of them out */
function forestOf(
  model: object,
  { featureNames, outputs, baseMargins, transform, best }: Learned,
  gains: Float64Array,
  weights?: readonly number[],
): ForeignModel['model'] {
  const all = read.objects(model, 'trees')
  const outputOf = read.numbers(model, 'tree_info', all.length)
  if (weights !== undefined && weights.length !== all.length)
    throw fileFault('xgboost', `it has ${weights.length} weights for ${all.length} trees`)
  const kept = best === undefined ? all.length : treesUntil(model, best, outputs, outputOf)
  const trees = all.slice(0, kept).map((tree, index) => treeOf(tree, outputOf[index]!, weights?.[index] ?? 1, gains))
  const description = { featureNames, outputs, baseMargin: baseMargins, transform, covers: true } as const
  return {
    kind: 'forest',
    forest: buildForest({ ...description, precision: 'float32', categoryRounding: 'floor' }, trees),
  }
}

function treeOf(tree: object, output: number, weight: number, gains: Float64Array): NumberedTree {
  const size = whole(read.text(read.object(tree, 'tree_param'), 'num_nodes'), 'num_nodes')
  const perLeaf = read.optionalText(read.object(tree, 'tree_param'), 'size_leaf_vector') ?? '0'
  if (Number(perLeaf) > 1) throw notScored('xgboost', 'leaves of several values (multi_output_tree)')
  const lefts = read.numbers(tree, 'left_children', size)
  const rights = read.numbers(tree, 'right_children', size)
  const features = read.numbers(tree, 'split_indices', size)
  const conditions = read.numbers(tree, 'split_conditions', size)
  const covers = read.numbers(tree, 'sum_hessian', size)
  const defaults = flags(tree, 'default_left', size)
  const kinds = read.has(tree, 'split_type') ? read.numbers(tree, 'split_type', size) : []
  const sets = setsOf(tree)
  for (const [node, gain] of read.numbers(tree, 'loss_changes', size).entries())
    if (lefts[node] !== -1) gains[features[node]!]! += countedGain(gain)
  return {
    ...{ root: 0, output },
    node(id) {
      const left = lefts[id]
      const right = rights[id]
      if (left === undefined || right === undefined)
        throw fileFault('xgboost', `a split leads to the node ${id} of ${size}`)
      const cover = covers[id]!
      const threshold = conditions[id]!
      // Weights of trees are float32 there, and so is the product.
      if (left === -1) return { value: Math.fround(threshold) * Math.fround(weight), cover }
      const feature = features[id]!
      if (kinds[id] !== 1) return { feature, threshold, left, right, cover, defaultLeft: defaults[id] === true }
      const categories = sets.get(id)
      if (categories === undefined) throw fileFault('xgboost', `the split ${id} has no categories`)
      // There the categories of a split go right: its children change places.
      return { feature, categories, cover, left: right, right: left, defaultLeft: defaults[id] !== true }
    },
  }
}

/** Categories of a frame, whose places the model takes, of each input that has some: in files of version 3.1 and later. */
function categoriesOf(booster: object): ReadonlyMap<number, readonly Category[]> {
  const trees = read.has(booster, 'gbtree') ? read.object(booster, 'gbtree') : booster
  const model = read.has(trees, 'model') ? read.object(trees, 'model') : {}
  if (!read.has(model, 'cats')) return new Map()
  const encodings = read.objects(read.object(model, 'cats'), 'enc')
  return new Map(
    encodings.flatMap((encoding, input): [number, readonly Category[]][] => {
      const values = read.numbers(encoding, 'values')
      if (values.length === 0) return []
      if (!read.has(encoding, 'offsets')) return [[input, values]]
      // Texts lie one after the other, in UTF-8, and of those of a pandas frame the offsets count letters: it cannot be told where one ends.
      const bytes = Buffer.from(values)
      if (bytes.some((byte) => byte >= 128))
        throw notScored(
          'xgboost',
          'categories with letters beyond ASCII, which XGBoost does not write down whole',
          'Train it on other names of these categories, or on what an encoding of the definition makes of them.',
        )
      const offsets = read.numbers(encoding, 'offsets')
      return [[input, offsets.slice(1).map((end, index) => bytes.toString('utf8', offsets[index], end))]]
    }),
  )
}

/** Numbers or bools, as the versions write them. */
function flags(tree: object, name: string, size: number): readonly boolean[] {
  const list: unknown = Reflect.get(tree, name)
  if (!Array.isArray(list) || list.length !== size)
    throw fileFault('xgboost', `its '${name}' is not as long as it should be`)
  return list.map((flag: unknown) => flag === true || flag === 1)
}

/** The categories of each split that has some, by its node. */
function setsOf(tree: object): ReadonlyMap<number, readonly number[]> {
  if (!read.has(tree, 'categories_nodes')) return new Map()
  const nodes = read.numbers(tree, 'categories_nodes')
  const starts = read.numbers(tree, 'categories_segments', nodes.length)
  const sizes = read.numbers(tree, 'categories_sizes', nodes.length)
  const categories = read.numbers(tree, 'categories')
  return new Map(nodes.map((node, index) => [node, categories.slice(starts[index]!, starts[index]! + sizes[index]!)]))
}

/**
 * Trees up to and with an iteration: of each output so many as grow together, which versions before 1.6 do not say outright.
 * @param outputOf of each tree
 */
function treesUntil(model: object, best: BestIteration, outputs: number, outputOf: readonly number[]): number {
  const trees = outputOf.length
  const { iteration } = best
  if (read.has(model, 'iteration_indptr')) {
    const end = read.numbers(model, 'iteration_indptr')[iteration + 1]
    if (end !== undefined && Number.isInteger(end) && end >= 0 && end <= trees) return end
    throw fileFault('xgboost', `it has no iteration ${iteration}`)
  }
  const perOutput = best.trees ?? (iteration + 1) * parallelTrees(model, iteration, outputs, outputOf)
  return Math.min(trees, perOutput * outputs)
}

function parallelTrees(model: object, iteration: number, outputs: number, outputOf: readonly number[]): number {
  const written = read.optionalText(read.object(model, 'gbtree_model_param'), 'num_parallel_tree')
  if (written !== undefined) return Math.max(1, whole(written, 'num_parallel_tree'))
  // Those of an output lie side by side.
  const next = outputOf.findIndex((output) => output !== outputOf[0])
  if (outputs > 1 && next !== -1) return next
  if (iteration + 1 >= outputOf.length) return 1
  throw notScored(
    'xgboost',
    'a best iteration, and does not say how many trees grew in each: XGBoost before 1.4 wrote it',
    'Where it was trained, take its trees up to there, `booster = booster[: booster.best_iteration + 1]`, remove the mark, `booster.set_attr(best_iteration=None)`, and save it again.',
  )
}

function bestOf(learner: object): BestIteration | undefined {
  if (!read.has(learner, 'attributes')) return undefined
  const attributes = read.object(learner, 'attributes')
  const number = (name: string): number | undefined => {
    const text = read.optionalText(attributes, name)
    return text === undefined ? undefined : whole(text, name)
  }
  const iteration = number('best_iteration')
  return iteration === undefined ? undefined : { iteration, trees: number('best_ntree_limit') }
}

/** Weights input by input, of each one for each output; the last of them are the biases. What is missing adds nothing. */
function linearOf(model: object, { featureNames, outputs, baseMargins, transform }: Learned): LinearModel {
  const inputs = featureNames.length
  const all = read.numbers(model, 'weights', (inputs + 1) * outputs)
  if (!all.every((weight) => Number.isFinite(weight))) throw fileFault('xgboost', 'a weight of it is not finite')
  const weights = new Float64Array(inputs * outputs)
  for (let output = 0; output < outputs; output += 1)
    for (let input = 0; input < inputs; input += 1) weights[output * inputs + input] = all[input * outputs + output]!
  return {
    ...{ featureNames, transform, weights, missingAs: new Float64Array(inputs) },
    intercepts: Float64Array.from(baseMargins, (margin, output) => margin + all[inputs * outputs + output]!),
  }
}

/** One score for all outputs, or since version 3.1 a list. */
function baseScores(text: string, outputs: number): readonly number[] {
  const scores = text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map((score) => (score.trim() === '' ? Number.NaN : Math.fround(Number(score))))
  if ((scores.length !== 1 && scores.length !== outputs) || scores.some((score) => !Number.isFinite(score)))
    throw fileFault('xgboost', `its base_score is '${text.slice(0, 40)}'`)
  return scores.length === outputs ? scores : Array<number>(outputs).fill(scores[0]!)
}

/** What an objective makes of margins, and margins of the base score: XGBoost's PredTransform and ProbToMargin. */
function meaningOf(objective: string): { transform: Transform; toMargin: (score: number) => number } {
  const asIs = (score: number): number => score
  switch (objective) {
    case 'binary:logistic':
    case 'reg:logistic':
      return { transform: { kind: 'sigmoid', slope: 1 }, toMargin: logit }
    case 'binary:hinge':
      return { transform: { kind: 'step' }, toMargin: asIs }
    case 'multi:softprob':
    case 'multi:softmax':
      return { transform: { kind: 'softmax' }, toMargin: asIs }
    case 'count:poisson':
    case 'reg:gamma':
    case 'reg:tweedie':
    case 'survival:cox':
    case 'survival:aft':
      return { transform: { kind: 'exponential' }, toMargin: log }
    case 'binary:logitraw':
    case 'reg:linear':
    case 'reg:squarederror':
    case 'reg:squaredlogerror':
    case 'reg:pseudohubererror':
    case 'reg:absoluteerror':
    case 'reg:quantileerror':
    case 'rank:pairwise':
    case 'rank:ndcg':
    case 'rank:map':
      return { transform: { kind: 'identity' }, toMargin: asIs }
    default:
      throw notScored('xgboost', `the objective '${objective}', whose scores are not known here`)
  }
}

/** With the rounding of float32 at each step, as there. */
function logit(score: number): number {
  return -Math.fround(log(Math.fround(Math.fround(1 / score) - 1)))
}

function parse(bytes: Uint8Array): object {
  let document: unknown
  // JSON begins with a brace and the name of a member, UBJSON with a brace and a length.
  const isJson = /^\s*\{\s*["}]/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 64)))
  try {
    document = isJson ? parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) : readUbjson(bytes)
  } catch (cause) {
    const why = cause instanceof RangeError ? cause.message : 'it is no JSON'
    throw fileFault('xgboost', isJson ? 'it is no JSON' : why, cause)
  }
  if (typeof document !== 'object' || document === null) throw fileFault('xgboost', 'it is no object')
  return document
}

/** JSON that may have words for numbers: versions before 3.0 wrote NaN for the thresholds of splits by categories. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const known = withoutWords(text)
    if (known === text) throw cause
    return JSON.parse(known, (_, value: unknown) => (value === null ? Number.NaN : value))
  }
}

/** NaN as null, and infinities as numbers that are too large, but in texts. */
function withoutWords(text: string): string {
  const parts: string[] = []
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at)
    const end = quote === -1 ? text.length : quote
    parts.push(text.slice(at, end).replaceAll('NaN', 'null').replaceAll('Infinity', '1e999'))
    let after = end + 1
    while (after < text.length && text[after] !== '"') after += text[after] === '\\' ? 2 : 1
    at = after + 1
    parts.push(text.slice(end, at))
  }
  return parts.join('')
}

function whole(text: string, name: string): number {
  if (!/^\d{1,9}$/.test(text)) throw fileFault('xgboost', `its '${name}' is '${text.slice(0, 40)}'`)
  return Number(text)
}
