import { TruelineError } from '../../core/errors.ts'
import type { ForeignModel } from '../inference/formats/foreign-model.ts'
import { readOnnxGraph } from '../inference/formats/onnx-graph.ts'
import { isOnnx } from '../inference/formats/read-model-file.ts'
import { createOnnxScorer, encodeOnnxScorer, readOnnxScoring } from '../inference/onnx-scorer.ts'
import type { Scorer } from '../inference/scorer.ts'

/** A graph of ONNX that onnxruntime scores. */
export interface ImportedGraph {
  readonly foreign: Omit<ForeignModel, 'model'>
  readonly scorer: Scorer
  /** The scorer as an artifact. */
  readonly bytes: Uint8Array
}

/**
 * A graph of ONNX that is neither trees nor a linear model, scored by onnxruntime.
 * @param refusal why it is not scored by our own evaluator
 * @throws TruelineError `refusal` for a file that is no ONNX, or whose scores onnxruntime could not tell either; `runtime_missing`
 */
export function importGraph(file: Uint8Array, refusal: TruelineError): ImportedGraph {
  if (refusal.code !== 'unsupported_model' || !isOnnx(file)) throw refusal
  const scoring = scoringOf(file, refusal)
  const { producer, nodes } = readOnnxGraph(file)
  const bytes = encodeOnnxScorer(file, scoring)
  const foreign = {
    ...({ format: 'onnx', writtenBy: producer === '' ? 'an unnamed program' : producer } as const),
    objective: `a graph of ${nodes.length} operators`,
    inputNames: scoring.isMatrix ? undefined : scoring.inputs,
    ...{ categories: new Map(), gains: undefined },
  }
  return { foreign, scorer: createOnnxScorer(bytes), bytes }
}

function scoringOf(file: Uint8Array, refusal: TruelineError): ReturnType<typeof readOnnxScoring> {
  try {
    return readOnnxScoring(file)
  } catch (thrown) {
    if (!(thrown instanceof TruelineError) || thrown.code !== 'unsupported_model') throw thrown
    throw new TruelineError(refusal.code, `${refusal.message} Nor can onnxruntime score it: ${thrown.message}`, {
      remedy: thrown.remedy,
      cause: thrown,
    })
  }
}
