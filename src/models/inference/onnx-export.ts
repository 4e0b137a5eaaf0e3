import { canonicalJson } from '../../core/canonical.ts'
import { digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Encoders } from './encoders.ts'
import { type Forest, isPlainForest, treeCount } from './forest.ts'
import { encodeForest } from './forest-codec.ts'
import { floats, int, ints, node, strings, writeOnnx } from './onnx-writer.ts'
import { join } from './protobuf.ts'

/**
 * A forest as the bytes of an ONNX model: input `features` (float32, rows x inputs, NaN for missing), output `margin`
 * (float32, rows x 1) and of a binary forest `probability`.
 *
 * Margins are those of the forest to the bit wherever a runtime adds the trees in their order in float32: onnxruntime
 * does with one thread. Probabilities are computed in float32 there and in double here: they differ by less than 1e-6.
 *
 * Where a model has encodings, the inputs are what its encoders give; what they do is in the metadata `encoders`, as JSON,
 * so that who serves the file elsewhere can do the same.
 *
 * @throws TruelineError `unsupported_model` for a forest that is not one sum of float32 with splits by `<`
 *
 * Format: onnx.proto of https://github.com/onnx/onnx, operator ai.onnx.ml.TreeEnsembleRegressor.
 */
export function exportOnnx(forest: Forest, encoders?: Encoders): Uint8Array {
  const binary = forest.transform.kind === 'sigmoid'
  if (!isPlainForest(forest) || !(binary || forest.transform.kind === 'identity'))
    throw new TruelineError('unsupported_model', 'Only forests as gradient boosting here makes them become ONNX.')
  const outputs = binary ? ['margin', 'probability'] : ['margin']
  return writeOnnx({
    name: 'forest',
    nodes: [treesNode(forest), ...(binary ? [node('Sigmoid', 'margin', 'probability', '')] : [])],
    input: { name: 'features', columns: forest.featureNames.length },
    outputs: outputs.map((name) => ({ name, columns: 1 })),
    metadata: {
      objective: binary ? 'binary' : 'regression',
      features: JSON.stringify(forest.featureNames),
      forest: digestOf(encodeForest(forest)),
      ...(encoders?.columns === undefined ? {} : { encoders: canonicalJson(encoders) }),
    },
  })
}

/** The base margin is a first tree of one leaf: `base_values` would be added last, and rounded otherwise. */
function treesNode(forest: Forest): Uint8Array {
  const { nodes, treeStarts, baseMargins } = forest
  const trees = Array.from({ length: treeCount(forest) }, (_, tree) => {
    const start = treeStarts[tree] as number
    return { start, size: (treeStarts[tree + 1] as number) - start }
  })
  const treeIds = [0, ...trees.flatMap(({ size }, tree) => Array<number>(size).fill(tree + 1))]
  const nodeIds = [0, ...trees.flatMap(({ size }) => Array.from({ length: size }, (_, id) => id))]
  const features = Array.from(nodes.feature)
  const splits = features.map((feature) => feature >= 0)
  const leaves = [0, ...features.flatMap((feature, index) => (feature < 0 ? [index + 1] : []))]
  const rights = features.map((_, index) => (nodes.right[index] as number) - (index - (nodeIds[index + 1] as number)))
  return join([
    node('TreeEnsembleRegressor', 'features', 'margin', 'ai.onnx.ml'),
    ints('nodes_treeids', treeIds),
    ints('nodes_nodeids', nodeIds),
    ints('nodes_featureids', [0, ...features.map((feature) => Math.max(feature, 0))]),
    strings('nodes_modes', ['LEAF', ...splits.map((split) => (split ? 'BRANCH_LT' : 'LEAF'))]),
    floats('nodes_values', Float32Array.of(0, ...nodes.threshold)),
    ints('nodes_truenodeids', [0, ...splits.map((split, index) => (split ? (nodeIds[index + 1] as number) + 1 : 0))]),
    ints('nodes_falsenodeids', [0, ...splits.map((split, index) => (split ? (rights[index] as number) : 0))]),
    ints('nodes_missing_value_tracks_true', [0, ...nodes.rule]),
    ints(
      'target_treeids',
      leaves.map((index) => treeIds[index] as number),
    ),
    ints(
      'target_nodeids',
      leaves.map((index) => nodeIds[index] as number),
    ),
    ints(
      'target_ids',
      leaves.map(() => 0),
    ),
    floats(
      'target_weights',
      Float32Array.from(leaves, (index) => (index === 0 ? baseMargins[0]! : nodes.value[index - 1]!)),
    ),
    int('n_targets', 1),
  ])
}
