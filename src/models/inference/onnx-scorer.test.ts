import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { decodeScorer } from './decode-scorer.ts'
import type { Forest } from './forest.ts'
import { forestOf, type TreeNode } from './forest-builder.ts'
import { createForestScorer } from './forest-scorer.ts'
import { exportOnnx } from './onnx-export.ts'
import {
  elementTypes,
  graphNode,
  identityGraph,
  onnxModel,
  productGraph,
  sumGraph,
  valueInfo,
} from './onnx-graphs.fixture.ts'
import { encodeOnnxScorer, readOnnxScoring } from './onnx-scorer.ts'
import { bytesField, join, numberField } from './protobuf.ts'
import type { Scorer } from './scorer.ts'

const WIDTH = 40

function scorerOf(graph: Uint8Array): Scorer {
  return decodeScorer(encodeOnnxScorer(graph, readOnnxScoring(graph)))
}

test('a row has the same bits alone, among others, by column, and after the scorer was closed', () => {
  const random = seededRandom(7)
  const scorer = scorerOf(
    productGraph(
      WIDTH,
      Float32Array.from({ length: WIDTH }, () => random.next() - 0.5),
    ),
  )
  const rows = 300
  const values = Float64Array.from({ length: rows * WIDTH }, () => random.next() - 0.5)
  const together = scorer.scoreRows(values, rows)
  const columns = Array.from({ length: WIDTH }, (_, input) =>
    Float64Array.from({ length: rows }, (_, row) => values[row * WIDTH + input]!),
  )
  expect(scorer.scoreColumns(columns, rows)).toEqual(together)
  scorer.close()
  scorer.close()
  for (const row of [0, 1, 150, 299]) expect(Object.is(scorer.scoreRow(values, row * WIDTH), together[row])).toBe(true)
  const exact = (row: number) => columns.reduce((sum, column) => sum + column[row]!, 0)
  expect(together.some((score, row) => score !== exact(row))).toBe(true)
  scorer.close()
})

/** A forest of ours, whose margin in onnxruntime has the same bits. */
function forest(): Forest {
  const random = seededRandom(11)
  const tree = (depth: number): TreeNode =>
    depth === 0
      ? { value: random.next() - 0.5 }
      : {
          ...{
            feature: random.integer(WIDTH),
            threshold: Math.fround(random.next()),
            defaultLeft: random.next() < 0.5,
          },
          ...{ left: tree(depth - 1), right: tree(depth - 1) },
        }
  const featureNames = Array.from({ length: WIDTH }, (_, input) => `f${input}`)
  return forestOf(
    { objective: 'regression', baseMargin: 0.5, featureNames },
    Array.from({ length: 30 }, () => tree(5)),
  )
}

test('a forest scored by onnxruntime has the bits of our own evaluator, missing values and all', () => {
  const trees = forest()
  const [ours, theirs] = [createForestScorer(trees), scorerOf(exportOnnx(trees))]
  const random = seededRandom(3)
  const values = Float64Array.from({ length: 200 * WIDTH }, () => (random.next() < 0.1 ? Number.NaN : random.next()))
  expect(theirs.scoreRows(values, 200)).toEqual(ours.scoreRows(values, 200))
  theirs.close()
})

test('a graph with a column for each input takes them by their names, and of two probabilities the second is the score', () => {
  const column = (name: string) => valueInfo(name, elementTypes.FP64, ['n', 1])
  const graph = onnxModel({
    nodes: [graphNode('Concat', ['no', 'yes'], ['probabilities'])].map((node) => withAxis(node)),
    inputs: [column('no'), column('yes')],
    outputs: [valueInfo('probabilities', elementTypes.FP64, ['n', 2])],
  })
  const scoring = readOnnxScoring(graph)
  expect(scoring).toEqual({ inputs: ['no', 'yes'], isMatrix: false, output: 'probabilities', column: 1 })
  const scorer = scorerOf(graph)
  expect(scorer.scoreRow(Float64Array.of(9, 0.1, 0.3), 1)).toBe(0.3)
  scorer.close()
})

/** The node with the attribute `axis` = 1. */
function withAxis(node: Uint8Array): Uint8Array {
  return join([node, bytesField(5, [bytesField(1, 'axis'), numberField(3, 1), numberField(20, 2)])])
}

test('graphs that do not say how they score a row, and artifacts that do not match theirs, are refused by code', () => {
  const refused = expect.objectContaining({ code: 'unsupported_model' })
  expect(() => readOnnxScoring(identityGraph())).toThrow(refused)
  expect(() => readOnnxScoring(productGraph(4, new Float32Array(20)))).toThrow(refused)
  const sum = readOnnxScoring(sumGraph())
  const corrupt = expect.objectContaining({ code: 'artifact_corrupt' })
  expect(() => decodeScorer(encodeOnnxScorer(sumGraph(), { ...sum, output: 'other' }))).toThrow(corrupt)
  expect(() => decodeScorer(encodeOnnxScorer(sumGraph(), { ...sum, inputs: ['a'] }))).toThrow(corrupt)
  const bytes = encodeOnnxScorer(sumGraph(), sum)
  expect(() => decodeScorer(bytes.with(bytes.length - 40, 255))).toThrow(corrupt)
})
