import type { DataType } from '../../../core/data-type.ts'
import { ExactMoments, SUMS } from '../../../kernel/exact-sum.ts'
import { hashNumber } from '../../../stats/sketches/hash.ts'
import { HyperLogLog } from '../../../stats/sketches/hyper-log-log.ts'
import { LogHistogram } from '../../../stats/sketches/log-histogram.ts'
import type { EventColumn } from '../../../stores/log/event-batch.ts'
import type { Distinct, ProfiledColumn } from './column-profile.ts'
import { NumberCounter } from './number-counter.ts'
import { pictureOf } from './picture.ts'
import { RunningSpread } from './running-spread.ts'

const hash = new Uint32Array(2)

/** Folds a column of numbers, whatever they stand for: bools are 0 and 1, times microseconds, decimals units. */
export class NumberColumn implements ProfiledColumn {
  readonly #type: DataType
  readonly #sum = new ExactMoments(1)
  readonly #spread = new RunningSpread()
  readonly #distinct = new HyperLogLog()
  readonly #counter = new NumberCounter()
  readonly #sizes = new LogHistogram()
  #origin = 0
  #rows = 0
  #nulls = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #negatives = 0

  constructor(type: DataType) {
    this.#type = type
  }

  take(column: EventColumn, length: number): void {
    const values = column as Float64Array
    const isTime = this.#type.type === 'timestamp'
    this.#rows += length
    for (let row = 0; row < length; row += 1) {
      const value = values[row]!
      if (Number.isNaN(value)) {
        this.#nulls += 1
        continue
      }
      // Times are far from zero: their spread is seen from the first of them.
      if (isTime && this.#sizes.count === 0) this.#origin = value
      if (value < this.#min) this.#min = value
      if (value > this.#max) this.#max = value
      if (value < 0) this.#negatives += 1
      this.#sizes.add(value - this.#origin)
      // -0 is 0.
      hashNumber(value + 0, hash)
      if (!this.#counter.add(value, hash[1]!)) continue
      this.#distinct.add(hash[0]!, hash[1]!)
      if (this.#counter.isFull) this.#counter.prune(hashOf)
    }
    this.#sum.move(0, SUMS, values, 0, length, 1)
    if (!isTime) this.#spread.take(values, length)
  }

  get counts(): { readonly rows: number; readonly nulls: number } {
    return { rows: this.#rows, nulls: this.#nulls }
  }

  get distinct(): Distinct {
    const isExact = this.#counter.isExact
    return {
      value: isExact ? this.#counter.size : Math.min(this.#rows - this.#nulls, Math.round(this.#distinct.estimate())),
      isExact,
    }
  }

  top(most: number) {
    const values = [...this.#counter.entries()].sort(([a, countA], [b, countB]) => countB - countA || a - b)
    return { values: values.slice(0, most), isExact: this.#counter.isExact }
  }

  figures() {
    const n = this.#rows - this.#nulls
    if (n === 0) return undefined
    const unit = 10 ** (this.#type.scale ?? 0)
    // Rounding of the mean must not make a constant vary.
    const variance = this.#min === this.#max && n > 1 ? 0 : this.#spread.variance
    return {
      n,
      min: this.#min / unit,
      max: this.#max / unit,
      mean: this.#sum.sum(0) / n / unit,
      ...(variance === undefined || this.#type.type === 'timestamp' ? {} : { stddev: Math.sqrt(variance) / unit }),
      zeros: this.#min > 0 || this.#max < 0 ? 0 : this.#zeros(),
      negatives: this.#negatives,
      quantile: (at: number) => this.#quantile(at) / unit,
    }
  }

  picture(bins: number) {
    const unit = 10 ** (this.#type.scale ?? 0)
    const picture = pictureOf(this.#sizes, bins, this.#origin, unit)
    if (picture === undefined) return undefined
    // The bins of the sizes reach a little beyond the values.
    const { from, to, counts } = picture
    return { from: Math.max(from, this.#min / unit), to: Math.min(to, this.#max / unit), counts }
  }

  deciles() {
    const n = this.#sizes.count
    const unit = 10 ** (this.#type.scale ?? 0)
    const edges: number[] = []
    const counts: number[] = []
    let [inBin, passed, next] = [0, 0, 1]
    for (const [, high, count] of this.#sizes.buckets()) {
      inBin += count
      passed += count
      if (passed < (next * n) / 10 || passed === n) continue
      // A bucket of positive numbers ends just below its end.
      edges.push((high > 0 ? high * (1 - Number.EPSILON / 2) + this.#origin : high + this.#origin) / unit)
      counts.push(inBin)
      inBin = 0
      next = Math.floor((passed * 10) / n) + 1
    }
    return { edges, counts: [...counts, inBin] }
  }

  #quantile(at: number): number {
    const value = this.#sizes.quantile(at) + this.#origin
    const whole = this.#type.type === 'number' ? value : Math.floor(value)
    return Math.min(this.#max, Math.max(this.#min, whole))
  }

  #zeros(): number {
    for (const [low, high, count] of this.#sizes.buckets()) if (low === 0 && high === 0) return count
    return 0
  }
}

function hashOf(value: number): number {
  hashNumber(value, hash)
  return hash[1]!
}
