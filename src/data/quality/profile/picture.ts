import type { LogHistogram } from '../../../stats/sketches/log-histogram.ts'

/** A histogram to be drawn: bins of one width from `from` to `to`; what lies outside counts in the first and last. */
export interface Picture {
  readonly from: number
  readonly to: number
  readonly counts: readonly number[]
}

/** Share of the values at each end that may be drawn together, so that a few odd ones do not press the others into a line. */
const END = 0.01
const FAR = 3

/**
 * A picture of the values; undefined of none.
 * @param origin and @param unit what a value of the histogram means: `(value + origin) / unit`
 */
export function pictureOf(values: LogHistogram, bins: number, origin: number, unit: number): Picture | undefined {
  const buckets = [...values.buckets()]
  if (buckets.length === 0) return undefined
  const [low, high] = [buckets[0]![0], buckets.at(-1)![1]]
  const [inner, outer] = [values.quantile(END), values.quantile(1 - END)]
  const isFar = outer > inner && high - low > FAR * (outer - inner)
  const [from, to] = isFar ? [inner, outer] : [low, high]
  const counts = new Array<number>(bins).fill(0)
  for (const [start, end, count] of buckets) {
    const place = to === from ? 0 : Math.floor((((start + end) / 2 - from) / (to - from)) * bins)
    const bin = Math.min(bins - 1, Math.max(0, place))
    counts[bin] = counts[bin]! + count
  }
  return { from: (from + origin) / unit, to: (to + origin) / unit, counts }
}
