import { randomBytes } from 'node:crypto'

/** A seeded generator: the same seed gives the same numbers on every host. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number
  /** Uniform whole number in [0, below). */
  integer(below: number): number
}

/** Generator after Tommy Ettinger's mulberry32: 32 bits of state, period 2^32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return { next, integer: (below) => Math.floor(next() * below) }
}

/** Bytes that nobody can guess, for a secret: never for what must come out the same again. */
export function secretBytes(length: number): Uint8Array {
  return randomBytes(length)
}
