import { expect, test } from 'vitest'
import { TruelineError } from '../../../core/errors.ts'
import { createForestScorer } from '../forest-scorer.ts'
import { createLinearScorer } from '../linear-model.ts'
import { elementTypes, onnxModel, valueInfo } from '../onnx-graphs.fixture.ts'
import { floats, int, ints, node, strings } from '../onnx-writer.ts'
import { bytesField, join } from '../protobuf.ts'
import { readOnnxModel } from './onnx-model.ts'

const { FP32, FP64, FP16, INT64 } = elementTypes

/** What a leaf adds: of each output its place and the weight. */
type Leaf = readonly (readonly [output: number, weight: number])[]

/** Trees of one split, of input 0 at 0.1: what is no greater goes to the first leaf. */
function trees(kind: 'class' | 'target', from: string, leaves: readonly (readonly Leaf[])[], ...more: Uint8Array[]) {
  const ids = leaves.flatMap(() => [0, 1, 2])
  const added = leaves.flatMap((pair, tree) =>
    pair.flatMap((leaf, place) => leaf.map(([output, weight]) => ({ tree, node: place + 1, output, weight }))),
  )
  return join([
    kind === 'class'
      ? join([node('TreeEnsembleClassifier', from, 'label', 'ai.onnx.ml'), bytesField(2, 'scores')])
      : node('TreeEnsembleRegressor', from, 'scores', 'ai.onnx.ml'),
    ints(
      'nodes_treeids',
      leaves.flatMap((_, tree) => [tree, tree, tree]),
    ),
    ints('nodes_nodeids', ids),
    ints(
      'nodes_featureids',
      ids.map(() => 0),
    ),
    strings(
      'nodes_modes',
      ids.map((id) => (id === 0 ? 'BRANCH_LEQ' : 'LEAF')),
    ),
    floats(
      'nodes_values',
      Float32Array.from(ids, () => 0.1),
    ),
    ints(
      'nodes_truenodeids',
      ids.map((id) => (id === 0 ? 1 : 0)),
    ),
    ints(
      'nodes_falsenodeids',
      ids.map((id) => (id === 0 ? 2 : 0)),
    ),
    ints(
      `${kind}_treeids`,
      added.map(({ tree }) => tree),
    ),
    ints(
      `${kind}_nodeids`,
      added.map((one) => one.node),
    ),
    ints(
      `${kind}_ids`,
      added.map(({ output }) => output),
    ),
    floats(
      `${kind}_weights`,
      Float32Array.from(added, ({ weight }) => weight),
    ),
    ...more,
  ])
}

const one = [[[[0, 1]], [[0, 2]]]] as const
const text = (name: string, value: string): Uint8Array => bytesField(5, [bytesField(1, name), bytesField(4, value)])
const cast = (from: string, to: number, into: string): Uint8Array => join([node('Cast', from, into, ''), int('to', to)])

/** A graph of `x` [rows, 1]. */
function graph(nodes: readonly Uint8Array[], { type = FP32 as number, output = 'scores' } = {}): Uint8Array {
  return onnxModel({ nodes, inputs: [valueInfo('x', type, ['n', 1])], outputs: [valueInfo(output, FP32, ['n', 1])] })
}

/** The scores of rows of one input. */
function scoresOf(bytes: Uint8Array, ...rows: number[]): number[] {
  const { model } = readOnnxModel(bytes)
  const scorer = model.kind === 'forest' ? createForestScorer(model.forest) : createLinearScorer(model.linear)
  return [...scorer.scoreRows(Float64Array.from(rows), rows.length)]
}

function faultOf(bytes: Uint8Array): { readonly code: string; readonly message: string } | undefined {
  try {
    readOnnxModel(bytes)
    return undefined
  } catch (thrown) {
    if (thrown instanceof TruelineError) return thrown
    throw thrown
  }
}

test('casts between floats and doubles are followed, and a graph whose casts change what the trees look at is not scored here', () => {
  const regressor = (from: string) => trees('target', from, one)
  expect(scoresOf(graph([regressor('x')]), 0.1, 0.2)).toEqual([1, 2])
  expect(scoresOf(graph([cast('x', FP32, 'c'), regressor('c')], { type: FP64 }), 0.1, 0.2)).toEqual([1, 2])
  const refused: [Uint8Array[], number, string][] = [
    // Of 0.9 the trees would see 0.
    [[cast('x', INT64, 'c'), cast('c', FP32, 'd'), regressor('d')], FP32, 'a Cast to the type 7'],
    [[cast('x', FP16, 'c'), cast('c', FP32, 'd'), regressor('d')], FP32, 'a Cast to the type 10'],
    // As a float 0.1 is above the double 0.1.
    [[cast('x', FP64, 'c'), regressor('c')], FP32, 'a Cast to doubles'],
    [[cast('x', FP32, 'c'), cast('c', FP64, 'd'), regressor('d')], FP64, 'a Cast to doubles'],
    [[regressor('x')], FP16, 'inputs of the type 10'],
  ]
  for (const [nodes, type, saying] of refused)
    expect(faultOf(graph(nodes, { type }))).toMatchObject({
      code: 'unsupported_model',
      message: expect.stringContaining(saying),
    })
})

