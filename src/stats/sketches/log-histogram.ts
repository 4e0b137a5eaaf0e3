const STEPS = 128
const STEP_SHIFT = 13
/** Numbers are zero or between 2^-200 and 2^200 in size; differences of times are below 2^60. */
const LOWEST = (1023 - 201) * STEPS
const BUCKETS = 402 * STEPS

const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

/**
 * Counts numbers in buckets that widen with their size, 128 for each power of two: any quantile within .4% of its size,
 * and whole numbers below 256 exactly. The counts are exact: the same in any order.
 */
export class LogHistogram {
  #positive: Uint32Array | undefined
  #negative: Uint32Array | undefined
  #zeros = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  add(value: number): void {
    this.#count += 1
    if (value === 0) {
      this.#zeros += 1
      return
    }
    double[0] = value
    const high = halves[1]!
    let bucket = ((high & 0x7fffffff) >>> STEP_SHIFT) - LOWEST
    if (bucket < 0) bucket = 0
    else if (bucket >= BUCKETS) bucket = BUCKETS - 1
    if (value > 0) {
      this.#positive ??= new Uint32Array(BUCKETS)
      this.#positive[bucket]! += 1
    } else {
      this.#negative ??= new Uint32Array(BUCKETS)
      this.#negative[bucket]! += 1
    }
  }

  /**
   * The value that this share of the values do not exceed (nearest rank), within .4%; NaN of none.
   * @param at 0 to 1
   */
  quantile(at: number): number {
    const rank = Math.max(1, Math.ceil(at * this.#count))
    let passed = 0
    for (const [low, high, count] of this.buckets()) {
      passed += count
      if (passed >= rank) return (low + high) / 2
    }
    return Number.NaN
  }

  /** The buckets that hold a value, ascending: from and to which values, and how many. */
  *buckets(): Generator<readonly [low: number, high: number, count: number]> {
    if (this.#negative !== undefined)
      for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
        const count = this.#negative[bucket]!
        if (count > 0) yield [-edgeOf(bucket + 1), -edgeOf(bucket), count]
      }
    if (this.#zeros > 0) yield [0, 0, this.#zeros]
    if (this.#positive !== undefined)
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        const count = this.#positive[bucket]!
        if (count > 0) yield [edgeOf(bucket), edgeOf(bucket + 1), count]
      }
  }
}

/** The smallest size that belongs to a bucket. */
function edgeOf(bucket: number): number {
  halves[0] = 0
  halves[1] = ((bucket + LOWEST) << STEP_SHIFT) >>> 0
  return double[0]!
}
