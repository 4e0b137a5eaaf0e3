import { TruelineError } from '../../../core/errors.ts'
import { ELEMENTS_OF_STEP, type Steps } from '../../../core/slices.ts'
import { JsonNumbers } from '../../../models/inference/json-numbers.ts'
import { isDatatype, type Tensor } from '../../../models/inference/tensor.ts'
import { TensorRoom, tensorFromBytesInSteps } from '../../../models/inference/tensor-bytes.ts'
import { tensorFromJson, tensorFromJsonInSteps } from '../../../models/inference/tensor-json.ts'
import type { AskedInference } from './inference-service.ts'
import { refuseUnsupported } from './unsupported.ts'

/** A request for inference over REST. */
export interface RestInference extends AskedInference {
  /** Whether an output is to be given as binary data. */
  isBinary(output: string): boolean
}

type Members = Readonly<Record<string, unknown>>

/**
 * Reads a request for inference, in steps where it is large.
 * @param binary what follows the JSON in the body: data of the tensors that have a `binary_data_size`, in their order
 * @throws TruelineError `invalid_request`, `unsupported`
 */
export function* readRestInference(json: unknown, binary: Buffer): Steps<RestInference> {
  if (!isObject(json)) throw invalid('The body', 'must be an object')
  const { id, inputs, outputs } = json
  if (id !== undefined && typeof id !== 'string') throw invalid('id', 'must be a string')
  const parameters = parametersOf(json, 'The request')
  refuseUnsupported('request', parameters, 'The request')
  if (!Array.isArray(inputs)) throw invalid('inputs', 'must be an array of tensors')
  const binaryOutputs = flagOf(parameters, 'binary_data_output', 'parameters') ?? false
  const asked = outputs === undefined ? undefined : readOutputs(outputs)
  return {
    id,
    inputs: yield* readInputs(inputs, binary),
    outputs: asked && [...asked.keys()],
    isBinary: (output) => asked?.get(output) ?? binaryOutputs,
  }
}

function* readInputs(inputs: readonly unknown[], binary: Buffer): Steps<Tensor[]> {
  const room = new TensorRoom(binary.length, inputs.length)
  let offset = 0
  const tensors: Tensor[] = []
  for (const [index, input] of inputs.entries()) {
    const path = `inputs[${index}]`
    if (!isObject(input)) throw invalid(path, 'must be an object')
    const { name, datatype, shape, data } = input
    if (typeof name !== 'string') throw invalid(`${path}.name`, 'must be a string')
    if (!isDatatype(datatype)) throw invalid(name, 'has no datatype of the protocol')
    const parameters = parametersOf(input, path)
    refuseUnsupported('input', parameters, path)
    const size = parameters['binary_data_size']
    const asked = [name, datatype, shape as readonly number[]] as const
    if (size === undefined) {
      const isLong = (Array.isArray(data) || data instanceof JsonNumbers) && data.length > ELEMENTS_OF_STEP
      tensors.push(isLong ? yield* tensorFromJsonInSteps(...asked, data) : tensorFromJson(...asked, data))
      continue
    }
    if (data !== undefined) throw invalid(name, 'has both data and a binary_data_size')
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || size > binary.length - offset)
      throw invalid(name, 'has a binary_data_size that the body does not have')
    const bytes = binary.subarray(offset, offset + size)
    offset += size
    tensors.push(yield* tensorFromBytesInSteps(...asked, bytes, room))
    if (bytes.length > ELEMENTS_OF_STEP) yield
  }
  if (offset !== binary.length) throw invalid('The body', `has ${binary.length - offset} bytes more than its tensors`)
  return tensors
}

/** Outputs asked for, each with whether it is to be binary; undefined where that is left to the request. */
function readOutputs(outputs: unknown): Map<string, boolean | undefined> {
  if (!Array.isArray(outputs)) throw invalid('outputs', 'must be an array')
  const asked = new Map<string, boolean | undefined>()
  for (const [index, output] of (outputs as readonly unknown[]).entries()) {
    const path = `outputs[${index}]`
    if (!isObject(output) || typeof output['name'] !== 'string') throw invalid(path, 'must have a name')
    const { name } = output
    if (asked.has(name)) throw invalid(path, `names '${name}' a second time`)
    const parameters = parametersOf(output, path)
    refuseUnsupported('output', parameters, path)
    asked.set(name, flagOf(parameters, 'binary_data', path))
  }
  return asked
}

function flagOf(parameters: Members, name: string, path: string): boolean | undefined {
  const flag = parameters[name]
  if (flag === undefined || typeof flag === 'boolean') return flag
  throw invalid(`${path}.${name}`, 'must be true or false')
}

/** The parameters of a part of a request; none when it has none. */
export function parametersOf(part: Members, path: string): Members {
  const { parameters = {} } = part
  if (isObject(parameters)) return parameters
  throw invalid(`${path}.parameters`, 'must be an object')
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(path: string, what: string): TruelineError {
  return new TruelineError('invalid_request', `${path} ${what}.`, { path })
}
