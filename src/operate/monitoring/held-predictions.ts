/** Rows of a segment: so few that making one takes no time that anybody notices, and no segment is ever moved. */
const ROWS = 4096
/** Bytes of texts that a segment begins with. */
const FIRST_BYTES = ROWS * 48
/** UTF-8 takes at most so many bytes for a UTF-16 code unit. */
const BYTES_OF_UNIT = 3

interface Segment {
  readonly times: Float64Array
  /** Of each row in turn as many as a prediction has. */
  readonly scores: Float64Array
  readonly hashes: Uint32Array
  /** Of row i the key ends at 2i, and the id, which follows it, at 2i + 1. */
  readonly ends: Uint32Array
  texts: Buffer
}

/**
 * Predictions that wait for their outcomes, in the order in which they were added. They are kept outside the garbage
 * collector's heap: they live for days, and as objects each would be copied and marked again and again while others
 * wait to be served.
 */
export class HeldPredictions {
  /** Scores of a prediction: classes of a model of several, 1 of any other. */
  readonly outputs: number
  readonly #segments: Segment[] = []
  #length = 0

  constructor(outputs = 1) {
    this.outputs = outputs
  }

  get length(): number {
    return this.#length
  }

  /**
   * @param hash of the key, 32 bits: whoever chooses among the predictions by it reads no text
   * @param scores where a prediction has several; copied
   */
  add(key: string, hash: number, id: string, t: number, score: number, scores?: Float64Array): void {
    const row = this.#length % ROWS
    const segment = this.#segmentOfNext()
    const from = startOf(segment, row)
    const texts = roomFor(segment, from, BYTES_OF_UNIT * (key.length + id.length))
    segment.times[row] = t
    if (scores === undefined) segment.scores[row * this.outputs] = score
    else segment.scores.set(scores, row * this.outputs)
    segment.hashes[row] = hash
    const endOfKey = from + texts.write(key, from)
    segment.ends[2 * row] = endOfKey
    segment.ends[2 * row + 1] = endOfKey + texts.write(id, endOfKey)
    this.#length += 1
  }

  /** Adds a prediction of others, as it is there. */
  addFrom(others: HeldPredictions, index: number): void {
    const source = others.#segment(index)
    const place = index % ROWS
    const begin = startOf(source, place)
    const end = source.ends[2 * place + 1]!
    const row = this.#length % ROWS
    const segment = this.#segmentOfNext()
    const from = startOf(segment, row)
    source.texts.copy(roomFor(segment, from, end - begin), from, begin, end)
    segment.times[row] = source.times[place]!
    for (let output = 0; output < this.outputs; output += 1)
      segment.scores[row * this.outputs + output] = source.scores[place * this.outputs + output]!
    segment.hashes[row] = source.hashes[place]!
    segment.ends[2 * row] = from + source.ends[2 * place]! - begin
    segment.ends[2 * row + 1] = from + end - begin
    this.#length += 1
  }

  key(index: number): string {
    const segment = this.#segment(index)
    const row = index % ROWS
    return segment.texts.toString('utf8', startOf(segment, row), segment.ends[2 * row]!)
  }

  hash(index: number): number {
    return this.#segment(index).hashes[index % ROWS]!
  }

  id(index: number): string {
    const { texts, ends } = this.#segment(index)
    const row = index % ROWS
    return texts.toString('utf8', ends[2 * row]!, ends[2 * row + 1]!)
  }

  t(index: number): number {
    return this.#segment(index).times[index % ROWS]!
  }

  /** Its score, or of several the first. */
  score(index: number): number {
    return this.#segment(index).scores[(index % ROWS) * this.outputs]!
  }

  /** All of its scores; they hold as long as this does. */
  scores(index: number): Float64Array {
    const from = (index % ROWS) * this.outputs
    return this.#segment(index).scores.subarray(from, from + this.outputs)
  }

  #segment(index: number): Segment {
    return this.#segments[Math.floor(index / ROWS)]!
  }

  /** The segment that the next row is put in. */
  #segmentOfNext(): Segment {
    if (this.#length % ROWS === 0)
      this.#segments.push({
        times: new Float64Array(ROWS),
        scores: new Float64Array(ROWS * this.outputs),
        hashes: new Uint32Array(ROWS),
        ends: new Uint32Array(2 * ROWS),
        texts: Buffer.allocUnsafeSlow(FIRST_BYTES),
      })
    return this.#segments.at(-1)!
  }
}

/** Where the texts of a row begin. */
function startOf({ ends }: Segment, row: number): number {
  return row === 0 ? 0 : ends[2 * row - 1]!
}

/** The texts of a segment, with so many more bytes from a place on. */
function roomFor(segment: Segment, from: number, bytes: number): Buffer {
  if (from + bytes > segment.texts.length) {
    const texts = Buffer.allocUnsafeSlow(Math.max(from + bytes, 2 * segment.texts.length))
    segment.texts.copy(texts, 0, 0, from)
    segment.texts = texts
  }
  return segment.texts
}
