import { delong } from '../../../stats/intervals/delong.ts'
import { auc } from '../../../stats/metrics/auc.ts'
import { rSquared } from '../../../stats/metrics/regression.ts'
import type { LeakRows } from './leak-rows.ts'

const BINS = 64
/** Rows that an input is judged on, at most. */
const MOST_ROWS = 50_000
/** With fewer rows of either class, or in all, nothing is said. */
const FEWEST_OF_A_CLASS = 25
const FEWEST_ROWS = 200

/** How much of the outcome one input alone tells. */
export interface InputPower {
  /** AUC of a binary task, of several classes that of the one it tells best, R squared of a number: of the mean outcome in the value's bin, as learnt on other rows. */
  readonly value: number
  /** The power is at least so much, at 97.5%; not looked for, and 0, where the value is below what was asked for. */
  readonly low: number
  readonly rows: number
}

/**
 * How much of the outcome one input alone tells, in whatever form: every other row says what the mean outcome is in each
 * of 64 bins of the value (or for each of its texts, and where it is missing), and the rows between are ranked by that.
 * Values that hardly repeat, as ids do, tell nothing so. Undefined where too few rows could show it.
 * @param atLeast below it the interval does not matter
 */
export function inputPower(
  { task, labels }: Pick<LeakRows, 'task' | 'labels'>,
  values: Float64Array,
  type: LeakRows['inputs'][number]['type'],
  atLeast: number,
): InputPower | undefined {
  const step = Math.max(1, Math.ceil(labels.length / MOST_ROWS))
  const rows = Math.floor(labels.length / step)
  const bins = type === 'string' ? categoriesOf(values, step, rows) : binsOf(values, step, rows)
  const taken = Float64Array.from({ length: rows }, (_, place) => labels[place * step]!)
  if (task !== 'multiclass') return powerOver(task, bins, taken, atLeast)
  const powers = [...new Set(taken)].flatMap((known) => {
    const isKnown = taken.map((label) => (label === known ? 1 : 0))
    return powerOver(task, bins, isKnown, atLeast) ?? []
  })
  return powers.toSorted((a, b) => b.low - a.low || b.value - a.value)[0]
}

function powerOver(
  task: LeakRows['task'],
  bins: Float64Array,
  outcomes: Float64Array,
  atLeast: number,
): InputPower | undefined {
  const rows = outcomes.length
  const sums = new Map<number, { sum: number; count: number }>()
  let total = 0
  let counted = 0
  for (let place = 0; place < rows; place += 2) {
    const label = outcomes[place]!
    const known = sums.get(bins[place]!) ?? { sum: 0, count: 0 }
    sums.set(bins[place]!, { sum: known.sum + label, count: known.count + 1 })
    total += label
    counted += 1
  }
  if (counted === 0) return undefined
  const mean = total / counted
  const judged = Math.floor(rows / 2)
  const predicted = new Float64Array(judged)
  const truth = new Float64Array(judged)
  for (let index = 0; index < judged; index += 1) {
    const place = 2 * index + 1
    const { sum, count } = sums.get(bins[place]!) ?? { sum: 0, count: 0 }
    predicted[index] = (sum + mean) / (count + 1)
    truth[index] = outcomes[place]!
  }
  return task === 'regression' ? powerOfMeans(truth, predicted) : powerOfRanks(truth, predicted, atLeast)
}

function powerOfRanks(truth: Float64Array, predicted: Float64Array, atLeast: number): InputPower | undefined {
  const positives = truth.reduce((sum, label) => sum + label, 0)
  if (Math.min(positives, truth.length - positives) < FEWEST_OF_A_CLASS) return undefined
  const value = auc(truth, predicted)!
  const low = value < atLeast ? 0 : (delong(truth, predicted)?.low ?? value)
  return { value, low, rows: truth.length }
}

function powerOfMeans(truth: Float64Array, predicted: Float64Array): InputPower | undefined {
  if (truth.length < FEWEST_ROWS) return undefined
  const value = rSquared(truth, predicted)
  return value === undefined ? undefined : { value, low: value, rows: truth.length }
}

/** Texts are bins of their own. */
function categoriesOf(values: Float64Array, step: number, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, place) => {
    const value = values[place * step]!
    return Number.isNaN(value) ? -1 : value
  })
}

/** Bins of equally many rows; equal values share one, values that come often have one alone, -1 is missing. */
function binsOf(values: Float64Array, step: number, rows: number): Float64Array {
  const taken = Float64Array.from({ length: rows }, (_, place) => values[place * step]!)
  const sorted = taken.filter((value) => !Number.isNaN(value)).sort()
  const edges: number[] = []
  const frequent = new Set<number>()
  for (let bin = 0; bin < BINS; bin += 1) {
    const edge = sorted[Math.floor((bin * sorted.length) / BINS)]
    if (edge === undefined) break
    if (edge === edges.at(-1)) frequent.add(edge)
    else edges.push(edge)
  }
  return taken.map((value) => {
    if (Number.isNaN(value)) return -1
    let low = 0
    let high = edges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (edges[middle]! <= value) low = middle + 1
      else high = middle
    }
    return frequent.has(value) ? low - 0.5 : low
  })
}
