import { TruelineError } from '../../core/errors.ts'
import { ProtobufReader } from './protobuf-reader.ts'

/** Graphs lie in attributes of nodes, and so in one another; no exporter goes deeper than a few. */
const MOST_DEPTH = 32
/** `TensorProto.DataLocation.EXTERNAL`. */
const EXTERNAL = 1

/** Messages of onnx.proto in which tensors lie, by the numbers of their fields: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const messages = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  function: { 7: 'node', 11: 'attribute' },
} as const satisfies Record<string, Readonly<Record<number, string>>>

type Message = keyof typeof messages

/**
 * Refuses an ONNX model that keeps weights in other files: which files these are is said by the model, and whoever made it
 * could name any file of this machine.
 * @throws TruelineError `unsupported_model`, also for bytes that are no ONNX model
 */
export function refuseExternalData(model: Uint8Array): void {
  try {
    visit('model', model, 0)
  } catch (thrown) {
    if (!(thrown instanceof TruelineError) || thrown.code !== 'invalid_request') throw thrown
    throw new TruelineError('unsupported_model', 'It is no ONNX model.', { cause: thrown })
  }
}

function visit(message: Message | 'tensor', bytes: Uint8Array, depth: number): void {
  if (depth > MOST_DEPTH)
    throw new TruelineError('unsupported_model', `Its graphs lie in one another more than ${MOST_DEPTH} deep.`)
  const reader = new ProtobufReader(bytes)
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (message === 'tensor') {
      if (field === 13 || (field === 14 && reader.int64() === EXTERNAL))
        throw new TruelineError('unsupported_model', 'It keeps weights in another file.', {
          remedy: 'Save it as one file, such as by onnx.save_model(model, path, save_as_external_data=False).',
        })
      if (field !== 14) reader.skip()
      continue
    }
    const inner = (messages[message] as Readonly<Record<number, Message | 'tensor' | undefined>>)[field]
    if (inner === undefined) reader.skip()
    else visit(inner, reader.bytes(), depth + 1)
  }
}
