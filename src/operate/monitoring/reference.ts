import { TruelineError } from '../../core/errors.ts'
import { likeliest } from '../../core/math/likeliest.ts'
import { DAY } from '../../core/time.ts'
import type { Task } from '../../language/define/task.ts'
import { type Bins, binOf, createBins, restoreBins } from '../../stats/histograms/bins.ts'
import {
  addValues,
  createHistogram,
  type EncodedHistogram,
  encodeHistogram,
  mergeHistogram,
} from '../../stats/histograms/histogram.ts'
import { type CohortMetric, measureCohort, monitoredMetrics } from './cohort-metrics.ts'
import { groupColumns } from './feature-groups.ts'
import { type UsualVariation, usualVariation, type Variation, variationOf } from './usual-variation.ts'

/** What a column looked like when the model was trained. */
export interface ColumnReference {
  /** Bins at the deciles of the training rows, with exact counts. */
  readonly histogram: EncodedHistogram
  /** How much single windows differ from the whole; absent when there were too few. */
  readonly usual?: UsualVariation
}

export interface FeatureReference extends ColumnReference {
  readonly name: string
  /** Share of the model's gain, 0 to 1. */
  readonly importance: number
  /** Features of the same number are correlated: their drift is one story. */
  readonly group: number
}

/** Of a model of several classes the histogram counts which was the likeliest, a bin a class. */
export interface ScoreReference extends ColumnReference {
  /** The same scores in a hundred bins: fine enough to read quantiles from; of several classes those of the likeliest. */
  readonly quantiles: EncodedHistogram
}

/** The metric that the evaluation before release promised. */
export interface ExpectedMetric {
  readonly metric: CohortMetric
  readonly value: number
  readonly low: number
  readonly high: number
  /** Standard deviation from window to window beyond chance; absent when there were too few windows. */
  readonly betweenWindows?: number
}

/**
 * What a model version is compared with for as long as it serves: frozen at training time, plain JSON, stored with the
 * version.
 */
export interface MonitoringReference {
  readonly format: 1
  /** Microseconds of a window; usual variation is that of such windows. */
  readonly windowLength: number
  readonly rows: number
  readonly features: readonly FeatureReference[]
  /** Scores of rows that the model was not trained on. */
  readonly score: ScoreReference
  readonly expected?: ExpectedMetric
  /** Mean of the labels; of a model of several classes the share of rows whose likeliest class came true. */
  readonly baseRate: number
  /** Names of the classes of a model of several, in order. */
  readonly classes?: readonly string[]
  /** Share of the mature rows that had an outcome; absent when it is not known. */
  readonly labelCoverage?: number
}

/** Rows that the model was not trained on, column by column. */
export interface HeldOutRows {
  /** Of each row one, or of several classes as many as there are. */
  readonly scores: Float64Array
  readonly labels: Float64Array
  /** t of each row, microseconds. */
  readonly times: Float64Array
}

export interface ReferenceInput {
  readonly task: Task
  /** Of a model of several, in order. */
  readonly classes?: readonly string[] | undefined
  /** The rows that the model was trained on, column by column; NaN is a missing value. Importances need not sum to 1. */
  readonly features: readonly { readonly name: string; readonly importance: number; readonly values: Float64Array }[]
  /** t of these rows, microseconds. */
  readonly times: Float64Array
  readonly heldOut: HeldOutRows
  /** The evaluation's metric (that `monitoredMetrics` names) with its interval; measured here when absent. */
  readonly expected?: { readonly value: number; readonly low: number; readonly high: number }
  readonly labelCoverage?: number
  /** Default one day. */
  readonly windowLength?: number
}

const MOST_ROWS_FOR_BINS = 50_000

/**
 * Freezes what the monitors of a model version compare with. Half a million rows of 34 columns take about a second.
 * @throws TruelineError `invalid_parameter` for columns of different lengths, `not_finite` for an infinite value
 */
export function buildReference(input: ReferenceInput): MonitoringReference {
  const { features, times, heldOut, labelCoverage, windowLength = DAY } = input
  for (const column of features.map(({ values }) => values)) checkLength(column, times)
  const { classes } = input
  checkLength(heldOut.labels, heldOut.times)
  checkLength(heldOut.scores, heldOut.times, classes?.length)
  const windows = windowsOf(times, windowLength)
  const gain = features.reduce((sum, { importance }) => sum + importance, 0)
  const groups = groupColumns(features.map(({ values }) => values))
  const expected = expectedMetric(input, windowLength)
  return {
    format: 1,
    windowLength,
    rows: times.length,
    features: features.map(({ name, importance, values }, index) => ({
      name,
      importance: gain > 0 ? importance / gain : 1 / features.length,
      group: groups[index]!,
      ...referenceOf(values, windows),
    })),
    score: scoreReference(heldOut, windowLength, classes),
    ...(expected === undefined ? {} : { expected }),
    baseRate: baseRateOf(heldOut, classes),
    ...(classes === undefined ? {} : { classes }),
    ...(labelCoverage === undefined ? {} : { labelCoverage }),
  }
}

