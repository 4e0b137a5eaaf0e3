import { isUtf8 } from 'node:buffer'
import { TruelineError } from '../../core/errors.ts'

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIXED32 = 5
const MOST_VARINT_BYTES = 10

/**
 * Reads a message in the protocol buffers wire format, field by field: https://protobuf.dev/programming-guides/encoding.
 * Every length is checked against the message before anything is taken, so that memory is bounded by the bytes given.
 *
 * After `next` gave a field, one of the other methods takes its value, or `skip` passes over it.
 */
export class ProtobufReader {
  readonly #bytes: Buffer
  readonly #end: number
  #position: number
  #wire = VARINT

  /** @param bytes a message */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#position = 0
    this.#end = bytes.length
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#end - this.#position
  }

  /**
   * The number of the next field; 0 at the end of the message.
   * @throws TruelineError `invalid_request`, as all methods do for a message that is damaged or of another type
   */
  next(): number {
    if (this.#position === this.#end) return 0
    const tag = this.#varint()
    this.#wire = tag % 8
    const field = Math.floor(tag / 8)
    if (field === 0 || field >= 2 ** 29) throw damaged('a field without a number')
    return field
  }

  /** Passes over a field that is not known. */
  skip(): void {
    if (this.#wire === VARINT) this.#long()
    else if (this.#wire === FIXED64) this.#take(8)
    else if (this.#wire === LENGTH) this.#take(this.#varint())
    else if (this.#wire === FIXED32) this.#take(4)
    else throw damaged(`a field of the wire type ${this.#wire}`)
  }

  /** Bytes or a message, in place. */
  bytes(): Buffer {
    this.#expect(LENGTH)
    const length = this.#varint()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  string(): string {
    const bytes = this.bytes()
    if (!isUtf8(bytes)) throw damaged('a text that is no UTF-8')
    return bytes.toString()
  }

  bool(): boolean {
    this.#expect(VARINT)
    return this.#long() !== 0n
  }

  /** A whole number of 64 bits with a sign; beyond 2^53 the nearest double, which is no safe integer. */
  int64(): number {
    this.#expect(VARINT)
    return this.#signed()
  }

  /** A repeated field of `int64`, packed or one at a time; calls `add` for each. */
  int64s(add: (value: number) => void): void {
    this.#repeated(VARINT, () => add(this.#signed()))
  }

  /** A repeated field of varints as they are stored: without sign, of 64 bits. */
  varints(add: (value: bigint) => void): void {
    this.#repeated(VARINT, () => add(this.#long()))
  }

  /** A repeated field of `float`. */
  floats(add: (value: number) => void): void {
    this.#repeated(FIXED32, () => add(this.#bytes.readFloatLE(this.#take(4))))
  }

  /** A repeated field of `double`. */
  doubles(add: (value: number) => void): void {
    this.#repeated(FIXED64, () => add(this.#bytes.readDoubleLE(this.#take(8))))
  }

  /** Elements come packed in one field or each in its own: a reader takes both. */
  #repeated(wire: number, read: () => void): void {
    if (this.#wire !== LENGTH) {
      this.#expect(wire)
      read()
      return
    }
    const length = this.#varint()
    const end = this.#position + length
    if (end > this.#end) throw truncated()
    while (this.#position < end) read()
    if (this.#position !== end) throw truncated()
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) throw damaged('a field of another type than it should have')
  }

  /** Moves over some bytes; gives where they start. */
  #take(length: number): number {
    const start = this.#position
    if (length > this.#end - start) throw truncated()
    this.#position = start + length
    return start
  }

  /** A tag or a length: what has more than 32 bits is longer than any message. */
  #varint(): number {
    const first = this.#bytes[this.#position]
    if (first !== undefined && first < 128 && this.#position < this.#end) {
      this.#position += 1
      return first
    }
    const value = this.#long()
    if (value > 0xffff_ffffn) throw truncated()
    return Number(value)
  }

  #signed(): number {
    const first = this.#bytes[this.#position]
    if (first !== undefined && first < 128 && this.#position < this.#end) {
      this.#position += 1
      return first
    }
    return Number(BigInt.asIntN(64, this.#long()))
  }

  #long(): bigint {
    // Seven bits a byte: four of them at a time fit into a small integer.
    let value = 0n
    let part = 0
    let shift = 0
    for (let index = 0; index < MOST_VARINT_BYTES; index += 1) {
      if (this.#position === this.#end) throw truncated()
      const byte = this.#bytes[this.#position]!
      this.#position += 1
      part |= (byte & 127) << (7 * (index % 4))
      if (byte < 128) return BigInt.asUintN(64, value | (BigInt(part) << BigInt(shift)))
      if (index % 4 === 3) {
        value |= BigInt(part) << BigInt(shift)
        shift += 28
        part = 0
      }
    }
    throw damaged('a number of more than ten bytes')
  }
}

function truncated(): TruelineError {
  return new TruelineError('invalid_request', 'The message ends in the middle of a field.')
}

function damaged(what: string): TruelineError {
  return new TruelineError('invalid_request', `The message is no protocol buffer of its type: it has ${what}.`)
}
