import type { DataTypeName } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { textCode } from '../../core/text-code.ts'
import type { Category } from '../../language/define/encoding-definition.ts'
import { type Scorer, scoreBlocks } from './scorer.ts'

/**
 * What stands between a vector and a scorer: fitted on training rows, a part of the model, plain JSON. Without `columns`
 * the scorer takes the vector as it is.
 */
export interface Encoders {
  /** The vector, in order. */
  readonly inputs: readonly EncoderInput[]
  /** What the scorer takes, in order; a one-hot encoding gives as many values as it has categories. */
  readonly columns?: readonly FittedColumn[]
}

export interface EncoderInput {
  readonly name: string
  readonly type: DataTypeName
  /** Of a decimal: the number is in whole units of it. */
  readonly scale?: number
}

export interface FittedColumn {
  /** Place among the inputs. */
  readonly input: number
  /** Absent where the input is taken as it is. */
  readonly encoder?: FittedEncoder
}

/** An encoding with what was learnt; null stays missing in all of them. */
export type FittedEncoder =
  /** Of each category 1 or 0; all are 0 for one that is not among them. */
  | { readonly kind: 'oneHot'; readonly categories: readonly Category[] }
  /** The place of the category; -1 for one that is not among them. */
  | { readonly kind: 'ordinal'; readonly categories: readonly Category[] }
  /** The same, for trees that part categories by sets. */
  | { readonly kind: 'category'; readonly categories: readonly Category[] }
  /** The value of the category; that of `unknown` for one that is not among them. */
  | {
      readonly kind: 'target'
      /** Of a model of several classes the one whose share the values are. */
      readonly class?: string
      readonly categories: readonly Category[]
      readonly values: readonly number[]
      readonly unknown: number
    }
  /** How many edges, in ascending order, lie at or below the value. */
  | { readonly kind: 'bucket'; readonly edges: readonly number[] }
  | { readonly kind: 'scale'; readonly center: number; readonly spread: number }

/** Encodes vectors: a pure function of the vector and what was fitted. */
export interface VectorEncoder {
  /** The values that come out, in order. */
  readonly values: readonly EncodedValue[]
  /** Writes what the vector at `offset` of `values` becomes into `encoded`, from its beginning. */
  encode(values: Float64Array, offset: number, encoded: Float64Array): void
  /** Vectors in columns, rows [from, to), encoded: one float32 column for each value that comes out. */
  encodeColumns(columns: readonly Float64Array[], from: number, to: number): Float32Array[]
}

export interface EncodedValue {
  readonly name: string
  /** Places of what it is made from among the inputs, and of its column among those of the encoders. */
  readonly input: number
  readonly column: number
}

/** Writes what a value becomes at a place. */
type Step = (value: number, encoded: Float64Array, at: number) => void

/**
 * The encoder of fitted encoders.
 * @throws TruelineError `artifact_corrupt` for a column whose input is not there
 */
export function createVectorEncoder({
  inputs,
  columns = inputs.map((_, input) => ({ input })),
}: Encoders): VectorEncoder {
  const parts = columns.map(({ input, encoder }: FittedColumn) => {
    const of = inputs[input]
    if (of === undefined)
      throw new TruelineError('artifact_corrupt', `The encoders name input ${input}, which is not there.`)
    return { input, names: namesOf(of.name, encoder), step: stepOf(of, encoder), isPlain: encoder === undefined }
  })
  return {
    values: parts.flatMap(({ input, names }, column) => names.map((name) => ({ name, input, column }))),
    encode(values, offset, encoded) {
      let at = 0
      for (let index = 0; index < parts.length; index += 1) {
        const { input, names, step } = parts[index]!
        step(values[offset + input]!, encoded, at)
        at += names.length
      }
    },
    encodeColumns: (columns, from, to) =>
      parts.flatMap(({ input, names, step, isPlain }) => {
        const values = columns[input]!.subarray(from, to)
        if (isPlain) return [Float32Array.from(values)]
        const encoded = new Float64Array(names.length)
        const into = names.map(() => new Float32Array(values.length))
        for (let row = 0; row < values.length; row += 1) {
          step(values[row]!, encoded, 0)
          for (let place = 0; place < into.length; place += 1) into[place]![row] = encoded[place]!
        }
        return into
      }),
  }
}

