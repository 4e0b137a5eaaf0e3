import { FIRST_LANE } from './rows.ts'

/**
 * The smallest value (sign 1) or the largest (sign -1) of a lane from any row up to the head, for every window at once.
 *
 * It holds the positions of rows that no later row beats, oldest first, so the answer from a row on is the first
 * position at or after it: the monotonic queue of sliding-window minima, of which each window reads its own part.
 */
export class SuffixExtremes {
  readonly #column: number
  readonly #sign: 1 | -1
  #positions = new Int32Array(8)
  #start = 0
  #end = 0
  /** It answers for rows of [from, head). */
  #from = 0
  #head = 0

  constructor(lane: number, sign: 1 | -1) {
    this.#column = FIRST_LANE + lane
    this.#sign = sign
  }

  get byteLength(): number {
    return this.#positions.byteLength
  }

  /** Whether it has looked at no rows: it can be left behind, to be moved when it is needed. */
  get isEmpty(): boolean {
    return this.#from === this.#head
  }

  /** Sets it to hold no rows, the next of which is at `origin`. */
  reset(origin: number): void {
    this.#start = 0
    this.#end = 0
    this.#from = origin
    this.#head = origin
  }

  /** Moves so that rows of [from, head) can be asked for. */
  seek(data: Float64Array, capacity: number, from: number, head: number): void {
    if (head < this.#head || from < this.#from || from > this.#head) this.reset(from)
    const base = this.#column * capacity
    for (let position = this.#head; position < head; position++) this.#add(data, base, position)
    this.#head = head
    while (this.#start < this.#end && (this.#positions[this.#start] as number) < from) this.#start += 1
    this.#from = from
  }

  /** Takes note of a row that was put at a position; at or after its own head it is of no account. */
  insert(data: Float64Array, capacity: number, position: number): void {
    if (position >= this.#head) return
    const positions = this.#positions
    let index = this.#end
    while (index > this.#start && (positions[index - 1] as number) >= position) {
      index -= 1
      positions[index] = (positions[index] as number) + 1
    }
    this.#head += 1
    if (position < this.#from) {
      this.#from += 1
      return
    }
    const base = this.#column * capacity
    const value = this.#sign * (data[base + position] as number)
    const isBeaten = index < this.#end && this.#valueAt(data, base, index) <= value
    if (Number.isNaN(value) || isBeaten) return
    const later = positions.slice(index, this.#end)
    this.#end = index
    this.#add(data, base, position)
    for (const other of later) this.#push(other)
  }

  /** Takes note of a row that is about to be taken away; it is still at its position. */
  remove(data: Float64Array, capacity: number, position: number): void {
    if (position >= this.#head) return
    const base = this.#column * capacity
    let index = this.#end
    while (index > this.#start && (this.#positions[index - 1] as number) >= position) index -= 1
    if (index < this.#end && this.#positions[index] === position) {
      const later = this.#positions.slice(index + 1, this.#end)
      this.#end = index
      // What only this row beat is not beaten any more.
      const from = index > this.#start ? (this.#positions[index - 1] as number) + 1 : this.#from
      for (let row = from; row < position; row++) this.#add(data, base, row)
      if (later[0] !== undefined) this.#dropBeaten(data, base, this.#sign * (data[base + later[0]] as number))
      for (const other of later) this.#push(other - 1)
    } else {
      for (let entry = index; entry < this.#end; entry++)
        this.#positions[entry] = (this.#positions[entry] as number) - 1
    }
    if (position < this.#from) this.#from -= 1
    this.#head -= 1
  }

  /** The smallest (largest) value of the rows from `tail` to the head; NaN when there is none. */
  from(data: Float64Array, capacity: number, tail: number): number {
    let low = this.#start
    let high = this.#end
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#positions[middle] as number) < tail) low = middle + 1
      else high = middle
    }
    if (low === this.#end) return Number.NaN
    return data[this.#column * capacity + (this.#positions[low] as number)] as number
  }

  /** Takes in a row after all that are held. */
  #add(data: Float64Array, base: number, position: number): void {
    const value = this.#sign * (data[base + position] as number)
    if (Number.isNaN(value)) return
    this.#dropBeaten(data, base, value)
    this.#push(position)
  }

  #dropBeaten(data: Float64Array, base: number, value: number): void {
    while (this.#end > this.#start && this.#valueAt(data, base, this.#end - 1) >= value) this.#end -= 1
  }

  #valueAt(data: Float64Array, base: number, index: number): number {
    return this.#sign * (data[base + (this.#positions[index] as number)] as number)
  }

  #push(position: number): void {
    if (this.#end === this.#positions.length) this.#makeRoom()
    this.#positions[this.#end++] = position
  }

  #makeRoom(): void {
    const held = this.#positions.subarray(this.#start, this.#end)
    const target =
      held.length * 2 > this.#positions.length ? new Int32Array(this.#positions.length * 2) : this.#positions
    target.set(held)
    this.#positions = target
    this.#end = held.length
    this.#start = 0
  }
}
