import type { Tensor } from '../../../models/inference/tensor.ts'
import { bytesOfTensor } from '../../../models/inference/tensor-bytes.ts'
import { jsonOfTensor } from '../../../models/inference/tensor-json.ts'
import type { AnsweredInference } from './inference-service.ts'

/** The body of an answer. */
export interface RestAnswer {
  readonly body: string | Buffer
  /** Bytes of the JSON before the binary data; undefined where there are none. */
  readonly headerLength: number | undefined
}

/** The answer to a request for inference, with the outputs that are to be binary behind the JSON. */
export function restAnswer(
  { id, model, parameters, outputs }: AnsweredInference,
  isBinary: (output: string) => boolean,
): RestAnswer {
  const binary: Uint8Array[] = []
  const texts = outputs.map((tensor) => {
    if (!isBinary(tensor.name)) return `{${headOf(tensor)},"data":${jsonOfTensor(tensor)}}`
    const bytes = bytesOfTensor(tensor)
    binary.push(bytes)
    return `{${headOf(tensor)},"parameters":{"binary_data_size":${bytes.length}}}`
  })
  const head = JSON.stringify({
    model_name: model.name,
    model_version: model.version,
    ...(id === undefined ? {} : { id }),
    parameters,
  })
  const json = `${head.slice(0, -1)},"outputs":[${texts.join(',')}]}`
  if (binary.length === 0) return { body: json, headerLength: undefined }
  const header = Buffer.from(json)
  return { body: Buffer.concat([header, ...binary]), headerLength: header.length }
}

function headOf({ name, datatype, shape }: Tensor): string {
  return `"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}]`
}
