import type { RegisterRanks } from '../../language/aggregate/collection.ts'
import type { StateReader, StateWriter } from '../state-words.ts'
import type { Bag } from './bag.ts'

/** Ranks of one register are next to each other. */
const RANKS = 64
/** About what a Map takes for an entry. */
const BYTES_PER_PAIR = 40

/**
 * The highest rank of each register of a HyperLogLog sketch, out of which ranks can be taken again: it counts how many rows
 * gave each register each rank, of which there are only as many as registers times the logarithm of the different values.
 */
export class RegisterBag implements Bag, RegisterRanks {
  /** Rows by register * RANKS + rank. */
  readonly #rows = new Map<number, number>()
  readonly #highest: Uint8Array
  readonly #withRank = new Int32Array(RANKS)

  constructor(registers: number) {
    this.#highest = new Uint8Array(registers)
    this.#withRank[0] = registers
  }

  get byteLength(): number {
    return this.#highest.byteLength + this.#withRank.byteLength + this.#rows.size * BYTES_PER_PAIR
  }

  withRank(rank: number): number {
    return this.#withRank[rank] as number
  }

  add(pair: number): void {
    this.#addRows(pair, 1)
  }

  remove(pair: number): void {
    const rows = this.#rows.get(pair) as number
    if (rows > 1) {
      this.#rows.set(pair, rows - 1)
      return
    }
    this.#rows.delete(pair)
    const rank = pair % RANKS
    const register = (pair - rank) / RANKS
    if (rank !== this.#highest[register]) return
    let next = rank - 1
    while (next > 0 && !this.#rows.has(register * RANKS + next)) next -= 1
    this.#setHighest(register, next)
  }

  clear(): void {
    if (this.#rows.size === 0) return
    this.#rows.clear()
    this.#highest.fill(0)
    this.#withRank.fill(0)
    this.#withRank[0] = this.#highest.length
  }

  merge(other: RegisterBag): void {
    for (const [pair, rows] of other.#rows) this.#addRows(pair, rows)
  }

  write(to: StateWriter): void {
    to.list(Float64Array.from(this.#rows.keys()))
    to.numbers(Float64Array.from(this.#rows.values()))
  }

  read(from: StateReader): void {
    this.clear()
    const pairs = from.list()
    const rows = from.numbers(pairs.length)
    for (const [index, pair] of pairs.entries()) this.#addRows(pair, rows[index] as number)
  }

  #addRows(pair: number, by: number): void {
    this.#rows.set(pair, (this.#rows.get(pair) ?? 0) + by)
    const rank = pair % RANKS
    const register = (pair - rank) / RANKS
    if (rank > (this.#highest[register] as number)) this.#setHighest(register, rank)
  }

  #setHighest(register: number, rank: number): void {
    const before = this.#highest[register] as number
    this.#withRank[before] = (this.#withRank[before] as number) - 1
    this.#withRank[rank] = (this.#withRank[rank] as number) + 1
    this.#highest[register] = rank
  }
}