test('a score is what the graph gives: neither a sum behind which something unread stands, nor what nothing takes', () => {
  const regressor = trees('target', 'x', one)
  const behind = [regressor, node('Sigmoid', 'scores', 'share', '')]
  expect(scoresOf(graph(behind, { output: 'share' }), 0)).toEqual([1 / (1 + Math.exp(-1))])
  const unsupported = (saying: string) => ({
    code: 'unsupported_model',
    message: expect.stringContaining(saying),
  })
  expect(faultOf(graph(behind))).toMatchObject(unsupported('scores that it does not give'))
  const labels = trees('class', 'x', one, ints('classlabels_int64s', [0, 1]))
  expect(faultOf(graph([labels, cast('label', FP32, 'number')], { output: 'number' }))).toMatchObject(
    unsupported('scores that it does not give'),
  )
  const rounded = [regressor, cast('scores', INT64, 'whole')]
  expect(faultOf(graph(rounded, { output: 'whole' }))).toMatchObject(unsupported('a Cast to the type 7'))
  // ONNX has it applied, and onnxruntime passes it over.
  const logistic = trees('target', 'x', one, text('post_transform', 'LOGISTIC'))
  expect(faultOf(graph([logistic]))).toMatchObject(unsupported('which onnxruntime passes over'))
})

test('a classifier of two classes is scored as onnxruntime scores it, and refused where that depends on the row', () => {
  const classifier = (leaves: readonly (readonly Leaf[])[], ...more: Uint8Array[]) =>
    graph([trees('class', 'x', leaves, ints('classlabels_int64s', [0, 1]), ...more)])
  const logistic = text('post_transform', 'LOGISTIC')
  // XGBoost's of a frequent class: all weights are above 0, and its scores were sums before.
  expect(scoresOf(classifier(one, logistic), 0, 1)).toEqual([1 / (1 + Math.exp(-1)), 1 / (1 + Math.exp(-2))])
  expect(scoresOf(classifier([[[[0, 0.25]], [[0, 0.5]]]]), 0, 1)).toEqual([0.25, 0.5])
  const parted = [[[[0, 0.4]], [[1, 0.6]]]] as const
  expect(faultOf(classifier(parted))).toMatchObject({ code: 'unsupported_model' })
  expect(
    scoresOf(
      classifier([
        ...parted,
        [
          [
            [0, 1],
            [1, 0],
          ],
          [[1, 2]],
        ],
      ]),
      0,
      1,
    ),
  ).toEqual([0, Math.fround(2.6)])
  // The second score would be what was in memory.
  const base = floats('base_values', Float32Array.of(0.5))
  expect(faultOf(classifier(parted, base))).toMatchObject({ code: 'model_file_invalid' })
  expect(faultOf(classifier(one, text('post_transform', 'PROBIT')))).toMatchObject({ code: 'model_file_invalid' })
})

test('classes that are numbered in another order than theirs are refused, and names are found in a ZipMap, too', () => {
  const leaves = [
    [
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
      [
        [0, 3],
        [1, 2],
        [2, 1],
      ],
    ],
  ] as const
  const numbered = (...labels: number[]) => graph([trees('class', 'x', leaves, ints('classlabels_int64s', labels))])
  expect(scoresOf(numbered(1, 2, 3), 0)).toEqual([1, 2, 3])
  expect(faultOf(numbered(2, 0, 1))).toMatchObject({
    code: 'model_file_invalid',
    message: expect.stringContaining('it numbers its classes 2, 0, 1, and not in ascending order'),
  })
  const map = join([node('ZipMap', 'scores', 'map', 'ai.onnx.ml'), strings('classlabels_strings', ['a', 'm', 'z'])])
  const mapped = graph([trees('class', 'x', leaves, ints('classlabels_int64s', [0, 1, 2])), map], { output: 'map' })
  expect(readOnnxModel(mapped).classNames).toEqual(['a', 'm', 'z'])
})

test('a linear model of several classes is read as skl2onnx writes it: a Normalizer behind its shares changes nothing', () => {
  const line = join([
    ...[node('LinearClassifier', 'x', 'label', 'ai.onnx.ml'), bytesField(2, 'scores')],
    ...[floats('coefficients', Float32Array.of(1, 0, -1)), floats('intercepts', Float32Array.of(0, 0, 0))],
    ...[ints('classlabels_ints', [0, 1, 2]), text('post_transform', 'SOFTMAX')],
  ])
  const normal = join([node('Normalizer', 'scores', 'shares', 'ai.onnx.ml'), text('norm', 'L1')])
  expect(scoresOf(graph([line, normal], { output: 'shares' }), 0)).toEqual([1 / 3, 1 / 3, 1 / 3])
  const largest = join([node('Normalizer', 'scores', 'shares', 'ai.onnx.ml'), text('norm', 'MAX')])
  expect(faultOf(graph([line, largest], { output: 'shares' }))).toMatchObject({ code: 'unsupported_model' })
})
