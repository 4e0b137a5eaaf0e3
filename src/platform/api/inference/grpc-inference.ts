import { TruelineError } from '../../../core/errors.ts'
import { ELEMENTS_OF_STEP, type Steps } from '../../../core/slices.ts'
import { ProtobufReader } from '../../../models/inference/protobuf-reader.ts'
import { ProtobufWriter } from '../../../models/inference/protobuf-writer.ts'
import { isDatatype, type Tensor } from '../../../models/inference/tensor.ts'
import { bytesOfTensorInSteps, TensorRoom, tensorFromBytesInSteps } from '../../../models/inference/tensor-bytes.ts'
import { hasContents, tensorFromContents, writeContents } from './grpc-contents.ts'
import type { AnsweredInference, AskedInference } from './inference-service.ts'
import { refuseUnsupported } from './unsupported.ts'

/** A message `ModelInferRequest`, its tensors still as they came. */
export interface GrpcInference {
  readonly model: string
  /** Undefined where the server is to choose. */
  readonly version: string | undefined
  readonly id: string | undefined
  /** Raw tensors came, so that the answer is raw as well. */
  readonly isRaw: boolean
  /**
   * Reads the tensors, in steps where they are large.
   * @throws TruelineError `invalid_request`, `unsupported`
   */
  read(): Steps<AskedInference>
}

interface InputPart {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly contents: Buffer | undefined
}

/**
 * Reads a message `ModelInferRequest`: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_grpc.proto.
 * @throws TruelineError `invalid_request` for a message that is none
 */
export function readGrpcInference(message: Buffer): GrpcInference {
  const reader = new ProtobufReader(message)
  let model = ''
  let version = ''
  let id = ''
  const parameters: Record<string, unknown> = {}
  const inputs: Buffer[] = []
  const outputs: Buffer[] = []
  const raw: Buffer[] = []
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) model = reader.string()
    else if (field === 2) version = reader.string()
    else if (field === 3) id = reader.string()
    else if (field === 4) readParameter(reader.bytes(), parameters)
    else if (field === 5) inputs.push(reader.bytes())
    else if (field === 6) outputs.push(reader.bytes())
    else if (field === 7) raw.push(reader.bytes())
    else reader.skip()
  return {
    model,
    version: version === '' ? undefined : version,
    id: id === '' ? undefined : id,
    isRaw: raw.length > 0,
    *read() {
      refuseUnsupported('request', parameters, 'The request')
      const tensors = yield* readTensors(inputs, raw)
      return { id: id === '' ? undefined : id, inputs: tensors, outputs: outputs.map(readOutput) }
    },
  }
}

function* readTensors(inputs: readonly Buffer[], raw: readonly Buffer[]): Steps<Tensor[]> {
  if (raw.length > 0 && raw.length !== inputs.length)
    throw invalid('raw_input_contents', `are ${raw.length} where the request has ${inputs.length} inputs`)
  const room = new TensorRoom(
    raw.reduce((sum, { length }) => sum + length, 0),
    raw.length,
  )
  const tensors: Tensor[] = []
  for (const [index, input] of inputs.entries()) {
    const { name, datatype, shape, contents } = readInput(input, index)
    if (!isDatatype(datatype)) throw invalid(name, 'has no datatype of the protocol')
    const bytes = raw[index]
    if (bytes !== undefined && contents !== undefined)
      throw invalid(name, 'has contents, and the request has raw_input_contents as well')
    if (bytes === undefined) tensors.push(tensorFromContents(name, datatype, shape, contents ?? Buffer.alloc(0)))
    else tensors.push(yield* tensorFromBytesInSteps(name, datatype, shape, bytes, room))
    if (input.length > ELEMENTS_OF_STEP || (bytes?.length ?? 0) > ELEMENTS_OF_STEP) yield
  }
  return tensors
}

