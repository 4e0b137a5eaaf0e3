import { normalQuantile } from '../../stats/distributions.ts'
import { metricName, metricWords, percentWords } from '../monitoring/words.ts'

/** Outcomes of some rows. */
export interface OutcomeFigures {
  readonly n: number
  /** Of the outcomes as numbers, 0 and 1 of a binary task; of several classes for each, in their order, whether it came. */
  readonly means: readonly OutcomeMean[]
}

export interface OutcomeMean {
  /** Of the class whose share of the rows it is. */
  readonly name?: string
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

/** The chance of a wrong finding on both sides: the guard looks often. */
const CHANCE = 0.001
/** Fewer outcomes say nothing about their mean. */
const FEWEST = 30

/**
 * Why new rows are not to be learnt from; undefined when nothing speaks against them. It takes evidence and effect: their
 * mean outcome, or the share of one of the classes, surely differs, and by more than `shift` standard deviations; or what serves surely falls on them by more than
 * `drop` (of an error, by this share of it).
 */
export function judgeBatch(
  { fresh, before, performance }: NewBatch,
  { shift, drop }: { readonly shift: number; readonly drop: number },
): string | undefined {
  const moved = fresh.n >= FEWEST && before.n >= FEWEST ? movedMean(fresh, before, shift) : undefined
  if (moved !== undefined) return moved
  if (performance === undefined) return undefined
  const { metric, expected, kindest, value, higherIsBetter } = performance
  const fall = higherIsBetter ? expected - kindest : (kindest - expected) / expected
  if (!(fall > drop)) return undefined
  const how = higherIsBetter ? metricWords(drop) : percentWords(drop)
  return `what serves has ${metricName(metric)} ${metricWords(value)} on the last day of outcomes, surely more than ${how} worse than the ${metricWords(expected)} of its evaluation.`
}

/** In words the mean that surely moved by more than `shift` of its deviations, and by the most of them; undefined of none. */
function movedMean(fresh: OutcomeFigures, before: OutcomeFigures, shift: number): string | undefined {
  // Of several classes any may move by chance: Bonferroni.
  const certain = normalQuantile(1 - CHANCE / 2 / before.means.length)
  let most = shift
  let found: string | undefined
  for (const [place, { name, mean, deviation }] of before.means.entries()) {
    const now = fresh.means[place]!
    const difference = Math.abs(now.mean - mean)
    const error = Math.sqrt((deviation ** 2 + now.deviation ** 2) / 2) * Math.sqrt(1 / fresh.n + 1 / before.n)
    if (!(difference > most * deviation && difference > certain * error)) continue
    most = difference / deviation
    const what = name === undefined ? 'the mean outcome' : `the share of the class '${name}'`
    found = `${what} of ${fresh.n} new rows is ${metricWords(now.mean)}, and ${metricWords(mean)} where it was trained.`
  }
  return found
}
