// The kernel's sums in plain doubles, one running total a state: wrong in the last digits of nearly every window, and
// the least that a running sum can cost. The plain side of the live benchmark runs the kernel with this in place of
// src/kernel/exact-sum.ts.
import * as exact from '../src/kernel/exact-sum.ts'

export * from '../src/kernel/exact-sum.ts'

const CELLS = 3

export class ExactMoments extends exact.ExactMoments {
  readonly #cells: Float64Array

  constructor(states: number) {
    super(states)
    this.#cells = new Float64Array(states * CELLS)
  }

  override clear(): void {
    this.#cells.fill(0)
  }

  override clearState(state: number): void {
    this.#cells.fill(0, state * CELLS, (state + 1) * CELLS)
  }

  override move(
    state: number,
    level: exact.MomentLevel,
    data: Float64Array,
    from: number,
    to: number,
    sign: 1 | -1,
  ): void {
    const at = state * CELLS
    let count = this.#cells[at] as number
    let sum = this.#cells[at + 1] as number
    let squares = this.#cells[at + 2] as number
    for (let index = from; index < to; index += 1) {
      const value = data[index] as number
      if (Number.isNaN(value)) continue
      count += sign
      sum += sign * value
      if (level === exact.SQUARES) squares += sign * value * value
    }
    this.#cells[at] = count
    this.#cells[at + 1] = sum
    this.#cells[at + 2] = squares
  }

  override count(state: number): number {
    return this.#cells[state * CELLS] as number
  }

  override sum(state: number): number {
    return this.#cells[state * CELLS + 1] as number
  }

  override spread(state: number): number {
    const at = state * CELLS
    return (this.#cells[at] as number) * (this.#cells[at + 2] as number) - (this.#cells[at + 1] as number) ** 2
  }
}
