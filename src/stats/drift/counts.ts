import { TruelineError } from '../../core/errors.ts'

/** Counts over the same bins or categories in the same order; whole numbers in practice, any number from 0 allowed. */
export type Counts = Float64Array | Uint32Array | readonly number[]

/**
 * Checks that two samples are counted over the same bins.
 *
 * @throws `invalid_parameter` when the lengths differ or are 0, or a count is negative or not finite.
 */
export function checkCounts(reference: Counts, current: Counts): void {
  if (reference.length !== current.length || reference.length === 0) {
    throw new TruelineError('invalid_parameter', `${reference.length} and ${current.length} bins cannot be compared.`)
  }
  for (const counts of [reference, current]) {
    for (const count of counts) {
      if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) {
        throw new TruelineError('invalid_parameter', `A count of ${count} is none.`)
      }
    }
  }
}

export function totalOf(counts: Counts): number {
  let total = 0
  for (const count of counts) total += count
  return total
}

/**
 * The share of each bin in both samples, after `smoothing` has been added to every count; undefined when a sample is empty.
 *
 * @throws `invalid_parameter` as {@link checkCounts} does.
 */
export function sharesOf(
  reference: Counts,
  current: Counts,
  smoothing = 0,
): { reference: Float64Array; current: Float64Array } | undefined {
  checkCounts(reference, current)
  if (totalOf(reference) === 0 || totalOf(current) === 0) return undefined
  return { reference: shares(reference, smoothing), current: shares(current, smoothing) }
}

function shares(counts: Counts, smoothing: number): Float64Array {
  const total = totalOf(counts) + smoothing * counts.length
  return Float64Array.from(counts, (count) => (count + smoothing) / total)
}
