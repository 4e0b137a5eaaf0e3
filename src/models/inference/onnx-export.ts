import { canonicalJson } from '../../core/canonical.ts'
import { digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Encoders } from './encoders.ts'
import { type Forest, isPlainForest, treeCount } from './forest.ts'
import { encodeForest } from './forest-codec.ts'
import { bytesField, floatsField, join, numberField, numbersField } from './protobuf.ts'

const IR_VERSION = 8
const OPSET = 15
/** The last version of the operators set whose trees every runtime knows. */
const ML_OPSET = 3
/** `TensorProto.DataType.FLOAT`. */
const FLOAT = 1
/** `AttributeProto.AttributeType`, and the fields that hold values of the type. */
const ATTRIBUTE = {
  int: { type: 2, field: 3 },
  floats: { type: 6, field: 7 },
  ints: { type: 7, field: 8 },
  strings: { type: 8, field: 9 },
} as const

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
  const graph = [
    bytesField(1, treesNode(forest)),
    ...(binary ? [bytesField(1, node('Sigmoid', 'margin', 'probability', ''))] : []),
    bytesField(2, 'forest'),
    bytesField(11, valueInfo('features', forest.featureNames.length)),
    ...outputs.map((name) => bytesField(12, valueInfo(name, 1))),
  ]
  const metadata = {
    objective: binary ? 'binary' : 'regression',
    features: JSON.stringify(forest.featureNames),
    forest: digestOf(encodeForest(forest)),
    ...(encoders?.columns === undefined ? {} : { encoders: canonicalJson(encoders) }),
  }
  return join([
    numberField(1, IR_VERSION),
    bytesField(2, 'trueline'),
    bytesField(7, graph),
    bytesField(8, [bytesField(1, ''), numberField(2, OPSET)]),
    bytesField(8, [bytesField(1, 'ai.onnx.ml'), numberField(2, ML_OPSET)]),
    ...Object.entries(metadata).map(([key, value]) => bytesField(14, [bytesField(1, key), bytesField(2, value)])),
  ])
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
    attribute('n_targets', ATTRIBUTE.int.type, numberField(ATTRIBUTE.int.field, 1)),
  ])
}

function node(operator: string, input: string, output: string, domain: string): Uint8Array {
  return join([
    bytesField(1, input),
    bytesField(2, output),
    bytesField(3, output),
    bytesField(4, operator),
    bytesField(7, domain),
  ])
}

/** A float32 matrix of any number of rows. */
function valueInfo(name: string, columns: number): Uint8Array {
  const shape = [bytesField(1, bytesField(2, 'rows')), bytesField(1, numberField(1, columns))]
  const tensor = [numberField(1, FLOAT), bytesField(2, shape)]
  return join([bytesField(1, name), bytesField(2, bytesField(1, tensor))])
}

function ints(name: string, values: Iterable<number>): Uint8Array {
  return attribute(name, ATTRIBUTE.ints.type, numbersField(ATTRIBUTE.ints.field, values))
}

function floats(name: string, values: Float32Array): Uint8Array {
  return attribute(name, ATTRIBUTE.floats.type, floatsField(ATTRIBUTE.floats.field, values))
}

function strings(name: string, values: readonly string[]): Uint8Array {
  return attribute(
    name,
    ATTRIBUTE.strings.type,
    join(values.map((value) => bytesField(ATTRIBUTE.strings.field, value))),
  )
}

function attribute(name: string, type: number, values: Uint8Array): Uint8Array {
  return bytesField(5, [bytesField(1, name), values, numberField(20, type)])
}
