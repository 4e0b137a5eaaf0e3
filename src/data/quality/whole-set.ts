import { hashNumber } from '../../stats/sketches/hash.ts'
import { PairSet } from './pair-set.ts'

/** Numbers of a page, one bit each: 8 KB. */
const PAGE = 65_536
/** From so many pages on, pages must hold so many numbers each to be worth their memory. */
const FREE_PAGES = 512
const FEWEST_IN_PAGE = 512

const hash = new Uint32Array(2)

/**
 * A set of whole numbers: one bit for each where they lie close together, as numbers that are given out one after another
 * do, and else their hashes.
 */
export class WholeSet {
  #pages = new Map<number, Uint32Array>()
  #hashes: PairSet | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds a safe integer; whether it was not there. */
  add(value: number): boolean {
    const isNew = this.#hashes === undefined ? this.#mark(value) : addHash(this.#hashes, value)
    if (!isNew) return false
    this.#size += 1
    if (this.#pages.size > FREE_PAGES && this.#pages.size * FEWEST_IN_PAGE > this.#size) this.#scatter()
    return true
  }

  #mark(value: number): boolean {
    const number = Math.floor(value / PAGE)
    const at = value - number * PAGE
    let page = this.#pages.get(number)
    if (page === undefined) {
      page = new Uint32Array(PAGE / 32)
      this.#pages.set(number, page)
    }
    const bit = 1 << (at & 31)
    if ((page[at >> 5]! & bit) !== 0) return false
    page[at >> 5]! |= bit
    return true
  }

  #scatter(): void {
    const hashes = new PairSet()
    for (const [number, page] of this.#pages)
      for (let at = 0; at < PAGE; at += 1)
        if ((page[at >> 5]! & (1 << (at & 31))) !== 0) addHash(hashes, number * PAGE + at)
    this.#hashes = hashes
    this.#pages = new Map()
  }
}

function addHash(hashes: PairSet, value: number): boolean {
  hashNumber(value, hash)
  return hashes.add(hash[0]!, hash[1]!)
}
