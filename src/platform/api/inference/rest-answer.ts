import { joinBytes } from '../../../core/join-bytes.ts'
import { ELEMENTS_OF_STEP, type Steps } from '../../../core/slices.ts'
import type { Tensor } from '../../../models/inference/tensor.ts'
import { bytesOfTensorInSteps } from '../../../models/inference/tensor-bytes.ts'
import { jsonOfElements } from '../../../models/inference/tensor-json.ts'
import type { AnsweredInference } from './inference-service.ts'
import { jsonOfMembers } from './json-of-members.ts'

/** The body of an answer. */
export interface RestAnswer {
  readonly body: string | Buffer
  /** Bytes of the JSON before the binary data; undefined where there are none. */
  readonly headerLength: number | undefined
}

/** Pieces of JSON up to so many are joined as texts, which is quicker; more are encoded one by one. */
const FEW_PIECES = 256

/**
 * The answer to a request for inference, with the outputs that are to be binary behind the JSON; made in steps where it
 * is large.
 */
export function* restAnswer(
  { id, model, parameters, outputs }: AnsweredInference,
  isBinary: (output: string) => boolean,
): Steps<RestAnswer> {
  const head = JSON.stringify({
    model_name: model.name,
    model_version: model.version,
    ...(id === undefined ? {} : { id }),
  })
  const pieces = [head.slice(0, -1), ',"parameters":', ...(yield* jsonOfMembers(parameters)), ',"outputs":[']
  const binary: Uint8Array[] = []
  let isLong = pieces.some(({ length }) => length > ELEMENTS_OF_STEP)
  for (const [index, tensor] of outputs.entries()) {
    pieces.push(`${index === 0 ? '{' : ',{'}${headOf(tensor)}`)
    if (isBinary(tensor.name)) {
      const bytes = yield* bytesOfTensorInSteps(tensor)
      binary.push(bytes)
      pieces.push(`,"parameters":{"binary_data_size":${bytes.length}}}`)
      continue
    }
    pieces.push(',"data":[')
    for (let from = 0; from < tensor.data.length; from += ELEMENTS_OF_STEP) {
      const until = Math.min(from + ELEMENTS_OF_STEP, tensor.data.length)
      pieces.push(from === 0 ? '' : ',', jsonOfElements(tensor, from, until))
      isLong ||= until < tensor.data.length
      if (isLong) yield
    }
    pieces.push(']}')
  }
  pieces.push(']}')
  if (!isLong && pieces.length <= FEW_PIECES && binary.length === 0)
    return { body: pieces.join(''), headerLength: undefined }
  const encoded: Buffer[] = []
  let headerLength = 0
  for (const piece of pieces) {
    const bytes = Buffer.from(piece)
    encoded.push(bytes)
    headerLength += bytes.length
    if (bytes.length > ELEMENTS_OF_STEP) yield
  }
  const body = yield* joinBytes([...encoded, ...binary])
  return { body, headerLength: binary.length === 0 ? undefined : headerLength }
}

function headOf({ name, datatype, shape }: Tensor): string {
  return `"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}]`
}
