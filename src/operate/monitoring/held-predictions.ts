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

  add(key: string, id: string, t: number, scores: ArrayLike<number>): void {
    const row = this.#length % ROWS
    if (row === 0)
      this.#segments.push({
        times: new Float64Array(ROWS),
        scores: new Float64Array(ROWS * this.outputs),
        ends: new Uint32Array(2 * ROWS),
        texts: Buffer.allocUnsafeSlow(FIRST_BYTES),
      })
    const segment = this.#segments.at(-1)!
    const from = row === 0 ? 0 : segment.ends[2 * row - 1]!
    const most = from + BYTES_OF_UNIT * (key.length + id.length)
    if (most > segment.texts.length) {
      const texts = Buffer.allocUnsafeSlow(Math.max(most, 2 * segment.texts.length))
      segment.texts.copy(texts, 0, 0, from)
      segment.texts = texts
    }
    const { texts, ends } = segment
    segment.times[row] = t
    for (let output = 0; output < this.outputs; output += 1)
      segment.scores[row * this.outputs + output] = scores[output]!
    const endOfKey = from + texts.write(key, from)
    ends[2 * row] = endOfKey
    ends[2 * row + 1] = endOfKey + texts.write(id, endOfKey)
    this.#length += 1
  }

  key(index: number): string {
    const { texts, ends } = this.#segment(index)
    const row = index % ROWS
    return texts.toString('utf8', row === 0 ? 0 : ends[2 * row - 1]!, ends[2 * row]!)
  }

  id(index: number): string {
    const { texts, ends } = this.#segment(index)
    const row = index % ROWS
    return texts.toString('utf8', ends[2 * row]!, ends[2 * row + 1]!)
  }

  t(index: number): number {
    return this.#segment(index).times[index % ROWS]!
  }

  /** Its scores; they hold as long as this does. */
  scores(index: number): Float64Array {
    const from = (index % ROWS) * this.outputs
    return this.#segment(index).scores.subarray(from, from + this.outputs)
  }

  /** Those whose key passes, in the same order. */
  filter(keep: (key: string) => boolean): HeldPredictions {
    const kept = new HeldPredictions(this.outputs)
    for (let index = 0; index < this.#length; index += 1) {
      const key = this.key(index)
      if (keep(key)) kept.add(key, this.id(index), this.t(index), this.scores(index))
    }
    return kept
  }

  #segment(index: number): Segment {
    return this.#segments[Math.floor(index / ROWS)]!
  }
}
