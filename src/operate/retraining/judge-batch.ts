import { metricName, metricWords, percentWords } from '../monitoring/words.ts'

/** Outcomes of some rows, as numbers: 0 and 1 of a binary task. */
export interface OutcomeFigures {
  readonly n: number
  readonly mean: number
  readonly deviation: number
}

/** What is known of the rows that have come since what serves was trained. */
export interface NewBatch {
  readonly fresh: OutcomeFigures
  /** The rows that what serves was trained on. */
  readonly before: OutcomeFigures
  /** How what serves does on the last cohort of new outcomes; absent while there is none. */
  readonly performance?: {
    readonly metric: string
    /** What its evaluation promised. */
    readonly expected: number
    readonly value: number
    /** Of the interval, the end that is kind to the model. */
    readonly kindest: number
    /** Whether a higher value is a better one. */
    readonly higherIsBetter: boolean
  }
}

/** One in a thousand, on both sides: the guard looks often. */
const CERTAIN = 3.29
/** Fewer outcomes say nothing about their mean. */
const FEWEST = 30

/**
 * Why new rows are not to be learnt from; undefined when nothing speaks against them. It takes evidence and effect: their
 * mean outcome surely differs, and by more than `shift` standard deviations; or what serves surely falls on them by more than
 * `drop` (of an error, by this share of it).
 */
export function judgeBatch(
  { fresh, before, performance }: NewBatch,
  { shift, drop }: { readonly shift: number; readonly drop: number },
): string | undefined {
  if (fresh.n >= FEWEST && before.n >= FEWEST) {
    const difference = Math.abs(fresh.mean - before.mean)
    const error = Math.sqrt((before.deviation ** 2 + fresh.deviation ** 2) / 2) * Math.sqrt(1 / fresh.n + 1 / before.n)
    if (difference > shift * before.deviation && difference > CERTAIN * error)
      return `the mean outcome of ${fresh.n} new rows is ${metricWords(fresh.mean)}, and ${metricWords(before.mean)} where it was trained.`
  }
  if (performance === undefined) return undefined
  const { metric, expected, kindest, value, higherIsBetter } = performance
  const fall = higherIsBetter ? expected - kindest : (kindest - expected) / expected
  if (!(fall > drop)) return undefined
  const how = higherIsBetter ? metricWords(drop) : percentWords(drop)
  return `what serves has ${metricName(metric)} ${metricWords(value)} on the last day of outcomes, surely more than ${how} worse than the ${metricWords(expected)} of its evaluation.`
}
