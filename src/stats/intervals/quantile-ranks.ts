import { TruelineError } from '../../core/errors.ts'

/** Ranks, from 1, of the sorted values between which a quantile lies; an end is absent where too few values bound it. */
export interface QuantileRanks {
  readonly low?: number
  readonly high?: number
}

/** Beyond so many standard deviations the chance of a count is below what a double can tell from none. */
const DEVIATIONS = 40

/**
 * Ranks of the order statistics that hold a quantile with at least this confidence, whatever the distribution: the number of values below
 * it is binomial (Conover, Practical Nonparametric Statistics, 3.2; scipy's `quantile_test` gives the same ranks). The values must be
 * independent; latencies of one run are less so, the more they queue.
 *
 * @param share of the quantile, above 0 and below 1
 * @example `quantileRanks(100, 0.5) // { low: 40, high: 61 }`
 * @throws `invalid_parameter`
 */
export function quantileRanks(count: number, share: number, confidence = 0.95): QuantileRanks {
  if (!(Number.isSafeInteger(count) && count >= 0 && share > 0 && share < 1 && confidence > 0 && confidence < 1))
    throw new TruelineError('invalid_parameter', `No ${share} quantile of ${count} values at ${confidence}.`)
  const tail = (1 - confidence) / 2
  const mean = count * share
  const reach = DEVIATIONS * Math.sqrt(mean * (1 - share)) + DEVIATIONS
  const first = Math.max(0, Math.floor(mean - reach))
  const last = Math.min(count, Math.ceil(mean + reach))
  const chances = chancesAround(count, share, first, last)
  let below = 0
  let low = 0
  let high = count + 1
  for (let index = 0; index < chances.length; index += 1) {
    below += chances[index]!
    if (below <= tail) low = first + index + 1
    if (below >= 1 - tail) {
      high = first + index + 1
      break
    }
  }
  return { ...(low >= 1 ? { low } : {}), ...(high <= count ? { high } : {}) }
}

/** Chances of binomial counts, relative to the most likely one first and then to their sum: nothing overflows. */
function chancesAround(count: number, share: number, first: number, last: number): Float64Array {
  const chances = new Float64Array(last - first + 1)
  const mode = Math.min(last, Math.floor((count + 1) * share))
  const odds = share / (1 - share)
  chances[mode - first] = 1
  for (let at = mode; at < last; at += 1)
    chances[at + 1 - first] = (chances[at - first]! * (count - at) * odds) / (at + 1)
  for (let at = mode; at > first; at -= 1)
    chances[at - 1 - first] = (chances[at - first]! * at) / ((count - at + 1) * odds)
  const sum = chances.reduce((total, chance) => total + chance, 0)
  return chances.map((chance) => chance / sum)
}
