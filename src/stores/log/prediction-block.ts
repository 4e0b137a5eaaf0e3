import { TruelineError } from '../../core/errors.ts'
import type { PredictionMasks } from './mask-rows.ts'
import type { PredictionColumns } from './prediction-codec.ts'
import { createSpareBuffers, type SpareBuffers } from './spare-buffers.ts'

/** What the predictions of a block have in common. */
export interface PredictionLayout {
  readonly model: string
  readonly version: number
  /** Digest of the model version. */
  readonly digest: string
  /** Names of the vector's values, in order. */
  readonly features: readonly string[]
  /** Feature groups whose position is recorded with each prediction, in order. */
  readonly groups: readonly string[]
  /** What is masked; absent where nothing is. */
  readonly masks?: PredictionMasks
  /** Names of the classes of a model of several, in the order of their probabilities; absent of any other. */
  readonly classes?: readonly string[]
}

/** One prediction as it is recorded. Arrays are copied, so the caller may use the same ones again. */
export interface NewPrediction {
  /** Microseconds. */
  readonly t: number
  readonly servedAt: number
  /** How it was asked for: 'http', 'play' and so on. */
  readonly mode: string
  /** The asking row as canonical JSON. */
  readonly row: string
  /** The vector, bit for bit, and the kernel's status of each value. */
  readonly values: Float64Array
  readonly statuses: Uint8Array
  /** Position of each group's sequence. */
  readonly generations: ArrayLike<number>
  readonly partitions: ArrayLike<number>
  readonly offsets: ArrayLike<number>
  /** Of a model of several classes the probability of the likeliest one. */
  readonly score: number
  /** One a class of the layout; absent where that names none. */
  readonly probabilities?: Float64Array | undefined
  readonly decision?: string | undefined
  /** What decided, in a word or two, where it was not the score alone: a rule, an override, a fallback. */
  readonly decidedBy?: string | undefined
  /** Microseconds from question to answer, up to 2^32. */
  readonly latency: number
}

/** A prediction read back. */
export interface Prediction {
  readonly id: string
  readonly layout: PredictionLayout
  readonly t: number
  readonly servedAt: number
  readonly mode: string
  readonly row: string
  readonly values: Float64Array
  readonly statuses: Uint8Array
  readonly cut: readonly {
    readonly group: string
    readonly generation: number
    readonly partition: number
    readonly offset: number
  }[]
  readonly score: number
  /** One a class of the layout; absent where that names none. */
  readonly probabilities?: Float64Array
  readonly decision?: string
  readonly decidedBy?: string
  readonly latency: number
}

/** Where a prediction stands among those that became durable: its block's place, and its own in the block. */
export interface PredictionPosition {
  readonly sequence: number
  readonly place: number
}

/** Durable predictions of one layout, column by column: item i of each column belongs to prediction i. */
export interface DecodedPredictions {
  readonly layout: PredictionLayout
  readonly length: number
  readonly t: Float64Array
  readonly servedAt: Float64Array
  readonly score: Float64Array
  /** The probabilities of class c; none where the layout names none. */
  readonly probabilities: readonly Float64Array[]
  readonly latency: Uint32Array
  readonly rows: readonly string[]
  /** The values of feature f. */
  readonly values: readonly Float64Array[]
  readonly statuses: readonly Uint8Array[]
  /** The position of group g. */
  readonly generations: readonly Uint32Array[]
  readonly partitions: readonly Uint8Array[]
  readonly offsets: readonly Float64Array[]
  id(index: number): string
  position(index: number): PredictionPosition
  decision(index: number): string | undefined
  decidedBy(index: number): string | undefined
  mode(index: number): string
  /** Gives its memory back: nothing of it may be read any more. */
  release(): void
}

/** Most predictions in a block: one is read by decoding its whole block. */
export const BLOCK_ROWS = 4096
/** Characters of rows in a block: with long ones it has fewer, so that what waits for the disk takes no more memory. */
const MOST_CHARACTERS = 2 ** 22
/** Most different texts in a block: a byte tells them, and none. */
const MOST_TEXTS = 255
/** Texts that one prediction may bring. */
const TEXTS_OF_ONE = 3

