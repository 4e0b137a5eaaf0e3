const INDEX_BITS = 14
const REGISTERS = 1 << INDEX_BITS
const RANK_BITS = 32

/**
 * Estimates how many different values were seen, within .8% (one standard error), in 16 KB. The state is a function of the
 * set of values: the same in any order, and however often each comes. Source: O. Ertl, "New cardinality estimation algorithms for
 * HyperLogLog sketches" (2017), the improved raw estimator.
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
    let z = REGISTERS * tau((REGISTERS - counts[RANK_BITS + 1]!) / REGISTERS)
    for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + counts[rank]!)
    z += REGISTERS * sigma(counts[0]! / REGISTERS)
    return REGISTERS ** 2 / (2 * Math.LN2) / z
  }
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let power = share
  let factor = 1
  let sum = share
  for (let before = -1; before !== sum; ) {
    power *= power
    before = sum
    sum += power * factor
    factor += factor
  }
  return sum
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let root = share
  let factor = 1
  let sum = 1 - share
  for (let before = -1; before !== sum; ) {
    root = Math.sqrt(root)
    before = sum
    factor *= 0.5
    sum -= (1 - root) ** 2 * factor
  }
  return sum / 3
}
