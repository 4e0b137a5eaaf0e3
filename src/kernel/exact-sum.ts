import { type Expansion, errorOfSquare, growByProduct, growExpansion, roundExpansion } from '../core/math/expansion.ts'
import { roundedSpread } from './rounded-spread.ts'
import type { StateReader, StateWriter } from './state-words.ts'

/** What is summed over a window: how many values, their sum, the sum of their squares. Each level includes those before. */
export const COUNTS = 0
export const SUMS = 1
export const SQUARES = 2

export type MomentLevel = typeof COUNTS | typeof SUMS | typeof SQUARES

/** Cells of one state: count, then two limbs of the sum, then three of the sum of squares, which have twice as many bits. */
const CELLS = 6
const SUM = 1
const SUM_LIMBS = 2
const SQUARE = 3
const SQUARE_LIMBS = 3

/**
 * Exact running moments of several windows, each a state that values are added to and taken from.
 *
 * A sum is two doubles, `high + low`, both updated by Knuth's TwoSum, and one of squares three; what the last cannot hold
 * spills into an expansion. So no bit is ever lost, taking a value away undoes adding it, and the rounded sum is a
 * function of the values alone. Whole numbers never touch the second limb below 2^53.
 */
export class ExactMoments {
  readonly #cells: Float64Array
  /** Residuals by the cell of the highest limb: rare, so not a cell; undefined before the first. */
  #spilled: Map<number, Expansion> | undefined

  constructor(states: number) {
    this.#cells = new Float64Array(states * CELLS)
  }

  get byteLength(): number {
    return this.#cells.byteLength
  }

  /** Sets all states to no values. */
  clear(): void {
    this.#cells.fill(0)
    this.#spilled?.clear()
  }

