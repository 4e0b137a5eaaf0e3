import { packageVersion } from '../../../core/package-version.ts'
import type { TensorModel, TensorSpec } from '../../../models/inference/tensor.ts'

/** What the server is, as the protocol tells it. */
export const serverMetadata = {
  name: 'trueline',
  version: packageVersion,
  /** Names of Triton's extensions. */
  extensions: ['binary_tensor_data', 'model_repository', 'statistics'],
} as const

/** What a model is, as the protocol tells it. */
export interface ModelMetadata {
  readonly name: string
  readonly versions: readonly string[]
  readonly platform: string
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
}

export function modelMetadata({ name, version, platform, inputs, outputs }: TensorModel): ModelMetadata {
  return { name, versions: [version], platform, inputs: inputs.map(shown), outputs: outputs.map(shown) }
}

function shown({ name, datatype, shape }: TensorSpec): TensorSpec {
  return { name, datatype, shape }
}
