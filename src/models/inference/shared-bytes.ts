/** Texts that are looked for: a power of 2. */
const SLOTS = 512
/** Longer ones are seldom the same. */
const LONGEST = 64

/**
 * Elements of a tensor of texts, of which a table has many that are the same: those share one copy of their bytes, since an array takes ten
 * times the memory of a short text. They are copied so that what they came in can go before them.
 */
export class SharedBytes {
  readonly #slots: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(SLOTS)

  /** A copy of the bytes of `all` between two places; another element's of before where these are the same. */
  between(all: Uint8Array, from: number, until: number): Uint8Array {
    if (until - from > LONGEST) return new Uint8Array(all.subarray(from, until))
    let hash = until - from
    for (let at = from; at < until; at += 1) hash = Math.imul(hash ^ all[at]!, 0x01000193)
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    const known = this.#slots[slot]
    if (known !== undefined && isSame(known, all, from, until)) return known
    const bytes = new Uint8Array(all.subarray(from, until))
    this.#slots[slot] = bytes
    return bytes
  }
}

function isSame(known: Uint8Array, all: Uint8Array, from: number, until: number): boolean {
  if (known.length !== until - from) return false
  for (let index = 0; index < known.length; index += 1) if (known[index] !== all[from + index]) return false
  return true
}