  clearState(state: number): void {
    const at = state * CELLS
    for (let cell = at; cell < at + CELLS; cell++) this.#cells[cell] = 0
    if (this.#spilled === undefined || this.#spilled.size === 0) return
    this.#spilled.delete(at + SUM)
    this.#spilled.delete(at + SQUARE)
  }

  /** Adds all that another's state holds to the same state here. */
  merge(other: ExactMoments, state: number): void {
    const at = state * CELLS
    this.#cells[at] = (this.#cells[at] as number) + (other.#cells[at] as number)
    for (const [high, limbs] of [
      [at + SUM, SUM_LIMBS],
      [at + SQUARE, SQUARE_LIMBS],
    ] as const) {
      for (let limb = 0; limb < limbs; limb++) this.#add(high, other.#cells[high + limb] as number)
      for (const part of other.#spilled?.get(high) ?? []) this.#add(high, part)
    }
  }

  /**
   * Adds the values of data[from, to) to a state, or takes them away; NaN is no value.
   * @param sign 1 to add, -1 to take away what was added
   */
  move(state: number, level: MomentLevel, data: Float64Array, from: number, to: number, sign: 1 | -1): void {
    if (level === COUNTS) this.#count(state, data, from, to, sign)
    else if (level === SUMS) this.#sum(state, data, from, to, sign)
    else this.#square(state, data, from, to, sign)
  }

  count(state: number): number {
    return this.#cells[state * CELLS] as number
  }

  /** The correctly rounded sum of the values; 0 when there are none. */
  sum(state: number): number {
    const high = state * CELLS + SUM
    if (this.#hasSpilled(high)) return roundExpansion(this.#settle(high, SUM_LIMBS))
    return (this.#cells[high] as number) + (this.#cells[high + 1] as number)
  }

  /** n * (sum of squares) - (sum)^2 of the n values, correctly rounded. */
  spread(state: number): number {
    const at = state * CELLS
    const count = this.#cells[at] as number
    if (this.#isOneLimb(at + SUM, SUM_LIMBS) && this.#isOneLimb(at + SQUARE, SQUARE_LIMBS)) {
      const sum = this.#cells[at + SUM] as number
      const squares = this.#cells[at + SQUARE] as number
      const left = count * squares
      const right = sum * sum
      // Whole numbers below 2^53, as delays and cents are: both products and their difference are exact.
      if (isWhole(sum) && isWhole(squares) && isWhole(left) && isWhole(right)) return left - right
    }
    if (count < 2) return 0
    if (!this.#hasSpilled(at + SUM) && !this.#hasSpilled(at + SQUARE)) {
      const spread = this.#spreadOfLimbs(at, count)
      if (!Number.isNaN(spread)) return spread
    }
    const sum = this.#settle(at + SUM, SUM_LIMBS)
    const total: Expansion = []
    for (const part of this.#settle(at + SQUARE, SQUARE_LIMBS)) growByProduct(total, count, part)
    for (const [index, part] of sum.entries()) {
      growByProduct(total, -part, part)
      for (let other = 0; other < index; other++) growByProduct(total, -2 * part, sum[other] as number)
    }
    return roundExpansion(total)
  }

  /** Writes all states. */
  write(to: StateWriter): void {
    to.list(this.#cells)
    to.number(this.#spilled?.size ?? 0)
    for (const [high, expansion] of this.#spilled ?? []) {
      to.number(high)
      to.list(Float64Array.from(expansion))
    }
  }

  /** Takes over what `write` wrote of as many states. */
  read(from: StateReader): void {
    this.clear()
    this.#cells.set(from.list())
    for (let left = from.number(); left > 0; left--) {
      this.#spilled ??= new Map()
      this.#spilled.set(from.number(), [...from.list()])
    }
  }

  #count(state: number, data: Float64Array, from: number, to: number, sign: number): void {
    let count = this.#cells[state * CELLS] as number
    for (let index = from; index < to; index++) if (!Number.isNaN(data[index])) count += sign
    this.#cells[state * CELLS] = count
  }

  #sum(state: number, data: Float64Array, from: number, to: number, sign: number): void {
    const at = state * CELLS
    const cells = this.#cells
    let count = cells[at] as number
    let high = cells[at + 1] as number
    let low = cells[at + 2] as number
    for (let index = from; index < to; index++) {
      const value = sign * (data[index] as number)
      if (Number.isNaN(value)) continue
      count += sign
      const sum = high + value
      const other = sum - high
      const error = high - (sum - other) + (value - other)
      high = sum
      if (error === 0) continue
      const lowSum = low + error
      const lowOther = lowSum - low
      const residual = low - (lowSum - lowOther) + (error - lowOther)
      low = lowSum
      if (residual !== 0) this.#spill(at + 1, residual)
    }
    cells[at] = count
    cells[at + 1] = high
    cells[at + 2] = low
  }

  #square(state: number, data: Float64Array, from: number, to: number, sign: number): void {
    this.#sum(state, data, from, to, sign)
    const at = state * CELLS + SQUARE
    const cells = this.#cells
    let high = cells[at] as number
    let middle = cells[at + 1] as number
    let low = cells[at + 2] as number
    for (let index = from; index < to; index++) {
      const value = data[index] as number
      if (Number.isNaN(value)) continue
      const rounded = value * value
      const square = sign * rounded
      let sum = high + square
      let other = sum - high
      const error = high - (sum - other) + (square - other)
      high = sum
      const left = sign * errorOfSquare(value, rounded)
      if (error === 0 && left === 0) continue
      sum = middle + error
      other = sum - middle
      const first = middle - (sum - other) + (error - other)
      middle = sum
      sum = middle + left
      other = sum - middle
      const second = middle - (sum - other) + (left - other)
      middle = sum
      if (first === 0 && second === 0) continue
      sum = low + first
      other = sum - low
      const firstResidual = low - (sum - other) + (first - other)
      low = sum
      sum = low + second
      other = sum - low
      const secondResidual = low - (sum - other) + (second - other)
      low = sum
      if (firstResidual !== 0) this.#spill(at, firstResidual)
      if (secondResidual !== 0) this.#spill(at, secondResidual)
    }
    cells[at] = high
    cells[at + 1] = middle
    cells[at + 2] = low
  }

  #add(high: number, value: number): void {
    const cells = this.#cells
    const before = cells[high] as number
    const sum = before + value
    const other = sum - before
    const error = before - (sum - other) + (value - other)
    cells[high] = sum
    if (error === 0) return
    const low = cells[high + 1] as number
    const lowSum = low + error
    const lowOther = lowSum - low
    const residual = low - (lowSum - lowOther) + (error - lowOther)
    cells[high + 1] = lowSum
    if (residual !== 0) this.#spill(high, residual)
  }

  #spill(high: number, residual: number): void {
    this.#spilled ??= new Map()
    let expansion = this.#spilled.get(high)
    if (expansion === undefined) {
      expansion = []
      this.#spilled.set(high, expansion)
    }
    growExpansion(expansion, residual)
  }

  /** NaN where it is not sure. */
  #spreadOfLimbs(at: number, count: number): number {
    const cells = this.#cells
    const sumHigh = cells[at + SUM] as number
    const sumLow = cells[at + SUM + 1] as number
    const sum = sumHigh + sumLow
    let other = sum - sumHigh
    const sumError = sumHigh - (sum - other) + (sumLow - other)
    const high = cells[at + SQUARE] as number
    const middle = cells[at + SQUARE + 1] as number
    const low = cells[at + SQUARE + 2] as number
    const squares = high + middle
    other = squares - high
    const error = high - (squares - other) + (middle - other)
    // The last limb is added with a rounding, which must not show.
    if (Math.abs(error) + Math.abs(low) > squares * 2 ** -50) return Number.NaN
    const squaresError = error + low
    return roundedSpread(count, sum, sumError, squares, squaresError)
  }

  #hasSpilled(high: number): boolean {
    return this.#spilled !== undefined && this.#spilled.size > 0 && this.#spilled.has(high)
  }

  #isOneLimb(high: number, limbs: number): boolean {
    for (let limb = 1; limb < limbs; limb++) if (this.#cells[high + limb] !== 0) return false
    return !this.#hasSpilled(high)
  }

  /** A sum as an expansion, of which the largest parts become limbs again: usually nothing is left over. */
  #settle(high: number, limbs: number): Expansion {
    const parts: Expansion = [...(this.#spilled?.get(high) ?? [])]
    for (let limb = limbs - 1; limb >= 0; limb--) growExpansion(parts, this.#cells[high + limb] as number)
    for (let limb = 0; limb < limbs; limb++) this.#cells[high + limb] = parts[parts.length - 1 - limb] ?? 0
    if (parts.length > limbs) this.#spilled?.set(high, parts.slice(0, -limbs))
    else this.#spilled?.delete(high)
    return parts
  }
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value)
}
