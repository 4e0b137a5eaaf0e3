import { rowHash } from './row-hash.ts'

/** Bin 0 holds missing values, so that a byte has room for 255 bins of values, which 254 cuts part. */
const MOST_CUTS = 254
const SAMPLE = 65_536

/**
 * The values at which a column may be split, rising: `x < cut` goes left. Between neighbouring distinct values where
 * there are few, else at even ranks of a sample of 65,536 rows, one drawn from each stretch of the column. A column with
 * missing values has a last cut at Infinity, which parts what is present from what is missing.
 * @param maxBins most bins for values that are present, 2 to 255
 */
export function quantileCuts(column: Float32Array, maxBins: number): Float32Array {
  const sample = sampleOf(column)
  const cuts = cutsOf(sample, maxBins)
  if (sample.length === 0 || !hasMissing(column)) return Float32Array.from(cuts)
  return Float32Array.from([...cuts.slice(0, MOST_CUTS - 1), Number.POSITIVE_INFINITY])
}

function hasMissing(column: Float32Array): boolean {
  for (let row = 0; row < column.length; row += 1) if (Number.isNaN(column[row])) return true
  return false
}

/** What is present in the sample, sorted. */
function sampleOf(column: Float32Array): Float32Array {
  const rows = column.length
  const size = Math.min(rows, SAMPLE)
  const sample = new Float32Array(size)
  let filled = 0
  for (let i = 0; i < size; i += 1) {
    const from = Math.floor((i * rows) / size)
    const stretch = Math.floor(((i + 1) * rows) / size) - from
    // A random row of the stretch: a fixed step could fall in with a period of the data.
    const value = column[from + (rowHash(0, i) % stretch)] as number
    if (!Number.isNaN(value)) sample[filled++] = value
  }
  return sample.subarray(0, filled).sort()
}

/** Between all values where there are no more than bins; else next to the ranks that part the sample evenly. */
function cutsOf(sample: Float32Array, maxBins: number): number[] {
  const values = new Float32Array(sample.length)
  const counts = new Float64Array(sample.length)
  let distinct = 0
  for (let i = 0; i < sample.length; i += 1) {
    const value = sample[i] as number
    // -0 equals +0 and joins it here.
    if (distinct === 0 || value !== values[distinct - 1]) values[distinct++] = value
    counts[distinct - 1]! += 1
  }
  const all = distinct <= maxBins
  const shares = counts.subarray(0, distinct)
  if (!all) curbFrequent(shares, sample.length / maxBins)
  const step = shares.reduce((sum, share) => sum + share, 0) / maxBins
  const cuts: number[] = []
  let below = 0
  let rank = 1
  for (let i = 0; i + 1 < distinct; i += 1) {
    below += shares[i] as number
    const next = i + 2 < distinct ? below + (shares[i + 1] as number) : Number.POSITIVE_INFINITY
    const first = rank
    while (rank < maxBins && rank * step - below <= next - rank * step) rank += 1
    if (all || rank > first) cuts.push(between(values[i] as number, values[i + 1] as number))
  }
  return cuts
}

/**
 * Takes values that fill bins of their own for no more than all others together: of a column of amounts that are mostly 0 the amounts
 * get half of the bins. Up to there they keep what they take up: to share it among the others makes bins of few rows, which fit noise.
 * @param share of a bin, in rows: a value with more is frequent
 */
function curbFrequent(counts: Float64Array, share: number): void {
  let frequent = 0
  let others = 0
  for (const count of counts) {
    if (count > share) frequent += count
    else others += count
  }
  if (frequent <= others) return
  for (let i = 0; i < counts.length; i += 1)
    if ((counts[i] as number) > share) counts[i] = ((counts[i] as number) * others) / frequent
}

/** A float32 above `low` and at most `high`, in the middle if there is one. */
function between(low: number, high: number): number {
  const middle = Math.fround((low + high) / 2) + 0
  return middle > low && middle < high ? middle : high + 0
}
