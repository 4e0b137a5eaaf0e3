/**
 * The spread of numbers that come in batches: the sum of squared differences from the mean, by two passes over a batch
 * and the pairwise update between them, which loses no digits whatever the mean. Source: T. Chan, G. Golub, R. LeVeque,
 * "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979).
 */
export class RunningSpread {
  #count = 0
  #mean = 0
  #squares = 0

  /** Takes values[0, length); NaN is no value. */
  take(values: Float64Array, length: number): void {
    let count = 0
    let sum = 0
    for (let row = 0; row < length; row += 1) {
      const value = values[row]!
      if (Number.isNaN(value)) continue
      count += 1
      sum += value
    }
    if (count === 0) return
    const mean = sum / count
    let squares = 0
    for (let row = 0; row < length; row += 1) {
      const difference = values[row]! - mean
      if (!Number.isNaN(difference)) squares += difference * difference
    }
    const total = this.#count + count
    const apart = mean - this.#mean
    this.#squares += squares + apart * apart * ((this.#count * count) / total)
    this.#mean += (apart * count) / total
    this.#count = total
  }

  /** Variance of a sample, divided by n - 1; undefined of fewer than two values. */
  get variance(): number | undefined {
    return this.#count < 2 ? undefined : this.#squares / (this.#count - 1)
  }
}
