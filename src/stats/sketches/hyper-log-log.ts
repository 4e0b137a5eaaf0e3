import { estimateDistinct } from '../../core/math/estimate-distinct.ts'

const INDEX_BITS = 14
const REGISTERS = 1 << INDEX_BITS
const RANK_BITS = 32

/**
 * Estimates how many different values were seen, within .8% (one standard error), in 16 KB. The state is a function of the
 * set of values: the same in any order, and however often each comes.
 */
export class HyperLogLog {
  readonly #registers = new Uint8Array(REGISTERS)

  /** @param index and @param rank two independent hashes of the value, 32 bits each */
  add(index: number, rank: number): void {
    const register = index >>> (32 - INDEX_BITS)
    const run = Math.clz32(rank) + 1
    if (run > this.#registers[register]!) this.#registers[register] = run
  }

  estimate(): number {
    const counts = new Float64Array(RANK_BITS + 2)
    for (const register of this.#registers) counts[register] = counts[register]! + 1
    return estimateDistinct((rank) => counts[rank]!, REGISTERS)
  }
}
