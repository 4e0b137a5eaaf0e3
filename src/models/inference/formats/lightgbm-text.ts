import type { Category } from '../../../language/define/encoding-definition.ts'
import type { MissingKind } from '../forest.ts'
import { buildForest, type NumberedTree } from '../forest-builder.ts'
import type { Transform } from '../transform.ts'
import { countedGain, type ForeignModel, fileFault, isCategories, notScored } from './foreign-model.ts'

type Fields = ReadonlyMap<string, string>

/** Bits of `decision_type`. */
const CATEGORICAL = 1
const DEFAULT_LEFT = 2
const MISSING: readonly (MissingKind | undefined)[] = ['none', 'zero', 'nan']

/** A text model has no more inputs than this: names and numbers of all of them stand in it. */
const MOST_INPUTS = 1_000_000

/**
 * Reads what `Booster.save_model` of LightGBM writes, versions 2 to 4 of its text format. Margins are LightGBM's to the bit; scores are
 * `predict`'s up to the last bits of `exp` in double.
 * @param text the whole file
 * @throws TruelineError `model_file_invalid`, `artifact_corrupt` for trees that are none, `unsupported_model` for linear trees and
 *   unknown objectives
 *
 * Format: Tree::ToString and GBDT::SaveModelToString in https://github.com/lightgbm-org/LightGBM.
 */
export function readLightgbmText(text: string): ForeignModel {
  const { header, trees, tail } = sectionsOf(text)
  const inputs = count(header, 'max_feature_idx') + 1
  if (inputs > MOST_INPUTS) throw fault(`it has ${inputs} inputs`)
  const perIteration = count(header, 'num_tree_per_iteration')
  const inputNames = field(header, 'feature_names').split(' ')
  if (inputNames.length !== inputs) throw fault(`it names ${inputNames.length} of ${inputs} inputs`)
  if (perIteration < 1 || trees.length === 0 || trees.length % perIteration !== 0)
    throw fault(`it has ${trees.length} trees, ${perIteration} an iteration`)
  const sizes = header.get('tree_sizes')
  if (sizes !== undefined && sizes.split(' ').length !== trees.length) throw fault('a tree is missing')
  const objective = header.get('objective') ?? 'custom'
  const gains = new Float64Array(inputs)
  const numbered = trees.map((fields, tree) => treeOf(fields, tree % perIteration, gains))
  return {
    ...{ format: 'lightgbm', objective, inputNames, gains },
    writtenBy: `LightGBM, format ${header.get('version') ?? 'v2'}`,
    model: {
      kind: 'forest',
      forest: buildForest(
        {
          ...{ featureNames: inputNames, precision: 'float64', outputs: perIteration },
          transform: transformOf(objective),
          divisor: header.has('average_output') ? trees.length / perIteration : 1,
          categoryRounding: 'truncate',
          covers: trees.every((fields) => fields.has('leaf_count')),
        },
        numbered,
      ),
    },
    categories: categoriesOf(header, tail),
  }
}

/** The lines before the trees, those of each tree, and those after them. */
function sectionsOf(text: string): { header: Fields; trees: Fields[]; tail: readonly string[] } {
  const lines = text.split(/\r?\n/)
  if (lines[0] !== 'tree') throw fault("its first line is not 'tree'")
  const end = lines.indexOf('end of trees')
  if (end === -1) throw fault('it is cut short')
  const starts = lines.flatMap((line, at) => (at < end && line.startsWith('Tree=') ? [at] : []))
  return {
    header: fieldsOf(lines.slice(1, starts[0] ?? end)),
    trees: starts.map((start, tree) => fieldsOf(lines.slice(start, starts[tree + 1] ?? end))),
    tail: lines.slice(end + 1),
  }
}

function fieldsOf(lines: readonly string[]): Fields {
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf('=')
      if (line === '') return []
      return [at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]]
    }),
  )
}

/** Splits are numbered from 0 on, leaf i is -1 - i, as in the file. */
function treeOf(fields: Fields, output: number, gains: Float64Array): NumberedTree {
  if (Number(fields.get('is_linear') ?? 0) !== 0)
    throw notScored('lightgbm', 'linear models in its leaves (linear_tree)')
  const leaves = count(fields, 'num_leaves')
  const values = numbers(fields, 'leaf_value', leaves)
  // Up to version 4.0 a tree of one leaf says nothing of its rows.
  const isCounted = fields.has('leaf_count') && !(leaves === 1 && field(fields, 'leaf_count').trim() === '')
  const leafCounts = isCounted ? numbers(fields, 'leaf_count', leaves) : undefined
  if (leaves === 1) return { root: -1, output, node: () => ({ value: values[0]!, cover: leafCounts?.[0] ?? 0 }) }
  const splits = leaves - 1
  const counts = leafCounts === undefined ? undefined : numbers(fields, 'internal_count', splits)
  const features = numbers(fields, 'split_feature', splits)
  const thresholds = numbers(fields, 'threshold', splits)
  const decisions = numbers(fields, 'decision_type', splits)
  const lefts = numbers(fields, 'left_child', splits)
  const rights = numbers(fields, 'right_child', splits)
  const sets = setsOf(fields)
  if (fields.has('split_gain'))
    for (const [split, gain] of numbers(fields, 'split_gain', splits).entries())
      gains[features[split]!]! += countedGain(gain)
  return {
    ...{ root: 0, output },
    node(id) {
      if (id < 0) {
        const value = values[-1 - id]
        if (value === undefined) throw fault(`a split leads to the leaf ${-1 - id} of ${leaves}`)
        return { value, cover: leafCounts?.[-1 - id] ?? 0 }
      }
      const decision = decisions[id]
      if (decision === undefined) throw fault(`a split leads to the split ${id} of ${splits}`)
      const missing = MISSING[(decision >> 2) & 3]
      if (missing === undefined) throw fault(`a split has the decision type ${decision}`)
      const split = { feature: features[id]!, left: lefts[id]!, right: rights[id]!, cover: counts?.[id] ?? 0 }
      const threshold = thresholds[id]!
      // A category that is missing, below 0 or not in the set goes right, whatever the split says of missing values.
      if ((decision & CATEGORICAL) !== 0)
        return { ...split, missing: 'nan', defaultLeft: false, categories: sets(threshold) }
      return { ...split, missing, threshold, test: 'lessOrEqual', defaultLeft: (decision & DEFAULT_LEFT) !== 0 }
    },
  }
}

