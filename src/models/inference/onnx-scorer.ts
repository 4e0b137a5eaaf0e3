import { TruelineError } from '../../core/errors.ts'
import { corrupt, type EnvelopeKind, openEnvelope, sealEnvelope } from './envelope.ts'
import { type OnnxSession, openOnnxSession } from './onnx-session.ts'
import { type Scorer, scoreBlocks } from './scorer.ts'
import { emptyData, type FixedDatatype, type Tensor, type TensorSpec } from './tensor.ts'

export const ONNX_KIND: EnvelopeKind = { name: 'ONNX model', magic: 'TLONNXGR' }
const VERSION = 1

/** How a graph is asked for the score of a row. */
export interface OnnxScoring {
  /** Names of the inputs of a row: those of the graph where it has one for each. */
  readonly inputs: readonly string[]
  /** The graph takes all inputs of a row as one tensor. */
  readonly isMatrix: boolean
  /** Name of the output that has the score, and which of the numbers of a row it is. */
  readonly output: string
  readonly column: number
}

/** Datatypes that a number becomes when a row is scored; missing ones are NaN, which only floating-point numbers have. */
const floats: ReadonlySet<string> = new Set(['FP32', 'FP64'])

/**
 * How a graph scores rows, by what it takes and gives: one matrix of floating-point numbers, or a column of them for each
 * input; and one number a row, or two, which are the probabilities of no and yes.
 * @throws TruelineError `unsupported_model` where that cannot be told, and as `openOnnxSession` does
 */
export function readOnnxScoring(graph: Uint8Array): OnnxScoring {
  const session = openOnnxSession(graph)
  try {
    return { ...inputsOf(session), ...outputOf(session) }
  } finally {
    session.close()
  }
}

function inputsOf({ inputs }: OnnxSession): Pick<OnnxScoring, 'inputs' | 'isMatrix'> {
  const [first, ...others] = inputs
  const width = first?.shape[1] ?? -1
  if (first !== undefined && others.length === 0 && first.shape.length === 2 && floats.has(first.datatype) && width > 1)
    return { inputs: Array.from({ length: width }, (_, index) => `f${index}`), isMatrix: true }
  if (inputs.length > 0 && inputs.every((spec) => floats.has(spec.datatype) && isColumn(spec)))
    return { inputs: inputs.map(({ name }) => name), isMatrix: false }
  throw new TruelineError('unsupported_model', 'The graph takes neither one matrix of numbers nor columns of them.', {
    remedy: 'Export it with one input [rows, inputs] of float32, or serve it as it is with rawModel().',
  })
}

function outputOf({ outputs }: OnnxSession): Pick<OnnxScoring, 'output' | 'column'> {
  const given = outputs.filter(({ datatype }) => floats.has(datatype))
  const probabilities = given.filter(({ shape }) => shape.length === 2 && shape[1] === 2)
  if (probabilities.length === 1) return { output: probabilities[0]!.name, column: 1 }
  const scores = given.filter(isColumn)
  if (probabilities.length === 0 && scores.length === 1) return { output: scores[0]!.name, column: 0 }
  throw new TruelineError('unsupported_model', 'Which output of the graph is the score of a row cannot be told.', {
    remedy: 'Export it with one output of one number a row, or of two that are probabilities.',
  })
}

function isColumn({ shape }: TensorSpec): boolean {
  return shape.length === 1 || (shape.length === 2 && shape[1] === 1)
}

/** The bytes of a graph with how it is asked, as an artifact. */
export function encodeOnnxScorer(graph: Uint8Array, scoring: OnnxScoring): Uint8Array {
  return sealEnvelope(ONNX_KIND, VERSION, scoring, [graph])
}

/**
 * The scorer in the bytes of an artifact. Rows are run one at a time: onnxruntime may give other bits to many rows at once than
 * to each alone, and a row must not depend on who else is asking.
 * @throws TruelineError `artifact_corrupt`, and as `openOnnxSession` does
 */
export function createOnnxScorer(bytes: Uint8Array): Scorer {
  const { header, body } = openEnvelope(bytes, ONNX_KIND, [VERSION])
  const { inputs: names, isMatrix, output, column } = header as unknown as OnnxScoring
  const wanted = [output]
  let session: OnnxSession | undefined = openOnnxSession(body)
  const specs = session.inputs
  const isKnown = session.outputs.some(({ name }) => name === output) && (isMatrix ? 1 : names.length) === specs.length
  if (!isKnown) throw corrupt(ONNX_KIND, 'its header does not match its graph')
  const tensors = specs.map((spec) => rowTensor(spec, isMatrix ? names.length : 1))
  const width = names.length

  function scoreRow(values: Float64Array, offset: number): number {
    // Closed, it holds no memory of onnxruntime's until it is asked again.
    session ??= openOnnxSession(body)
    if (isMatrix) (tensors[0]!.data as Float64Array).set(values.subarray(offset, offset + width))
    else
      for (let input = 0; input < width; input += 1) (tensors[input]!.data as Float64Array)[0] = values[offset + input]!
    return (session.run(tensors, wanted)[0]!.data as Float64Array)[column]!
  }

  function scoreAll(values: Float64Array, rows: number, scores: Float64Array): void {
    for (let row = 0; row < rows; row += 1) scores[row] = scoreRow(values, row * width)
  }

  return {
    platform: 'onnxruntime_onnx',
    inputs: width,
    outputs: 1,
    scoreRow,
    marginRow: scoreRow,
    scoreInto(values, offset, scores, at) {
      scores[at] = scoreRow(values, offset)
    },
    scoreRows(values, rows) {
      const scores = new Float64Array(rows)
      scoreAll(values, rows, scores)
      return scores
    },
    scoreColumns: (columns, rows) => scoreBlocks(columns, rows, 1, scoreAll),
    close() {
      session?.close()
      session = undefined
    },
  }
}

/** A tensor of one row, to be filled again and again. */
function rowTensor({ name, datatype, shape }: TensorSpec, width: number): Tensor {
  const fixed = datatype as FixedDatatype
  return {
    name,
    datatype: fixed,
    shape: shape.length === 1 ? [1] : [1, width],
    data: emptyData(fixed, width),
  } as Tensor
}
