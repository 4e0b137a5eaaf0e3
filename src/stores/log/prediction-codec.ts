import { promisify } from 'node:util'
import { constants, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { TruelineError } from '../../core/errors.ts'
import { freeMemory } from '../../core/free-memory.ts'
import {
  bytesOf,
  type DecodedPredictions,
  doublesOf,
  type Prediction,
  type PredictionLayout,
  predictionId,
  wordsOf,
} from './prediction-block.ts'

/** A block's content row by row, as it is built. */
export interface PredictionColumns {
  readonly layout: PredictionLayout
  readonly length: number
  /** Modes and decisions by code. */
  readonly texts: readonly string[]
  readonly doubles: Float64Array
  readonly words: Uint32Array
  readonly bytes: Uint8Array
  /** The asking rows in UTF-8, one a line. */
  readonly rows: Uint8Array
}

interface BlockHeader {
  /** Rows of format 1 lack what decided. */
  readonly format: 1 | 2
  readonly layout: PredictionLayout
  readonly length: number
  readonly texts: readonly string[]
}

/** Blocks hold seldom more than so many times their stored bytes, or than so many bytes: then they come out in one piece. */
const RATIO = 16
const WHOLE = 2 ** 21
const LEAST = 2 ** 12

const decompress = promisify(zstdDecompress)

/**
 * A block's stored form: Zstandard (RFC 8878) over [length of header, header as JSON, padding to 8, doubles, words,
 * bytes, rows], little-endian, each of the three sections column by column, which compresses much better than rows.
 */
export function encodePredictions(content: PredictionColumns): Uint8Array {
  const { layout, length, texts } = content
  const shape = shapeOf(layout)
  const header = Buffer.from(JSON.stringify({ format: 2, layout, length, texts } satisfies BlockHeader))
  const sections = sectionsOf(header.length, length, shape)
  const raw = new Uint8Array(sections.rows + content.rows.length)
  new Uint32Array(raw.buffer, 0, 1)[0] = header.length
  raw.set(header, 4)
  transpose(content.doubles, new Float64Array(raw.buffer, sections.doubles, length * shape.doubles), length)
  transpose(content.words, new Uint32Array(raw.buffer, sections.words, length * shape.words), length)
  transpose(content.bytes, new Uint8Array(raw.buffer, sections.bytes, length * shape.bytes), length)
  raw.set(content.rows, sections.rows)
  return zstdCompressSync(raw, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
}

/**
 * The predictions of a stored block.
 * @param sequence its place among those that became durable
 * @throws TruelineError `directory_damaged` when it is not one
 */
export function decodePredictions(number: number, data: Uint8Array, sequence = number): DecodedPredictions {
  try {
    return decode(number, zstdDecompressSync(data, inOnePiece(data)), sequence)
  } catch (cause) {
    throw damaged(number, cause)
  }
}

/** As `decodePredictions`, with what takes long of it in another thread. */
export async function readPredictionBlock(
  number: number,
  data: Uint8Array,
  sequence: number,
): Promise<DecodedPredictions> {
  try {
    return decode(number, await decompress(data, inOnePiece(data)), sequence)
  } catch (cause) {
    throw damaged(number, cause)
  }
}

function inOnePiece({ length }: Uint8Array): { readonly chunkSize: number } {
  return { chunkSize: Math.max(LEAST, Math.min(WHOLE, RATIO * length)) }
}

function damaged(number: number, cause: unknown): TruelineError {
  return new TruelineError('directory_damaged', `Block ${number} of the prediction log cannot be read.`, { cause })
}

/** Memory of its own that begins at offset 0, so that the sections are aligned, and has little to spare. */
function ownMemory(raw: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return raw.byteOffset === 0 && raw.buffer.byteLength <= 2 * raw.length ? raw : new Uint8Array(raw)
}

function decode(number: number, given: Uint8Array<ArrayBuffer>, sequence: number): DecodedPredictions {
  const raw = ownMemory(given)
  const headerLength = new Uint32Array(raw.buffer, 0, 1)[0]!
  const header = JSON.parse(Buffer.from(raw.buffer, 4, headerLength).toString()) as BlockHeader
  const { format, layout, length, texts } = header
  const shape = shapeOf(layout, format)
  const sections = sectionsOf(headerLength, length, shape)
  const doubles = columnsOf(
    shape.doubles,
    length,
    (start) => new Float64Array(raw.buffer, sections.doubles + start * 8, length),
  )
  const words = columnsOf(
    shape.words,
    length,
    (start) => new Uint32Array(raw.buffer, sections.words + start * 4, length),
  )
  const bytes = columnsOf(shape.bytes, length, (start) => new Uint8Array(raw.buffer, sections.bytes + start, length))
  const features = layout.features.length
  const sequences = layout.groups.length
  const textual = format === 1 ? 2 : 3
  let rows: readonly string[] | undefined
  return {
    id: (index) => predictionId(number, index),
    position: (index) => ({ sequence, place: index }),
    layout,
    length,
    t: doubles[0]!,
    servedAt: doubles[1]!,
    score: doubles[2]!,
    values: doubles.slice(3, 3 + features),
    offsets: doubles.slice(3 + features, 3 + features + sequences),
    probabilities: doubles.slice(3 + features + sequences),
    latency: words[0]!,
    generations: words.slice(1),
    statuses: bytes.slice(textual, textual + features),
    partitions: bytes.slice(textual + features),
    get rows() {
      rows ??= Buffer.from(raw.buffer, sections.rows, raw.length - sections.rows)
        .toString()
        .split('\n')
      return rows
    },
    mode: (index) => texts[bytes[0]![index]!]!,
    decision: (index) => texts[bytes[1]![index]! - 1],
    decidedBy: (index) => (format === 1 ? undefined : texts[bytes[2]![index]! - 1]),
    release: () => freeMemory(new Uint8Array(raw.buffer)),
  }
}

/** The probabilities of a prediction of a block; undefined where its model has no classes. */
export function probabilitiesAt(
  { layout, probabilities }: DecodedPredictions,
  index: number,
): Float64Array | undefined {
  return layout.classes === undefined ? undefined : Float64Array.from(probabilities, (column) => column[index]!)
}

/** One prediction of a block. */
export function predictionAt(block: DecodedPredictions, index: number): Prediction {
  const decision = block.decision(index)
  const decidedBy = block.decidedBy(index)
  const probabilities = probabilitiesAt(block, index)
  return {
    id: block.id(index),
    layout: block.layout,
    t: block.t[index]!,
    servedAt: block.servedAt[index]!,
    mode: block.mode(index),
    row: block.rows[index]!,
    values: Float64Array.from(block.values, (column) => column[index]!),
    statuses: Uint8Array.from(block.statuses, (column) => column[index]!),
    cut: block.layout.groups.map((group, at) => ({
      group,
      generation: block.generations[at]![index]!,
      partition: block.partitions[at]![index]!,
      offset: block.offsets[at]![index]!,
    })),
    score: block.score[index]!,
    ...(probabilities === undefined ? {} : { probabilities }),
    ...(decision === undefined ? {} : { decision }),
    ...(decidedBy === undefined ? {} : { decidedBy }),
    latency: block.latency[index]!,
  }
}

interface BlockShape {
  readonly doubles: number
  readonly words: number
  readonly bytes: number
}

function shapeOf(layout: PredictionLayout, format: BlockHeader['format'] = 2): BlockShape {
  const { features, groups } = layout
  return {
    doubles: doublesOf(layout),
    words: wordsOf(groups.length),
    bytes: bytesOf(features.length, groups.length) - (format === 1 ? 1 : 0),
  }
}

function sectionsOf(header: number, length: number, shape: BlockShape) {
  const doubles = Math.ceil((4 + header) / 8) * 8
  const words = doubles + length * shape.doubles * 8
  const bytes = words + length * shape.words * 4
  return { doubles, words, bytes, rows: bytes + length * shape.bytes }
}

type Numbers = Float64Array | Uint32Array | Uint8Array

function transpose(rows: Numbers, columns: Numbers, length: number): void {
  const width = columns.length / length
  for (let column = 0; column < width; column += 1) takeColumn(rows, columns, length, column, width)
}

/** A loop of its own: inside another, the engine optimizes it while it runs and falls back whenever it ends. */
function takeColumn(rows: Numbers, columns: Numbers, length: number, column: number, width: number): void {
  const from = column * length
  for (let row = 0; row < length; row += 1) columns[from + row] = rows[row * width + column]!
}

function columnsOf<Column>(count: number, length: number, view: (start: number) => Column): Column[] {
  return Array.from({ length: count }, (_, column) => view(column * length))
}
