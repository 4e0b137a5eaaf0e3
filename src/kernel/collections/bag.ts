import type { StateReader, StateWriter } from '../state-words.ts'

/**
 * Values that come and go one by one, and what an aggregate reads of them. It is a function of the values that are in it:
 * taking one away undoes adding it, in any order.
 */
export interface Bag {
  readonly byteLength: number
  add(value: number): void
  /** Takes away a value that was added. */
  remove(value: number): void
  has(value: number): boolean
  /** Lets go of values that are not among so many from either end; returns whether there were any. */
  trim(places: number): boolean
  clear(): void
  /** Adds all that is in another bag of the same kind. */
  merge(other: Bag): void
  write(to: StateWriter): void
  /** Takes over what `write` wrote. */
  read(from: StateReader): void
}