/** The sets of a tree, bits in words of 32 one after the other. */
function setsOf(fields: Fields): (set: number) => number[] {
  const sets = Number(fields.get('num_cat') ?? 0)
  if (sets === 0)
    return () => {
      throw fault('a split on categories has no set')
    }
  const bounds = numbers(fields, 'cat_boundaries', sets + 1)
  const words = numbers(fields, 'cat_threshold', bounds[sets]!)
  return (set) => {
    const [from, to] = [bounds[set], bounds[set + 1]]
    if (from === undefined || to === undefined || from > to) throw fault(`there is no set ${set}`)
    return words.slice(from, to).flatMap((word, index) =>
      Array.from({ length: 32 }, (_, bit) => bit)
        .filter((bit) => ((word >>> bit) & 1) === 1)
        .map((bit) => index * 32 + bit),
    )
  }
}

/** What makes `predict` of the raw score. An objective of the user's own has none. */
function transformOf(objective: string): Transform {
  const [name, ...parameters] = objective.split(' ')
  const slope = Number(parameters.find((one) => one.startsWith('sigmoid:'))?.slice('sigmoid:'.length) ?? 1)
  switch (name) {
    case 'binary':
    case 'multiclassova':
      if (!(slope > 0 && Number.isFinite(slope))) throw fault(`its objective is '${objective}'`)
      return { kind: 'sigmoid', slope }
    case 'cross_entropy':
      return { kind: 'sigmoid', slope: 1 }
    case 'cross_entropy_lambda':
      return { kind: 'softplus' }
    case 'multiclass':
      return { kind: 'softmax' }
    case 'poisson':
    case 'gamma':
    case 'tweedie':
      return { kind: 'exponential' }
    // With reg_sqrt they were trained on roots, and `predict` gives squares; of huber LightGBM takes no notice of it.
    case 'regression':
    case 'regression_l1':
    case 'fair':
    case 'quantile':
    case 'mape':
      return { kind: parameters.includes('sqrt') ? 'signedSquare' : 'identity' }
    case 'huber':
    case 'lambdarank':
    case 'rank_xendcg':
    case 'custom':
      return { kind: 'identity' }
    default:
      throw notScored('lightgbm', `the objective '${objective}', whose scores are not known here`)
  }
}

/**
 * Categories of a pandas frame, whose places the model takes. The file says them in the order of the columns, and not of which: they
 * are those of the inputs that it lists categories of, if these are as many.
 * @throws TruelineError `unsupported_model` where they are not
 */
function categoriesOf(header: Fields, tail: readonly string[]): ReadonlyMap<number, readonly Category[]> {
  const prefix = 'pandas_categorical:'
  const line = tail.find((one) => one.startsWith(prefix))
  const infos = header.get('feature_infos')?.split(' ') ?? []
  const places = infos.flatMap((info, input) => (/^-?\d+(:-?\d+)*$/.test(info) ? [input] : []))
  if (line === undefined) return new Map()
  let lists: unknown
  try {
    lists = JSON.parse(line.slice(prefix.length))
  } catch (cause) {
    throw fault('its pandas_categorical is no JSON', cause)
  }
  if (!Array.isArray(lists) || lists.length === 0) return new Map()
  // Without knowing which, a category would be taken for another one.
  if (lists.length !== places.length)
    throw notScored(
      'lightgbm',
      `categories of ${lists.length} columns, ordered ones among them, and does not say of which`,
    )
  return new Map(
    places.map((input, index) => {
      const list: unknown = lists[index]
      if (!isCategories(list)) throw fault('its pandas_categorical has something that is no category')
      return [input, list]
    }),
  )
}

function field(fields: Fields, name: string): string {
  const value = fields.get(name)
  if (value === undefined) throw fault(`it has no '${name}'`)
  return value
}

function count(fields: Fields, name: string): number {
  const text = field(fields, name)
  if (!/^\d{1,9}$/.test(text)) throw fault(`its '${name}' is '${text.slice(0, 40)}'`)
  return Number(text)
}

function numbers(fields: Fields, name: string, length: number): number[] {
  const texts = field(fields, name).trim().split(' ')
  if (texts.length !== length) throw fault(`its '${name}' has ${texts.length} numbers where there should be ${length}`)
  return texts.map((text) => {
    const value = text === 'inf' ? Number.POSITIVE_INFINITY : text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text)
    if (text === '' || Number.isNaN(value)) throw fault(`its '${name}' has '${text.slice(0, 40)}'`)
    return value
  })
}

function fault(what: string, cause?: unknown): Error {
  return fileFault('lightgbm', what, cause)
}
