import { freeMemory } from '../../core/free-memory.ts'

/** Bodies from this size on are gathered where they will lie: to put them together at the end would hold up everybody else. */
const LARGE = 2 ** 20
/** Room for a large body is made when such a part of it has come: what was only announced takes no memory. */
const PART = 8

/** A body of known length that comes in pieces. */
export class ComingBody {
  readonly #bytes: number
  /** What came and is not copied yet, at the front of what has come since. */
  #parts: Buffer[] = []
  /** Where the first of these belongs. */
  #copied = 0
  #room: Buffer | undefined
  #came = 0

  /** @param bytes its length, above 0 */
  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Bytes that are still to come. */
  get missing(): number {
    return this.#bytes - this.#came
  }

  /** Takes a piece, which is not longer than what is missing; nobody else may use it any more. */
  add(piece: Buffer): void {
    this.#came += piece.length
    this.#parts.push(piece)
    if (this.#room === undefined && this.#bytes >= LARGE && this.#came * PART >= this.#bytes)
      this.#room = Buffer.allocUnsafeSlow(this.#bytes)
    // Twice what comes: what came before there was room is copied bit by bit.
    if (this.#room !== undefined) this.#copy(this.#room, 2 * piece.length)
  }

  /** All of it, once nothing is missing. */
  whole(): Buffer {
    if (this.#room === undefined) return Buffer.concat(this.#parts, this.#bytes)
    this.#copy(this.#room, this.#bytes)
    return this.#room
  }

  /** Copies parts to their place until it is at least so many bytes, or all. */
  #copy(room: Buffer, bytes: number): void {
    const until = this.#copied + bytes
    let count = 0
    for (; count < this.#parts.length && this.#copied < until; count += 1) {
      const part = this.#parts[count]!
      this.#copied += part.copy(room, this.#copied)
      freeMemory(part)
    }
    this.#parts.splice(0, count)
  }
}
