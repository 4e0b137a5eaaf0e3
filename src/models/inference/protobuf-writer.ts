const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIRST_CAPACITY = 512
const MOST_VARINT_BYTES = 10

/**
 * Writes a message in the protocol buffers wire format: https://protobuf.dev/programming-guides/encoding. As in proto3, what has the
 * default value of its type is left out.
 */
export class ProtobufWriter {
  #bytes: Buffer
  #length: number

  /** @param ahead bytes to leave free before the message */
  constructor(ahead = 0) {
    this.#bytes = Buffer.allocUnsafe(FIRST_CAPACITY)
    this.#length = ahead
  }

  /** What was written, with the bytes ahead; the writer is not used afterwards. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  bool(field: number, value: boolean): void {
    if (value) this.uint64(field, 1)
  }

  /** A whole number from 0 to 2^53. */
  uint64(field: number, value: number): void {
    if (value !== 0) this.#number(field, value)
  }

  double(field: number, value: number): void {
    this.#reserve(MOST_VARINT_BYTES + 8)
    this.#varint(field * 8 + FIXED64)
    this.#length = this.#bytes.writeDoubleLE(value, this.#length)
  }

  string(field: number, text: string): void {
    if (text !== '') this.element(field, text)
  }

  /** Text, bytes or an empty message, also when there is nothing in it: an element of a repeated field. */
  element(field: number, content: string | Uint8Array): void {
    const length = typeof content === 'string' ? Buffer.byteLength(content) : content.length
    this.#reserve(2 * MOST_VARINT_BYTES + length)
    this.#varint(field * 8 + LENGTH)
    this.#varint(length)
    if (typeof content === 'string') this.#bytes.write(content, this.#length)
    else this.#bytes.set(content, this.#length)
    this.#length += length
  }

  /** Whole numbers as one packed field: numbers from -1 to 2^53, or bigint of 64 bits. */
  int64s(field: number, values: Iterable<number | bigint>): void {
    this.message(field, () => {
      for (const value of values) {
        this.#reserve(MOST_VARINT_BYTES)
        if (typeof value === 'bigint' || value < 0) this.#long(BigInt.asUintN(64, BigInt(value)))
        else this.#varint(value)
      }
    })
  }

  /** A message: whatever `write` writes. */
  message(field: number, write: () => void): void {
    this.#reserve(2 * MOST_VARINT_BYTES)
    this.#varint(field * 8 + LENGTH)
    // Most messages are short: their length takes the one byte that is left for it, others are moved.
    const start = this.#length + 1
    this.#length = start
    write()
    const length = this.#length - start
    let extra = 0
    for (let rest = length; rest > 127; rest = Math.floor(rest / 128)) extra += 1
    if (extra > 0) {
      this.#reserve(extra)
      this.#bytes.copyWithin(start + extra, start, start + length)
    }
    this.#length = start - 1
    this.#varint(length)
    this.#length = start + extra + length
  }

  #number(field: number, value: number): void {
    this.#reserve(2 * MOST_VARINT_BYTES)
    this.#varint(field * 8 + VARINT)
    this.#varint(value)
  }

  #varint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#bytes[this.#length] = (rest % 128) | 128
      this.#length += 1
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length] = rest
    this.#length += 1
  }

  #long(value: bigint): void {
    let rest = value
    while (rest > 127n) {
      this.#bytes[this.#length] = Number(rest & 127n) | 128
      this.#length += 1
      rest >>= 7n
    }
    this.#bytes[this.#length] = Number(rest)
    this.#length += 1
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
