import { TruelineError } from '../../core/errors.ts'
import type { Forest } from './forest.ts'
import { createForestScorer } from './forest-scorer.ts'
import { ONNX_TYPE, readOnnxGraph } from './formats/onnx-graph.ts'
import { readOnnxModel } from './formats/onnx-model.ts'
import type { OnnxSession } from './onnx-session.ts'
import type { TensorOf } from './tensor.ts'

/** A graph that is one ensemble of trees and nothing else, whose output is the sums of its leaves. */
export interface TreeGraph {
  readonly forest: Forest
  /** Its input: float32 [rows, inputs], NaN where a value is missing. */
  readonly input: string
  /** Its output: float32 [rows, outputs]. */
  readonly output: string
}

/** Rows that become doubles at a time: what a kernel takes. */
const BLOCK = 256

/**
 * The trees of an ONNX model, where they are all that it has. What makes probabilities or labels of the sums is not taken: onnxruntime
 * computes them in float32 by functions of its own, to other bits.
 * @returns undefined for any other graph
 */
export function readTreeGraph(bytes: Uint8Array): TreeGraph | undefined {
  try {
    const { nodes, inputs } = readOnnxGraph(bytes)
    const [node, ...others] = nodes
    const [input] = inputs
    if (node === undefined || others.length > 0 || inputs.length !== 1 || input?.width === undefined) return undefined
    if (node.inputs.length !== 1 || node.outputs.length !== 1 || input.type !== ONNX_TYPE.float) return undefined
    const { model } = readOnnxModel(bytes)
    if (model.kind !== 'forest' || model.forest.transform.kind !== 'identity') return undefined
    return { forest: model.forest, input: input.name, output: node.outputs[0]! }
  } catch (thrown) {
    if (thrown instanceof TruelineError && otherGraphs.has(thrown.code)) return undefined
    throw thrown
  }
}

/** What reading says of graphs that are not of trees alone, or of trees that are not scored here: they are left to onnxruntime. */
const otherGraphs: ReadonlySet<string> = new Set(['unsupported_model', 'model_file_invalid', 'artifact_corrupt'])

/** Our own evaluator as what runs a graph of trees. */
export function openTreeSession({ forest, input, output }: TreeGraph): OnnxSession {
  const width = forest.featureNames.length
  const { outputs } = forest
  const scorer = createForestScorer(forest)
  const block = new Float64Array(BLOCK * width)
  return {
    inputs: [{ name: input, datatype: 'FP32', shape: [-1, width] }],
    outputs: [{ name: output, datatype: 'FP32', shape: [-1, outputs] }],
    run([given], wanted) {
      const { data, shape } = given as TensorOf<'FP32'>
      const rows = shape[0]!
      const sums = new Float32Array(rows * outputs)
      for (let from = 0; from < rows; from += BLOCK) {
        const count = Math.min(BLOCK, rows - from)
        block.set(data.subarray(from * width, (from + count) * width))
        sums.set(scorer.scoreRows(block, count), from * outputs)
      }
      return wanted.map((name) => ({ name, datatype: 'FP32', shape: [rows, outputs], data: sums }))
    },
    close: () => scorer.close(),
  }
}
