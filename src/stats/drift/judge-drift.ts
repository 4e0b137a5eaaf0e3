import { TruelineError } from '../../core/errors.ts'
import { checkSameBins, countOf, type Histogram } from '../histograms/histogram.ts'
import { adjustPValues } from './adjust-p-values.ts'
import { detectableStability } from './detectable.ts'
import { driftEvidence, type Evidence } from './evidence.ts'
import { jensenShannonDistance } from './jensen-shannon.ts'
import { binnedKolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { populationStability } from './population-stability.ts'

/** A column at training time and now, over the same bins. */
export interface DriftPair {
  readonly reference: Histogram
  readonly current: Histogram
}

/** When a difference counts as drift. */
export interface DriftOptions {
  /** The share of false alarms that is accepted where nothing changed; default .05. */
  readonly alpha?: number
  /** Both must be reached: the smallest index and the smallest distance that matter; default .1 and .1. */
  readonly floors?: { readonly psi: number; readonly js: number }
  /** The fewest rows of either sample; default 50. */
  readonly minimum?: number
}

/** The judgement on one column. Numbers are undefined where a sample is empty. */
export interface DriftJudgement {
  readonly verdict: 'stable' | 'drifted' | 'insufficient'
  /** Population stability index with half-count smoothing. */
  readonly psi: number | undefined
  /** Jensen-Shannon distance to base 2. */
  readonly js: number | undefined
  /** Kolmogorov-Smirnov distance over the bins, missing values apart. */
  readonly ks: number | undefined
  /** Of the test that nothing changed, for this column alone. */
  readonly pValue: number | undefined
  /** Adjusted for all columns judged together (Benjamini-Hochberg): what the verdict rests on. */
  readonly adjustedPValue: number | undefined
  /** Rows of the current sample, missing values included. */
  readonly n: number
  /** The smallest index that would be found at this size in four of five cases, for this column alone. */
  readonly detectable: number | undefined
  /** One plain sentence. */
  readonly reason: string
}

type Settings = Required<DriftOptions>

/**
 * Judges whether a column drifted: there must be evidence (a calibrated test says that chance is no explanation) and
 * effect (index and distance reach their floors), and enough rows, else the verdict is `insufficient`. Each alone misleads:
 * an index of .1 is mere chance for some hundred rows, and a million rows give evidence for differences nobody feels.
 *
 * Both floors are needed because one nearly empty bin can raise the index alone.
 *
 * @throws `invalid_parameter` for different bins, or an alpha, floor or minimum that makes no sense.
 */
export function judgeDrift(pair: DriftPair, options: DriftOptions = {}): DriftJudgement {
  return judgeDriftTogether([pair], options)[0]!
}

/**
 * Judges many columns of one window together: the p-values are adjusted, so that fifty stable columns do not alert
 * because of their number. Columns with too few rows take no part in that. The answers are in the order given.
 *
 * @throws as {@link judgeDrift} does.
 */
export function judgeDriftTogether(pairs: readonly DriftPair[], options: DriftOptions = {}): DriftJudgement[] {
  const settings: Settings = { alpha: 0.05, floors: { psi: 0.1, js: 0.1 }, minimum: 50, ...options }
  checkSettings(settings)
  const measured = pairs.map((pair) => measure(pair, settings))
  const tested = measured.filter((measurement) => measurement.evidence !== undefined)
  const adjusted = adjustPValues(tested.map((measurement) => measurement.evidence!.pValue))
  const pValues = new Map(tested.map((measurement, index) => [measurement, adjusted[index]!]))
  return measured.map((measurement) => decide(measurement, pValues.get(measurement), settings))
}

interface Measurement {
  readonly psi: number | undefined
  readonly js: number | undefined
  readonly ks: number | undefined
  readonly n: number
  readonly referenceRows: number
  /** Undefined when there are too few rows to say anything. */
  readonly evidence: Evidence | undefined
  readonly detectable: number | undefined
}

function measure({ reference, current }: DriftPair, { alpha, minimum }: Settings): Measurement {
  checkSameBins(reference, current)
  const valueBins = reference.bins.edges.length + 1
  const referenceRows = countOf(reference)
  const n = countOf(current)
  const enough = Math.min(referenceRows, n) >= minimum
  const evidence = enough ? driftEvidence(reference.counts, current.counts, valueBins) : undefined
  return {
    psi: populationStability(reference.counts, current.counts),
    js: jensenShannonDistance(reference.counts, current.counts),
    ks: binnedKolmogorovSmirnov(reference.counts.subarray(0, valueBins), current.counts.subarray(0, valueBins))
      ?.statistic,
    n,
    referenceRows,
    evidence,
    detectable:
      evidence === undefined
        ? undefined
        : detectableStability(
            { reference: referenceRows, current: n, degreesOfFreedom: evidence.degreesOfFreedom },
            alpha,
          ),
  }
}

function decide(measurement: Measurement, adjustedPValue: number | undefined, settings: Settings): DriftJudgement {
  const { psi, js, ks, n, detectable, evidence } = measurement
  const shown = { psi, js, ks, n, detectable, pValue: evidence?.pValue, adjustedPValue }
  if (psi === undefined || js === undefined || adjustedPValue === undefined || detectable === undefined) {
    return { verdict: 'insufficient', ...shown, reason: whyInsufficient(measurement, settings) }
  }
  const { alpha, floors } = settings
  const certain = adjustedPValue <= alpha
  const matters = psi >= floors.psi && js >= floors.js
  const found = `PSI ${psi.toFixed(3)}, Jensen-Shannon distance ${js.toFixed(3)}, ${count(n, 'row')}`
  if (certain && matters) {
    const reason = `Drifted: ${found}; chance makes differences this large with ${probability(adjustedPValue)}.`
    return { verdict: 'drifted', ...shown, reason }
  }
  const why = certain
    ? `a real but small shift (${floors.psi} and ${floors.js} count as drift)`
    : `within chance (p ${adjustedPValue.toFixed(2)}); a PSI from ${detectable.toFixed(3)} would most likely have been found`
  return { verdict: 'stable', ...shown, reason: `Stable: ${found}: ${why}.` }
}

function whyInsufficient({ n, referenceRows }: Measurement, { minimum }: Settings): string {
  if (n < minimum) return `Too few rows to judge: ${n} of the ${minimum} needed.`
  if (referenceRows < minimum) return `Too few reference rows to judge: ${referenceRows} of the ${minimum} needed.`
  return `Too few rows to judge: no two bins expect ten rows each among ${count(n, 'row')}.`
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}

function probability(pValue: number): string {
  return pValue < 0.0001 ? 'a probability below 0.0001' : `a probability of ${pValue.toFixed(4)}`
}

function checkSettings({ alpha, floors, minimum }: Settings): void {
  if (!(alpha > 0 && alpha < 1))
    throw new TruelineError('invalid_parameter', `An alpha of ${alpha} is not between 0 and 1.`)
  if (!(floors.psi >= 0 && floors.js >= 0 && floors.js <= 1)) {
    throw new TruelineError('invalid_parameter', `Floors of ${floors.psi} and ${floors.js} make no sense.`)
  }
  if (!(minimum >= 1)) throw new TruelineError('invalid_parameter', `A minimum of ${minimum} rows makes no sense.`)
}
