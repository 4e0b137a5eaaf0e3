import { freeMemory } from '../../core/free-memory.ts'

/** Bodies from this size on are gathered where they will lie: to put them together at the end would hold up everybody else. */
const LARGE = 2 ** 20
/** Room for a large body is made when such a part of it has come: what was only announced takes no memory. */
const PART = 8

/** A body of known length that comes in pieces. */
export class ComingBody {
  readonly #bytes: number
  #parts: Buffer[] = []
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
    const at = this.#came
    this.#came += piece.length
    if (this.#room === undefined) this.#parts.push(piece)
    else this.#put(piece, at)
    if (this.#room === undefined && this.#bytes >= LARGE && this.#came * PART >= this.#bytes) this.#makeRoom()
  }

  /** All of it, once nothing is missing. */
  whole(): Buffer {
    return this.#room ?? Buffer.concat(this.#parts, this.#bytes)
  }

  #makeRoom(): void {
    const room = Buffer.allocUnsafeSlow(this.#bytes)
    this.#room = room
    let at = 0
    for (const part of this.#parts.splice(0)) at += this.#put(part, at)
  }

  #put(piece: Buffer, at: number): number {
    const copied = piece.copy(this.#room!, at)
    freeMemory(piece)
    return copied
  }
}
