import { byName } from './by-name.ts'
import { checkOptions } from './check-options.ts'
import type { Prose } from './definitions.ts'
import { proseOf } from './entity.ts'
import { withHidden } from './mentions.ts'
import type { RawModelDefinition } from './raw-model-definition.ts'

interface RawModelOptions extends Prose {
  /** Path of the ONNX file, from the folder of the project file. */
  readonly file: string
  /** Shapes of its inputs by name: a request of zeros of these is run before it serves. */
  readonly warmup?: Readonly<Record<string, readonly number[]>>
}

/**
 * An ONNX graph, served as it is to clients of the Open Inference Protocol: its inputs and outputs are its tensors.
 * @example rawModel('embeddings', { file: 'models/embeddings.onnx', warmup: { tokens: [1, 128] } })
 * @throws TruelineError `definition_invalid` for an option that does not exist
 */
export function rawModel(name: string, options: RawModelOptions): RawModelDefinition {
  checkOptions<RawModelOptions>(`raw model '${name}'`, options, {
    ...{ file: true, warmup: true, owner: true, description: true },
  })
  const { file, warmup } = options
  const definition: RawModelDefinition = {
    ...{ kind: 'raw_model', name, file },
    ...(warmup === undefined ? {} : { warmup: byName(warmup) }),
    ...proseOf(options),
  }
  return withHidden(definition, [], {})
}
