import { TruelineError } from '../../../core/errors.ts'
import { PREFIX_BYTES } from './grpc-inference.ts'

/** A message as it came, compressed or not. */
export interface FramedMessage {
  readonly isCompressed: boolean
  readonly bytes: Buffer
  /** The memory that was made for this message alone, where it was. */
  readonly room: Buffer | undefined
}

/** Room for a whole message is made when such a part of it has come. */
const PART = 8
const NOTHING = Buffer.alloc(0)

/**
 * Cuts a stream of bytes into messages: each behind a byte that says whether it is compressed, and its length in four.
 * Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message.
 */
export class MessageFramer {
  readonly #limit: number
  /** The beginning of a message, with room behind it. */
  #bytes: Buffer = NOTHING
  #held = 0

  /** @param limit most bytes of a message */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes of a message that has not come whole. */
  get held(): number {
    return this.#held
  }

  /** @throws TruelineError `body_too_large` as soon as a message says that it is, `invalid_request` */
  push(chunk: Buffer): FramedMessage[] {
    const messages: FramedMessage[] = []
    let rest = this.#held === 0 ? chunk : this.#hold(chunk)
    for (let whole = this.#wholeLength(rest); rest.length >= whole; whole = this.#wholeLength(rest)) {
      const room = this.#held > 0 && this.#bytes.length === whole ? this.#bytes : undefined
      messages.push({ isCompressed: rest[0] === 1, bytes: rest.subarray(PREFIX_BYTES, whole), room })
      rest = rest.subarray(whole)
    }
    if (messages.length > 0 || this.#held === 0) {
      // What was cut stays where it is: the beginning of the next message gets room of its own.
      this.#bytes = NOTHING
      this.#held = 0
      if (rest.length > 0) this.#hold(rest)
    }
    return messages
  }

  /** Bytes of the message that begins here, with its prefix; infinite where that is not known yet. */
  #wholeLength(bytes: Buffer): number {
    if (bytes.length < PREFIX_BYTES) return Number.POSITIVE_INFINITY
    const flag = bytes[0]!
    const length = bytes.readUInt32BE(1)
    if (flag > 1) throw new TruelineError('invalid_request', `A message begins with ${flag}, which is no flag.`)
    if (length > this.#limit)
      throw new TruelineError('body_too_large', `A message has ${length} bytes, more than ${this.#limit}.`)
    return PREFIX_BYTES + length
  }

  /**
   * Adds to what is held, in room that doubles: a message in many pieces is not copied with each of them. Once such a part of a message
   * is there that what was only announced takes little memory, it gets room for all of it, and is not copied again.
   */
  #hold(chunk: Buffer): Buffer {
    const length = this.#held + chunk.length
    if (length > this.#bytes.length) {
      const whole = this.#wholeLength(this.#held === 0 ? chunk : this.#bytes.subarray(0, this.#held))
      const room = whole <= PART * length ? whole : 2 * this.#bytes.length
      const larger = Buffer.allocUnsafe(Math.max(length, room))
      this.#bytes.copy(larger, 0, 0, this.#held)
      this.#bytes = larger
    }
    chunk.copy(this.#bytes, this.#held)
    this.#held = length
    return this.#bytes.subarray(0, length)
  }
}