/** The id of a prediction: `p`, its block's number in base 36, a dash, and its place in the block. */
export function predictionId(block: number, index: number): string {
  return `p${block.toString(36)}-${index}`
}

/** The block and place that an id names, spelt as `predictionId` spells it; undefined for a text that is no id. */
export function parsePredictionId(id: string): { readonly block: number; readonly index: number } | undefined {
  // Zeros in front would make other texts of the same place, and what is recorded under one is not found by another.
  const match = /^p(0|[1-9a-z][0-9a-z]{0,9})-(0|[1-9]\d{0,5})$/.exec(id)
  return match === null ? undefined : { block: Number.parseInt(match[1]!, 36), index: Number(match[2]) }
}

/** The id of a prediction that is answered and will not be in the log; the block holds none of these. */
export function unloggedId(block: number, index: number): string {
  return `u${block.toString(36)}-${index}`
}

/** Whether an id is one of a prediction that is not in the log, and never was. */
export function isUnlogged(id: string): boolean {
  return /^u(0|[1-9a-z][0-9a-z]{0,9})-(0|[1-9]\d{0,14})$/.test(id)
}

/** The run and the row that an id of a batch's output names; undefined for other texts. */
export function parseBatchPredictionId(id: string): { readonly run: string; readonly row: number } | undefined {
  const match = /^(b[1-9]\d{0,14})-(0|[1-9]\d{0,14})$/.exec(id)
  return match === null ? undefined : { run: match[1]!, row: Number(match[2]) }
}

/** UTF-8 takes at most so many bytes for a UTF-16 code unit. */
const BYTES_OF_UNIT = 3
const LINE_BREAK = 0x0a

/**
 * Predictions of one model version on their way to the log, row by row into columns. All of a prediction is kept outside
 * the garbage collector's heap: texts that live until the next commit would be copied by most of its collections.
 */
export class PredictionBlock {
  readonly number: number
  readonly layout: PredictionLayout
  #length = 0
  #capacity = 0
  #open = true
  #characters = 0
  #doubles = new Float64Array(0)
  #words = new Uint32Array(0)
  #bytes = new Uint8Array(0)
  /** The rows in UTF-8, with a line break between them: canonical JSON holds none. */
  #rows = Buffer.alloc(0)
  #rowsEnd = 0
  readonly #spare: SpareBuffers
  readonly #texts = new Map<string, number>()

  /** @param spare what its arrays are taken from, and go back to once they are on disk; fresh ones unless given */
  constructor(number: number, layout: PredictionLayout, spare = createSpareBuffers(0)) {
    this.number = number
    this.layout = layout
    this.#spare = spare
  }

  get length(): number {
    return this.#length
  }

