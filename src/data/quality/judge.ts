import type { CheckBounds, Tolerance } from '../../language/define/check-definition.ts'
import { wilsonInterval } from '../../stats/intervals/wilson.ts'
import type { Finding } from './check.ts'

/** Examples of breaches that are kept. */
export const MOST_EXAMPLES = 5

/**
 * Judges how many rows breach. The batch is judged as it is; the interval says what its rows tell about others. A share is
 * judged only of so many rows that one alone does not decide it.
 * @param rows rows that were judged
 * @param what goes on from "12 of 1,000 rows"
 */
export function judgeRows(
  failing: number,
  rows: number,
  allowed: Tolerance | undefined,
  what: string,
  examples: readonly string[] = [],
): Finding {
  const interval = wilsonInterval(failing, rows)
  const shown = {
    n: rows,
    failing,
    ...(interval === undefined ? {} : { interval: { low: interval.low, high: interval.high } }),
    ...(examples.length === 0 ? {} : { examples }),
  }
  if (rows === 0) return { outcome: 'insufficient', ...shown, sentence: 'There are no rows to judge.' }
  const told = `${countOf(failing)} of ${countOf(rows)} rows ${what}`
  const limit = allowed === undefined ? 0 : 'rows' in allowed ? allowed.rows : allowed.share * rows
  const isBelow = allowed !== undefined && 'share' in allowed && allowed.below === true
  const words = limitWords(allowed)
  if (allowed !== undefined && 'share' in allowed && allowed.share > 0 && allowed.share * rows < 1) {
    const sentence = `${told}; ${words}, which ${Math.ceil(1 / allowed.share)} rows or more can tell.`
    return { outcome: 'insufficient', ...shown, sentence }
  }
  // A share of a whole number of rows may lie a rounding error beside it.
  const slack = limit * 1e-12
  const breached = isBelow ? failing >= limit - slack : failing > limit + slack
  return { outcome: breached ? 'breached' : 'holds', ...shown, sentence: `${told}; ${words}.` }
}

/** How many rows may breach a check, in words. */
export function limitWords(allowed: Tolerance | undefined): string {
  if (allowed === undefined) return 'none may'
  if ('rows' in allowed) return `${countOf(allowed.rows)} may`
  return `${allowed.below ? 'less than ' : ''}${percent(allowed.share)} may`
}

/** Judges a figure by its bounds. @param fewest values that it takes to judge it */
export function judgeFigure(
  name: string,
  figure: {
    readonly value: number
    readonly n: number
    readonly interval?: { readonly low: number; readonly high: number }
  },
  bounds: CheckBounds,
  fewest = 1,
): Finding {
  const { value, n, interval } = figure
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = bounds
  const shown = { n, value, ...(interval === undefined ? {} : { interval }) }
  if (n < fewest) return insufficient(n, fewest, name)
  const between = interval === undefined ? '' : ` (${figureText(interval.low)} to ${figureText(interval.high)})`
  const sentence = `${name} is ${figureText(value)}${between} over ${countOf(n)} values; ${boundsText(bounds)}.`
  return { outcome: value >= min && value <= max ? 'holds' : 'breached', ...shown, sentence }
}

/** The finding on too few values. */
export function insufficient(n: number, fewest: number, name: string): Finding {
  const sentence = `${name} is judged of ${countOf(fewest)} values or more; there are ${countOf(n)}.`
  return { outcome: 'insufficient', n, sentence }
}

/** Bounds in words. */
export function boundsText({ min, max }: CheckBounds): string {
  if (min === undefined) return `it must be at most ${figureText(max!)}`
  if (max === undefined) return `it must be at least ${figureText(min)}`
  return min === max ? `it must be ${figureText(min)}` : `it must lie between ${figureText(min)} and ${figureText(max)}`
}

export function figureText(value: number): string {
  return Number.isInteger(value) ? countOf(value) : String(Number(value.toPrecision(6)))
}

export function countOf(count: number): string {
  return count.toLocaleString('en-US')
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`
}
