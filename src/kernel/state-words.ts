const BYTES = 8

/**
 * Writes state as words of eight bytes, growing as it needs to: numbers as they lie in memory, in the byte order of the
 * machine, and texts without loss, lone surrogates included.
 */
export class StateWriter {
  #words = new Float64Array(512)
  #bytes = new Uint8Array(this.#words.buffer)
  #length = 0

  /** In words. */
  get length(): number {
    return this.#length
  }

  /** What was written, until the next write. */
  get written(): Float64Array {
    return this.#words.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  number(value: number): void {
    this.#reserve(1)
    this.#words[this.#length] = value
    this.#length += 1
  }

  numbers(values: Float64Array): void {
    this.#reserve(values.length)
    this.#words.set(values, this.#length)
    this.#length += values.length
  }

  /** Numbers with how many they are. */
  list(values: Float64Array): void {
    this.number(values.length)
    this.numbers(values)
  }

  /** A text: its length, negative when a unit takes two bytes, and its units. */
  text(text: string): void {
    const isWide = hasWideUnit(text)
    const size = text.length * (isWide ? 2 : 1)
    this.number(isWide ? -text.length : text.length)
    this.#reserve(Math.ceil(size / BYTES))
    let byte = this.#length * BYTES
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      this.#bytes[byte++] = unit
      if (isWide) this.#bytes[byte++] = unit >>> 8
    }
    this.#length += Math.ceil(size / BYTES)
  }

  /** Writes over a number that was written. */
  set(at: number, value: number): void {
    this.#words[at] = value
  }

  #reserve(words: number): void {
    if (this.#length + words <= this.#words.length) return
    const larger = new Float64Array(2 ** Math.ceil(Math.log2(this.#length + words)))
    larger.set(this.#words)
    this.#words = larger
    this.#bytes = new Uint8Array(larger.buffer)
  }
}

/** Reads what a `StateWriter` wrote, in the same order. */
export class StateReader {
  readonly #words: Float64Array
  #at: number

  /** @param at where to begin */
  constructor(words: Float64Array, at = 0) {
    this.#words = words
    this.#at = at
  }

  /** Position of what is read next. */
  get at(): number {
    return this.#at
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#words.length
  }

  number(): number {
    return this.#words[this.#at++] as number
  }

  /** The next numbers, where they lie. */
  numbers(count: number): Float64Array {
    this.#at += count
    return this.#words.subarray(this.#at - count, this.#at)
  }

  list(): Float64Array {
    return this.numbers(this.number())
  }

  text(): string {
    const length = this.number()
    const size = length < 0 ? -length * 2 : length
    const { buffer, byteOffset } = this.numbers(Math.ceil(size / BYTES))
    return Buffer.from(buffer as ArrayBuffer, byteOffset, size).toString(length < 0 ? 'utf16le' : 'latin1')
  }
}

function hasWideUnit(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return true
  return false
}