  /** No more fits: append it and go on with a new one. */
  get full(): boolean {
    if (this.#length === BLOCK_ROWS || this.#characters >= MOST_CHARACTERS) return true
    return this.#texts.size > MOST_TEXTS - TEXTS_OF_ONE
  }

  /**
   * Adds a prediction and gives its id.
   * @throws TruelineError `internal` when the block is full or was appended already
   */
  add(prediction: NewPrediction): string {
    if (!this.#open || this.full) throw new TruelineError('internal', `Block ${this.number} takes no more predictions.`)
    const index = this.#length
    if (index === this.#capacity) this.#grow()
    const { features, groups, classes } = this.layout
    const width = features.length
    const depth = groups.length
    let at = index * doublesOf(this.layout)
    this.#doubles[at] = prediction.t
    this.#doubles[at + 1] = prediction.servedAt
    this.#doubles[at + 2] = prediction.score
    at += 3
    for (let feature = 0; feature < width; feature += 1) this.#doubles[at + feature] = prediction.values[feature]!
    if (this.layout.masks !== undefined)
      for (const feature of this.layout.masks.features) this.#doubles[at + feature] = Number.NaN
    at += width
    for (let group = 0; group < depth; group += 1) this.#doubles[at + group] = prediction.offsets[group]!
    at += depth
    if (classes !== undefined)
      for (let of = 0; of < classes.length; of += 1) this.#doubles[at + of] = prediction.probabilities![of]!
    at = index * wordsOf(depth)
    this.#words[at] = prediction.latency
    for (let group = 0; group < depth; group += 1) this.#words[at + 1 + group] = prediction.generations[group]!
    at = index * bytesOf(width, depth)
    this.#bytes[at] = this.#code(prediction.mode)
    this.#bytes[at + 1] = prediction.decision === undefined ? 0 : this.#code(prediction.decision) + 1
    this.#bytes[at + 2] = prediction.decidedBy === undefined ? 0 : this.#code(prediction.decidedBy) + 1
    at += TEXTS_OF_ONE
    for (let feature = 0; feature < width; feature += 1) this.#bytes[at + feature] = prediction.statuses[feature]!
    at += width
    for (let group = 0; group < depth; group += 1) this.#bytes[at + group] = prediction.partitions[group]!
    this.#addRow(prediction.row)
    this.#characters += prediction.row.length
    this.#length += 1
    return predictionId(this.number, index)
  }

  /** Closes the block and gives its content for the writer; the arrays may be transferred. */
  seal(): PredictionColumns {
    this.#open = false
    return {
      layout: this.layout,
      length: this.#length,
      texts: [...this.#texts.keys()],
      doubles: this.#doubles,
      words: this.#words,
      bytes: this.#bytes,
      rows: this.#rows.subarray(0, this.#rowsEnd),
    }
  }

  #addRow(row: string): void {
    const most = this.#rowsEnd + 1 + row.length * BYTES_OF_UNIT
    if (most > this.#rows.length) {
      const rows = Buffer.from(this.#spare.take(most))
      rows.set(this.#rows.subarray(0, this.#rowsEnd))
      this.#giveBack(this.#rows)
      this.#rows = rows
    }
    if (this.#length > 0) {
      this.#rows[this.#rowsEnd] = LINE_BREAK
      this.#rowsEnd += 1
    }
    this.#rowsEnd += this.#rows.write(row, this.#rowsEnd)
  }

  #giveBack({ buffer }: Float64Array | Uint32Array | Uint8Array): void {
    this.#spare.give(buffer as ArrayBuffer)
  }

  #code(text: string): number {
    let code = this.#texts.get(text)
    if (code === undefined) {
      code = this.#texts.size
      this.#texts.set(text, code)
    }
    return code
  }

  #grow(): void {
    this.#capacity = Math.min(BLOCK_ROWS, Math.max(16, this.#capacity * 4))
    const width = this.layout.features.length
    const depth = this.layout.groups.length
    const [ofDoubles, ofWords, ofBytes] = [doublesOf(this.layout), wordsOf(depth), bytesOf(width, depth)]
    const doubles = new Float64Array(this.#spare.take(8 * this.#capacity * ofDoubles), 0, this.#capacity * ofDoubles)
    const words = new Uint32Array(this.#spare.take(4 * this.#capacity * ofWords), 0, this.#capacity * ofWords)
    const bytes = new Uint8Array(this.#spare.take(this.#capacity * ofBytes), 0, this.#capacity * ofBytes)
    doubles.set(this.#doubles)
    words.set(this.#words)
    bytes.set(this.#bytes)
    for (const outgrown of [this.#doubles, this.#words, this.#bytes]) this.#giveBack(outgrown)
    this.#doubles = doubles
    this.#words = words
    this.#bytes = bytes
  }
}

/** Doubles of a row: t, served_at, score, the values, the offsets, the probabilities. */
export function doublesOf({ features, groups, classes }: PredictionLayout): number {
  return 3 + features.length + groups.length + (classes?.length ?? 0)
}

/** Words of a row: latency, the generations. */
export function wordsOf(groups: number): number {
  return 1 + groups
}

/** Bytes of a row: mode, decision plus one, what decided plus one, the statuses, the partitions. */
export function bytesOf(features: number, groups: number): number {
  return TEXTS_OF_ONE + features + groups
}