function readInput(message: Buffer, index: number): InputPart {
  const reader = new ProtobufReader(message)
  let name = ''
  let datatype = ''
  const shape: number[] = []
  const parameters: Record<string, unknown> = {}
  let contents: Buffer | undefined
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) name = reader.string()
    else if (field === 2) datatype = reader.string()
    else if (field === 3) reader.int64s((size) => shape.push(size))
    else if (field === 4) readParameter(reader.bytes(), parameters)
    // A message that comes in parts is the parts after each other.
    else if (field === 5) contents = contents === undefined ? reader.bytes() : Buffer.concat([contents, reader.bytes()])
    else reader.skip()
  refuseUnsupported('input', parameters, `inputs[${index}]`)
  return { name, datatype, shape, contents }
}

function readOutput(message: Buffer, index: number): string {
  const reader = new ProtobufReader(message)
  let name = ''
  const parameters: Record<string, unknown> = {}
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) name = reader.string()
    else if (field === 2) readParameter(reader.bytes(), parameters)
    else reader.skip()
  refuseUnsupported('output', parameters, `outputs[${index}]`)
  return name
}

/** Takes an entry of a map of `InferParameter` or `ModelRepositoryParameter`; numbers that mean nothing here as true. */
export function readParameter(entry: Buffer, parameters: Record<string, unknown>): void {
  const reader = new ProtobufReader(entry)
  let name = ''
  let value: unknown
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) name = reader.string()
    else if (field === 2) value = parameterValue(reader.bytes())
    else reader.skip()
  Object.defineProperty(parameters, name, { value, enumerable: true, configurable: true })
}

function parameterValue(message: Buffer): unknown {
  const reader = new ProtobufReader(message)
  let value: unknown
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) value = reader.bool()
    else if (field === 2) value = reader.int64()
    else if (field === 3) value = reader.string()
    else {
      reader.skip()
      value = true
    }
  return value
}

/**
 * A message `ModelInferResponse`, behind five bytes for its prefix, made in steps where it is large. Raw where the request was, or where
 * a datatype has no typed contents.
 * @param isInStream the message is one of `ModelStreamInferResponse` with it
 */
export function* grpcAnswer(answer: AnsweredInference, isRaw: boolean, isInStream = false): Steps<ProtobufWriter> {
  const asRaw = isRaw || answer.outputs.some(({ datatype }) => !hasContents(datatype))
  const raw: Uint8Array[] = []
  if (asRaw) for (const tensor of answer.outputs) raw.push(yield* bytesOfTensorInSteps(tensor))
  const writer = new ProtobufWriter(PREFIX_BYTES)
  const write = (): void => writeAnswer(writer, answer, asRaw ? raw : undefined)
  if (isInStream) writer.message(2, write)
  else write()
  return writer
}

/** Bytes before a message: whether it is compressed, and its length. */
export const PREFIX_BYTES = 5

/**
 * Writes the fields of `ModelInferResponse`.
 * @param raw the bytes of the outputs; they are written as typed contents where there are none
 */
function writeAnswer(
  writer: ProtobufWriter,
  { id = '', model, parameters, outputs }: AnsweredInference,
  raw: readonly Uint8Array[] | undefined,
): void {
  writer.string(1, model.name)
  writer.string(2, model.version)
  writer.string(3, id)
  for (const [name, text] of Object.entries(parameters))
    writer.message(4, () => {
      writer.string(1, name)
      writer.message(2, () => writer.element(3, text))
    })
  for (const tensor of outputs)
    writer.message(5, () => {
      writer.string(1, tensor.name)
      writer.string(2, tensor.datatype)
      writer.int64s(3, tensor.shape)
      if (raw === undefined) writer.message(5, () => writeContents(writer, tensor))
    })
  for (const bytes of raw ?? []) writer.element(6, bytes)
}

function invalid(path: string, what: string): TruelineError {
  return new TruelineError('invalid_request', `${path} ${what}.`, { path })
}