/** Numbers the windows that rows lie in from 0, in order of first appearance. */
function windowsOf(times: Float64Array, length: number): { readonly of: Uint32Array; readonly count: number } {
  const numbers = new Map<number, number>()
  const of = Uint32Array.from(times, (time) => {
    const window = Math.floor(time / length)
    const number = numbers.get(window) ?? numbers.size
    numbers.set(window, number)
    return number
  })
  return { of, count: numbers.size }
}

function referenceOf(
  values: Float64Array,
  windows: ReturnType<typeof windowsOf>,
  bins: Bins = binsOf(values),
): ColumnReference {
  const parts = Array.from({ length: windows.count }, () => createHistogram(bins))
  for (let row = 0; row < values.length; row++) {
    const { counts } = parts[windows.of[row]!]!
    const bin = binOf(bins, values[row]!)
    counts[bin] = counts[bin]! + 1
  }
  const histogram = createHistogram(bins)
  for (const part of parts) mergeHistogram(histogram, part)
  const usual = usualVariation(parts.map(({ counts }) => counts))
  return { histogram: encodeHistogram(histogram), ...(usual === undefined ? {} : { usual }) }
}

function binsOf(values: Float64Array): Bins {
  const step = Math.max(1, values.length / MOST_ROWS_FOR_BINS)
  const sample = Float64Array.from(
    { length: Math.floor(values.length / step) },
    (_, index) => values[Math.floor(index * step)]!,
  )
  return createBins(sample)
}

function scoreReference(
  heldOut: HeldOutRows,
  windowLength: number,
  classes: readonly string[] | undefined,
): ScoreReference {
  const { times } = heldOut
  const answers = classes === undefined ? undefined : answersOf(heldOut, classes.length)
  const { scores } = answers ?? heldOut
  const quantiles = createHistogram(createBins(scores, 100))
  addValues(quantiles, scores)
  const windows = windowsOf(times, windowLength)
  const column =
    answers === undefined
      ? referenceOf(scores, windows)
      : referenceOf(answers.likeliest, windows, classBins(classes!.length))
  return { ...column, quantiles: encodeHistogram(quantiles) }
}

/** The likeliest class of each row, and its probability. */
function answersOf(
  { scores, times }: Pick<HeldOutRows, 'scores' | 'times'>,
  classes: number,
): { readonly scores: Float64Array; readonly likeliest: Float64Array } {
  const likeliestOf = Float64Array.from(times, (_, row) => likeliest(scores, row * classes, classes))
  return { likeliest: likeliestOf, scores: likeliestOf.map((place, row) => scores[row * classes + place]!) }
}

/** A bin for the number of each class. */
function classBins(classes: number): Bins {
  const numbers = Float64Array.from({ length: classes }, (_, place) => place)
  // Of whole numbers from 0 on that are all as frequent.
  const deviation = Math.sqrt((classes ** 2 - 1) / 12)
  return restoreBins(
    numbers.subarray(1).map((place) => place - 0.5),
    numbers,
    deviation,
  )
}

function baseRateOf({ labels, scores, times }: HeldOutRows, classes: readonly string[] | undefined): number {
  if (classes === undefined) return labels.reduce((sum, label) => sum + label / labels.length, 0)
  const { likeliest: answered } = answersOf({ scores, times }, classes.length)
  return labels.reduce((sum, label, row) => sum + Number(label === answered[row]) / labels.length, 0)
}

function expectedMetric({ task, heldOut, expected }: ReferenceInput, windowLength: number): ExpectedMetric | undefined {
  const overall = measureCohort(task, heldOut.labels, heldOut.scores)
  if (overall.metric === undefined) return undefined
  const { value, low, high } = expected ?? overall.metric
  const windows = windowsOf(heldOut.times, windowLength)
  const rows = Array.from({ length: windows.count }, () => [] as number[])
  for (const [row, window] of windows.of.entries()) rows[window]!.push(row)
  const width = heldOut.scores.length / Math.max(1, heldOut.labels.length)
  const metrics = rows
    .map((part) => measureCohort(task, take(heldOut.labels, part), take(heldOut.scores, part, width)).metric)
    .filter((metric) => metric !== undefined)
  const variation = variationOf(
    metrics.map((metric) => metric.value),
    0.8,
  )
  const betweenWindows = variation === undefined ? {} : { betweenWindows: beyondChance(variation, metrics) }
  return { metric: monitoredMetrics[task], value, low, high, ...betweenWindows }
}

/** The part of the variation between windows that the windows' own standard errors do not explain. */
function beyondChance({ deviation }: Variation, metrics: readonly { readonly standardError: number }[]): number {
  const chance = metrics.reduce((sum, { standardError }) => sum + standardError ** 2 / metrics.length, 0)
  return Math.sqrt(Math.max(0, deviation ** 2 - chance))
}

/** @param width numbers of a row */
function take(values: Float64Array, rows: readonly number[], width = 1): Float64Array {
  const taken = new Float64Array(rows.length * width)
  for (const [index, row] of rows.entries()) taken.set(values.subarray(row * width, (row + 1) * width), index * width)
  return taken
}

function checkLength(column: Float64Array, times: Float64Array, width = 1): void {
  if (column.length === times.length * width) return
  throw new TruelineError('invalid_parameter', `A column of ${column.length} rows does not fit ${times.length} times.`)
}
