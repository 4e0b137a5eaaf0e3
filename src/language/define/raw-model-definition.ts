import type { Prose } from './definitions.ts'

/** A graph that is served as it is, by the inference protocol alone: without features, training or decisions. */
export interface RawModelDefinition extends Prose {
  readonly kind: 'raw_model'
  readonly name: string
  /** Path of the ONNX file, from the folder of the project file. */
  readonly file: string
  /** Shapes of its inputs by name: a request of zeros of these is run before it serves. Absent: none is. */
  readonly warmup?: Readonly<Record<string, readonly number[]>>
}
