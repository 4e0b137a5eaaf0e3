import { TruelineError } from '../../core/errors.ts'

/** Buckets per doubling: a bucket is at most 1/32 wide, so that its middle is within 1/64 = 1.6% of what is in it. */
const BUCKETS_PER_DOUBLING = 32
const MANTISSA_BITS_DROPPED = 15 // of the 20 in the upper half of a float, five remain: 32 buckets
const FIRST = 1023 << 5 // exponent bits of 1 microsecond
const DOUBLINGS = 40 // up to 2^40 microseconds, some 12 days
const BUCKETS = DOUBLINGS * BUCKETS_PER_DOUBLING

/** A latency histogram as JSON: only buckets that hold something. */
export interface EncodedLatencies {
  readonly smallest: number
  readonly largest: number
  /** Pairs of a bucket's number and its count. */
  readonly buckets: readonly (readonly [number, number])[]
}

/**
 * Counts of latencies in buckets of equal ratio, as in HdrHistogram and DDSketch (Masson, Rim and Lee 2019): quantiles
 * within 2% of the exact ones, from 1 microsecond to 12 days, in 10 kB. The state depends on the values alone, not on
 * their order, and merging is exact. The bucket is read from the bits of the float: adding takes a few nanoseconds.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS)
  readonly #float = new Float64Array(1)
  readonly #words = new Uint32Array(this.#float.buffer)
  #smallest = Number.POSITIVE_INFINITY
  #largest = 0

  /**
   * Counts a latency, once or several times; what is below one microsecond counts in the lowest bucket, what is above 12 days in
   * the highest.
   *
   * @throws `out_of_range` for a negative latency or NaN.
   */
  add(microseconds: number, times = 1): void {
    if (!(microseconds >= 0))
      throw new TruelineError('out_of_range', `A latency of ${microseconds} microseconds is none.`)
    this.#float[0] = microseconds
    const bucket = Math.min(Math.max((this.#words[1]! >>> MANTISSA_BITS_DROPPED) - FIRST, 0), BUCKETS - 1)
    this.#counts[bucket] = this.#counts[bucket]! + times
    if (microseconds < this.#smallest) this.#smallest = microseconds
    if (microseconds > this.#largest) this.#largest = microseconds
  }

  /** How many latencies were added. */
  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** The largest latency, exactly, in microseconds; undefined when there is none. */
  get largest(): number | undefined {
    return this.#smallest <= this.#largest ? this.#largest : undefined
  }

  /**
   * The latency in microseconds that a share of all latencies does not exceed (the nearest-rank quantile), within 2%;
   * undefined when there is none. The shares 0 and 1 give the smallest and the largest exactly.
   *
   * @throws `invalid_parameter` unless the share is 0 to 1.
   */
  quantile(share: number): number | undefined {
    if (!(share >= 0 && share <= 1)) throw new TruelineError('invalid_parameter', `The share ${share} is not 0 to 1.`)
    const count = this.count
    if (count === 0) return undefined
    if (share === 0) return this.#smallest
    if (share === 1) return this.#largest
    const rank = Math.ceil(share * count)
    let below = 0
    let bucket = -1
    while (below < rank) {
      bucket++
      below += this.#counts[bucket]!
    }
    return Math.min(Math.max(middleOf(bucket), this.#smallest), this.#largest)
  }

  /** Adds all that another histogram counted. */
  merge(other: LatencyHistogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.#counts[bucket] = this.#counts[bucket]! + other.#counts[bucket]!
    }
    this.#smallest = Math.min(this.#smallest, other.#smallest)
    this.#largest = Math.max(this.#largest, other.#largest)
  }

  /** The histogram as JSON; an empty one has a smallest and largest of 0 and no buckets. */
  toJSON(): EncodedLatencies {
    const buckets: [number, number][] = []
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (this.#counts[bucket] !== 0) buckets.push([bucket, this.#counts[bucket]!])
    }
    return { smallest: buckets.length === 0 ? 0 : this.#smallest, largest: this.#largest, buckets }
  }

  /**
   * The histogram that was encoded.
   *
   * @throws `artifact_corrupt` for a bucket that does not exist or a count that is no whole number.
   */
  static fromJSON({ smallest, largest, buckets }: EncodedLatencies): LatencyHistogram {
    const histogram = new LatencyHistogram()
    for (const [bucket, count] of buckets) {
      if (!(bucket in histogram.#counts) || !Number.isSafeInteger(count) || count < 1 || !(smallest <= largest)) {
        throw new TruelineError('artifact_corrupt', `A stored latency histogram is damaged at bucket ${bucket}.`)
      }
      histogram.#counts[bucket] = count
      histogram.#smallest = smallest
      histogram.#largest = largest
    }
    return histogram
  }
}

function middleOf(bucket: number): number {
  const doubling = 2 ** Math.floor(bucket / BUCKETS_PER_DOUBLING)
  return doubling * (1 + ((bucket % BUCKETS_PER_DOUBLING) + 0.5) / BUCKETS_PER_DOUBLING)
}
