import { type Counts, checkCounts, totalOf } from './counts.ts'
import { checkSample } from './samples.ts'

/** The largest distance between two distribution functions, and the probability of one at least as large by chance. */
export interface KolmogorovSmirnov {
  /** 0 to 1. */
  readonly statistic: number
  readonly pValue: number
}

/** As in SciPy: with more rows than this in either sample, the p-value is the asymptotic one. */
const MOST_EXACT_ROWS = 10_000

/**
 * Two-sample Kolmogorov-Smirnov test on raw values. The p-value is exact up to 10,000 rows in either sample (it ignores
 * ties, which makes it conservative), else asymptotic. Undefined when a sample is empty.
 *
 * @throws `not_finite` for NaN.
 */
export function kolmogorovSmirnov(reference: Float64Array, current: Float64Array): KolmogorovSmirnov | undefined {
  checkSample(reference)
  checkSample(current)
  if (reference.length === 0 || current.length === 0) return undefined
  const before = reference.toSorted()
  const now = current.toSorted()
  let statistic = 0
  let beforeRank = 0
  let nowRank = 0
  while (beforeRank < before.length && nowRank < now.length) {
    const value = Math.min(before[beforeRank]!, now[nowRank]!)
    while (before[beforeRank] === value) beforeRank++
    while (now[nowRank] === value) nowRank++
    statistic = Math.max(statistic, Math.abs(beforeRank / before.length - nowRank / now.length))
  }
  return { statistic, pValue: kolmogorovSmirnovP(statistic, before.length, now.length) }
}

/**
 * The test on counts over ordered bins. The statistic is that of the bins' edges and so at most that of the raw values;
 * the p-value is asymptotic and conservative, the more so the fewer bins there are. Undefined when a sample is empty.
 *
 * @throws `invalid_parameter` for counts that do not fit each other.
 */
export function binnedKolmogorovSmirnov(reference: Counts, current: Counts): KolmogorovSmirnov | undefined {
  checkCounts(reference, current)
  const before = totalOf(reference)
  const now = totalOf(current)
  if (before === 0 || now === 0) return undefined
  let statistic = 0
  let beforeRank = 0
  let nowRank = 0
  for (let bin = 0; bin < reference.length; bin++) {
    beforeRank += reference[bin]!
    nowRank += current[bin]!
    statistic = Math.max(statistic, Math.abs(beforeRank / before - nowRank / now))
  }
  return { statistic, pValue: asymptoticP(statistic, before, now) }
}

/** The p-value of a statistic of two samples without ties: exact up to 10,000 rows, else asymptotic. */
export function kolmogorovSmirnovP(statistic: number, reference: number, current: number): number {
  const asymptotic = asymptoticP(statistic, reference, current)
  // An exact p-value is 1 minus a sum near 1: below this, only the asymptotic one has digits left.
  const exact = Math.max(reference, current) <= MOST_EXACT_ROWS && asymptotic > 1e-12
  return exact ? exactP(statistic, reference, current) : asymptotic
}

/**
 * The probability that the distance stays below the statistic in a random order of both samples, step by step over the
 * lattice of how many rows of each have come (Hodges 1957). Only the band around the diagonal is visited.
 */
function exactP(statistic: number, rows: number, columns: number): number {
  // Distances are multiples of 1 / (rows * columns): half of one below the statistic parts "below" from "at least".
  const bound = (Math.round(statistic * rows * columns) - 0.5) / (rows * columns)
  const inside = new Float64Array(columns + 1)
  for (let row = 0; row <= rows; row++) {
    const first = Math.max(0, Math.ceil((row / rows - bound) * columns))
    const last = Math.min(columns, Math.floor((row / rows + bound) * columns))
    if (first > 0) inside[first - 1] = 0 // left the band with this row; what lies above the band is still 0
    for (let column = first; column <= last; column++) {
      const before = column === 0 ? 0 : inside[column - 1]!
      const steps = row + column
      inside[column] = steps === 0 ? 1 : (row * inside[column]! + column * before) / steps
    }
  }
  return Math.min(Math.max(1 - inside[columns]!, 0), 1)
}

/** Kolmogorov's limiting distribution with the correction for finite samples of Stephens (1970). */
function asymptoticP(statistic: number, reference: number, current: number): number {
  const size = Math.sqrt((reference * current) / (reference + current))
  const scaled = (size + 0.12 + 0.11 / size) * statistic
  if (scaled < 0.3) return 1 // the series converges slowly there, and 1 - p is below 1e-5
  let sum = 0
  for (let term = 1; term <= 20; term++) {
    sum += (term % 2 === 1 ? 2 : -2) * Math.exp(-2 * term ** 2 * scaled ** 2)
  }
  return Math.min(Math.max(sum, 0), 1)
}
