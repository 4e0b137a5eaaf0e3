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
  readonly #registers: number
  /** Rows by register * RANKS + rank. */
  readonly #rows = new Map<number, number>()
  /** Only once it is read: a sealed bag never is. */
  #highest: HighestRanks | undefined

  constructor(registers: number) {
    this.#registers = registers
  }

  get byteLength(): number {
    return this.#rows.size * BYTES_PER_PAIR + (this.#highest?.byteLength ?? 0)
  }

  withRank(rank: number): number {
    if (this.#highest === undefined) {
      this.#highest = new HighestRanks(this.#registers)
      for (const pair of this.#rows.keys()) this.#highest.raise(pair)
    }
    return this.#highest.withRank(rank)
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
    this.#highest?.fallFrom(pair, this.#rows)
  }

  has(pair: number): boolean {
    return this.#rows.has(pair)
  }

  /** Each of its values is read. */
  trim(): boolean {
    return false
  }

  clear(): void {
    if (this.#rows.size === 0) return
    this.#rows.clear()
    this.#highest?.clear()
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
    const rows = this.#rows.get(pair) ?? 0
    this.#rows.set(pair, rows + by)
    if (rows === 0) this.#highest?.raise(pair)
  }
}

/** The highest rank of each register, and how many registers have each as their highest. */
class HighestRanks {
  readonly #highest: Uint8Array
  readonly #withRank = new Int32Array(RANKS)

  constructor(registers: number) {
    this.#highest = new Uint8Array(registers)
    this.#withRank[0] = registers
  }

  get byteLength(): number {
    return this.#highest.byteLength + this.#withRank.byteLength
  }

  withRank(rank: number): number {
    return this.#withRank[rank] as number
  }

  raise(pair: number): void {
    const rank = pair % RANKS
    const register = (pair - rank) / RANKS
    if (rank > (this.#highest[register] as number)) this.#set(register, rank)
  }

  /** Takes note of a pair that no row gives any more. */
  fallFrom(pair: number, rows: ReadonlyMap<number, number>): void {
    const rank = pair % RANKS
    const register = (pair - rank) / RANKS
    if (rank !== this.#highest[register]) return
    let next = rank - 1
    while (next > 0 && !rows.has(register * RANKS + next)) next -= 1
    this.#set(register, next)
  }

  clear(): void {
    this.#highest.fill(0)
    this.#withRank.fill(0)
    this.#withRank[0] = this.#highest.length
  }

  #set(register: number, rank: number): void {
    const before = this.#highest[register] as number
    this.#withRank[before] = (this.#withRank[before] as number) - 1
    this.#withRank[rank] = (this.#withRank[rank] as number) + 1
    this.#highest[register] = rank
  }
}
