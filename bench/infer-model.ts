import type { TensorModel } from '../src/models/inference/tensor.ts'
import { numbersOfTensor } from '../src/models/inference/tensor-columns.ts'

export const MODEL = 'sum'
const INPUTS = 34

/** As many inputs as the flights have, and nothing to speak of between them and the answer: what is left is the protocol. */
export const sumModel: TensorModel = {
  ...{ name: MODEL, version: '1', platform: 'bench_sum', parameters: { digest: `sha256:${'0'.repeat(64)}` } },
  inputs: Array.from({ length: INPUTS }, (_, index) => {
    return { name: `group_${index}.feature`, datatype: 'FP64', shape: [-1], column: true } as const
  }),
  outputs: [{ name: 'score', datatype: 'FP64', shape: [-1] }],
  infer(inputs) {
    const scores = new Float64Array(inputs[0]!.shape[0]!)
    for (const tensor of inputs) {
      const column = numbersOfTensor(tensor)
      for (let row = 0; row < scores.length; row += 1) scores[row]! += column[row]!
    }
    return [{ name: 'score', datatype: 'FP64', shape: [scores.length], data: scores }]
  },
  close: async () => undefined,
}
