import { canonicalJson } from '../../core/canonical.ts'
import { digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Encoders } from './encoders.ts'
import { type Forest, isGrownForest, MEMBER_RULE, treeCount } from './forest.ts'
import type { ForestObjective } from './forest-builder.ts'
import { encodeForest } from './forest-codec.ts'
import { floats, int, ints, node, strings, writeOnnx } from './onnx-writer.ts'
import { join } from './protobuf.ts'

/**
 * A forest as the bytes of an ONNX model: input `features` (float32, rows x inputs, NaN for missing), output `margin`
 * (float32, rows x 1, or x classes) and of a binary forest, or of one of several classes, `probability`.
 *
 * Margins are those of the forest to the bit wherever a runtime adds the trees in their order in float32: onnxruntime
 * does with one thread. Probabilities are computed in float32 there and in double here: they differ by less than 1e-6.
 *
 * Where a model has encodings, the inputs are what its encoders give; what they do is in the metadata `encoders`, as JSON,
 * so that who serves the file elsewhere can do the same.
 *
 * @param classes names of the outputs, where they are several: in the metadata `classes`, as JSON
 * @throws TruelineError `unsupported_model` for a forest that is not one sum of float32 with splits by `<` and by sets
 *
 * Format: onnx.proto of https://github.com/onnx/onnx, operator ai.onnx.ml.TreeEnsembleRegressor.
 */
export function exportOnnx(forest: Forest, encoders?: Encoders, classes?: readonly string[]): Uint8Array {
  const { kind } = forest.transform
  const meaning = (kind === 'softmax') === forest.outputs > 1 ? meanings[kind] : undefined
  if (!isGrownForest(forest) || meaning === undefined)
    throw new TruelineError('unsupported_model', 'Only forests as gradient boosting here makes them become ONNX.')
  const { objective, operator } = meaning
  const outputs = operator === undefined ? ['margin'] : ['margin', 'probability']
  return writeOnnx({
    name: 'forest',
    nodes: [treesNode(forest), ...(operator === undefined ? [] : [node(operator, 'margin', 'probability', '')])],
    input: { name: 'features', columns: forest.featureNames.length },
    outputs: outputs.map((name) => ({ name, columns: forest.outputs })),
    metadata: {
      objective,
      features: JSON.stringify(forest.featureNames),
      forest: digestOf(encodeForest(forest)),
      ...(encoders?.columns === undefined ? {} : { encoders: canonicalJson(encoders) }),
      ...(classes === undefined ? {} : { classes: JSON.stringify(classes) }),
    },
  })
}

/** What scores are, and the operator that makes them of margins, by the kind of the transform. */
const meanings: Partial<
  Record<Forest['transform']['kind'], { readonly objective: ForestObjective; readonly operator?: string }>
> = {
  sigmoid: { objective: 'binary', operator: 'Sigmoid' },
  identity: { objective: 'regression' },
  softmax: { objective: 'multiclass', operator: 'Softmax' },
}

/** One node as ONNX has it, within its tree. */
interface OnnxNode {
  readonly id: number
  readonly feature: number
  readonly mode: 'LEAF' | 'BRANCH_LT' | 'BRANCH_EQ'
  readonly value: number
  readonly yes: number
  readonly no: number
  readonly missingTracksYes: boolean
  /** What a leaf adds. */
  readonly weight?: number
}

/** A base margin is a first tree of one leaf: `base_values` would be added last, and rounded otherwise. */
function treesNode(forest: Forest): Uint8Array {
  const { baseMargins, treeOutputs, outputs } = forest
  const bases = baseMargins.map((margin, target) => ({ target, nodes: [leafOf(0, margin)] }))
  const grown = Array.from({ length: treeCount(forest) }, (_, tree) => ({
    target: treeOutputs[tree]!,
    nodes: nodesOf(forest, tree),
  }))
  const all = [...bases, ...grown].flatMap(({ target, nodes }, tree) => nodes.map((one) => ({ ...one, tree, target })))
  const leaves = all.flatMap(({ tree, target, id, weight }) =>
    weight === undefined ? [] : [{ tree, target, id, weight }],
  )
  return join([
    node('TreeEnsembleRegressor', 'features', 'margin', 'ai.onnx.ml'),
    ints('nodes_treeids', fieldOf(all, 'tree')),
    ints('nodes_nodeids', fieldOf(all, 'id')),
    ints('nodes_featureids', fieldOf(all, 'feature')),
    strings('nodes_modes', fieldOf(all, 'mode')),
    floats('nodes_values', Float32Array.from(fieldOf(all, 'value'))),
    ints('nodes_truenodeids', fieldOf(all, 'yes')),
    ints('nodes_falsenodeids', fieldOf(all, 'no')),
    ints(
      'nodes_missing_value_tracks_true',
      all.map(({ missingTracksYes }) => Number(missingTracksYes)),
    ),
    ints('target_treeids', fieldOf(leaves, 'tree')),
    ints('target_nodeids', fieldOf(leaves, 'id')),
    ints('target_ids', fieldOf(leaves, 'target')),
    floats('target_weights', Float32Array.from(fieldOf(leaves, 'weight'))),
    int('n_targets', outputs),
  ])
}

function fieldOf<Of, Name extends keyof Of>(all: readonly Of[], name: Name): Of[Name][] {
  return all.map((one) => one[name])
}

function leafOf(id: number, weight: number): OnnxNode {
  return { id, weight, feature: 0, mode: 'LEAF', value: 0, yes: 0, no: 0, missingTracksYes: false }
}

/**
 * The nodes of a tree. A split on categories is a chain of tests for equality, one for each category, that lead to the same left
 * child: as converters of LightGBM's and XGBoost's models write it, and as runtimes read it.
 */
function nodesOf({ nodes, treeStarts, categorySets }: Forest, tree: number): OnnxNode[] {
  const start = treeStarts[tree]!
  const end = treeStarts[tree + 1]!
  const chains = Array.from({ length: end - start }, (_, place) =>
    nodes.rule[start + place] === MEMBER_RULE
      ? categoriesIn(categorySets[nodes.threshold[start + place]!]!)
      : undefined,
  )
  const ids: number[] = []
  let next = 0
  for (const chain of chains) {
    ids.push(next)
    next += Math.max(chain?.length ?? 1, 1)
  }
  return chains.flatMap((chain, place): OnnxNode[] => {
    const index = start + place
    const id = ids[place]!
    const feature = nodes.feature[index]!
    if (feature < 0) return [leafOf(id, nodes.value[index]!)]
    const yes = ids[place + 1]!
    const no = ids[nodes.right[index]! - start]!
    if (chain === undefined) {
      const value = nodes.threshold[index]!
      return [{ id, feature, value, yes, no, mode: 'BRANCH_LT', missingTracksYes: nodes.rule[index] === 1 }]
    }
    // Nothing is one of no categories.
    if (chain.length === 0)
      return [{ id, feature, value: Number.NEGATIVE_INFINITY, yes, no, mode: 'BRANCH_LT', missingTracksYes: false }]
    return chain.map((value, link) => {
      const otherwise = link + 1 < chain.length ? id + link + 1 : no
      return { id: id + link, feature, value, yes, no: otherwise, mode: 'BRANCH_EQ', missingTracksYes: false }
    })
  })
}

function categoriesIn(set: Uint32Array): number[] {
  return Array.from({ length: 32 * set.length }, (_, category) => category).filter(
    (category) => ((set[category >>> 5]! >>> (category & 31)) & 1) === 1,
  )
}