/** Scores vectors as they are served: encodes them, and hands them to the scorer. */
export type VectorScorer = Pick<
  Scorer,
  'platform' | 'inputs' | 'outputs' | 'scoreRow' | 'scoreInto' | 'scoreColumns' | 'close'
>

/** The scorer of vectors of a model; of one without encodings, its scorer itself. */
export function createVectorScorer(encoders: Encoders, scorer: Scorer): VectorScorer {
  if (encoders.columns === undefined) return scorer
  const encoder = createVectorEncoder(encoders)
  const width = encoder.values.length
  const inputs = encoders.inputs.length
  const { outputs } = scorer
  const encoded = new Float64Array(width)

  function scoreAll(values: Float64Array, rows: number, scores: Float64Array): void {
    const block = new Float64Array(rows * width)
    for (let row = 0; row < rows; row += 1)
      encoder.encode(values, row * inputs, block.subarray(row * width, (row + 1) * width))
    scores.set(scorer.scoreRows(block, rows))
  }

  return {
    platform: scorer.platform,
    inputs,
    outputs,
    scoreRow(values, offset) {
      encoder.encode(values, offset, encoded)
      return scorer.scoreRow(encoded, 0)
    },
    scoreInto(values, offset, scores, at) {
      encoder.encode(values, offset, encoded)
      scorer.scoreInto(encoded, 0, scores, at)
    },
    scoreColumns: (columns, rows) => scoreBlocks(columns, rows, outputs, scoreAll),
    close: () => scorer.close(),
  }
}

/**
 * The encoders in an artifact's bytes.
 * @throws TruelineError `artifact_corrupt`
 */
export function decodeEncoders(bytes: Uint8Array): Encoders {
  try {
    const encoders = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Encoders
    if (Array.isArray(encoders.inputs)) return encoders
  } catch (cause) {
    throw new TruelineError('artifact_corrupt', 'The encoders of a model cannot be read.', { cause })
  }
  throw new TruelineError('artifact_corrupt', 'The encoders of a model name no inputs.')
}

function namesOf(name: string, encoder: FittedEncoder | undefined): readonly string[] {
  if (encoder === undefined) return [name]
  if (encoder.kind === 'oneHot') return encoder.categories.map((category) => `${name} = ${category}`)
  const ofClass = encoder.kind === 'target' && encoder.class !== undefined ? ` = ${encoder.class}` : ''
  return [`${encoder.kind}(${name})${ofClass}`]
}

function stepOf(input: EncoderInput, encoder: FittedEncoder | undefined): Step {
  if (encoder === undefined)
    return (value, encoded, at) => {
      encoded[at] = value
    }
  // A decimal is encoded as the number that it is, as functions take it.
  const unit = 10 ** (input.scale ?? 0)
  if (encoder.kind === 'oneHot') {
    const { places, size } = placesOf(encoder.categories)
    return (value, encoded, at) => {
      encoded.fill(Number.isNaN(value) ? Number.NaN : 0, at, at + size)
      const place = places.get(value / unit)
      if (place !== undefined) encoded[at + place] = 1
    }
  }
  const apply = numberOf(encoder)
  return (value, encoded, at) => {
    encoded[at] = Number.isNaN(value) ? Number.NaN : apply(value / unit)
  }
}

function numberOf(encoder: Exclude<FittedEncoder, { kind: 'oneHot' }>): (value: number) => number {
  switch (encoder.kind) {
    case 'ordinal':
    case 'category': {
      const { places } = placesOf(encoder.categories)
      return (value) => places.get(value) ?? -1
    }
    case 'target': {
      const { values, unknown } = encoder
      const { places } = placesOf(encoder.categories)
      return (value) => {
        const place = places.get(value)
        return place === undefined ? unknown : values[place]!
      }
    }
    case 'bucket':
      return (value) => edgesAtOrBelow(encoder.edges, value)
    case 'scale': {
      const { center, spread } = encoder
      return (value) => (value - center) / spread
    }
  }
}

function edgesAtOrBelow(edges: readonly number[], value: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (edges[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}

/** Places of categories by the number that a vector holds for each. */
function placesOf(categories: readonly Category[]): { places: ReadonlyMap<number, number>; size: number } {
  return {
    places: new Map(categories.map((category, place) => [numberOfCategory(category), place])),
    size: categories.length,
  }
}

/** What a vector holds for a category: a text's code, 0 or 1 for a bool, a number itself. */
function numberOfCategory(category: Category): number {
  return typeof category === 'string' ? textCode(category) : Number(category)
}
