import { adjustPValues } from '../../stats/drift/adjust-p-values.ts'
import { type DriftJudgement, judgeDriftTogether } from '../../stats/drift/judge-drift.ts'
import { countOf, type Histogram } from '../../stats/histograms/histogram.ts'
import type { UsualVariation } from './usual-variation.ts'
import { usualProbability } from './usual-variation.ts'

export type DriftVerdict = DriftJudgement['verdict']

/** A column of a window beside its reference. */
export interface ComparedColumn {
  readonly reference: Histogram
  readonly current: Histogram
  readonly usual?: UsualVariation
}

/** When a difference counts: see the definition of a model's monitor. */
export interface DriftSettings {
  readonly psi: number
  readonly alpha: number
  readonly minimum: number
}

/** What a window says about a column, as it is kept and shown. */
export interface DriftPoint {
  /** Rows, missing values included. */
  readonly n: number
  readonly psi?: number
  readonly ks?: number
  readonly js?: number
  /** Adjusted for all columns of the window. */
  readonly pValue?: number
  /** Share of missing values. */
  readonly missing: number
  readonly verdict: DriftVerdict
  /** By how much the index exceeds what is usual; 0 or more where it drifted. */
  readonly excess?: number
  /** The share of missing values rose beyond what is usual: the drift, if any, is that. */
  readonly missingRose: boolean
}

/** The smallest rise of the share of missing values that matters. */
const MISSING_RISE = 0.05
/** And by how many standard deviations it must exceed what is usual. */
const MISSING_DEVIATIONS = 4
/** A shift seen in an index alone may be one nearly empty bin: the distance must reach this, too. */
const SMALLEST_DISTANCE = 0.1

/**
 * Judges the columns of a window together. Drift takes evidence and effect:
 * - evidence: neither chance (a calibrated test) nor the usual variation of single windows explains the difference, with
 *   p-values adjusted for the number of columns (Benjamini-Hochberg). Rows of one day depend on each other: sixteen
 *   thousand flights share one day's weather, and a test that takes them for independent finds drift every day.
 * - effect: the index exceeds its usual mean by the floor, and the Jensen-Shannon distance reaches .1.
 * @param whole the window covers its full length; a part of a day never has a day's distribution, and is `insufficient`
 */
export function judgeWindow(columns: readonly ComparedColumn[], settings: DriftSettings, whole: boolean): DriftPoint[] {
  const { psi: floor, alpha, minimum } = settings
  const floors = { psi: floor, js: SMALLEST_DISTANCE }
  const judgements = judgeDriftTogether(columns, { alpha, minimum, floors })
  const pValues = judgements.map(({ pValue, psi }, index) => {
    const usual = columns[index]?.usual
    if (pValue === undefined || psi === undefined || usual === undefined) return pValue
    return Math.max(pValue, usualProbability(usual.psi, psi))
  })
  const tested = pValues.filter((pValue) => pValue !== undefined)
  const adjusted = adjustPValues(tested)
  let next = 0
  return judgements.map((judgement, index) => {
    const { psi, js, ks, n } = judgement
    const { current, usual } = columns[index]!
    const missing = n === 0 ? 0 : current.counts.at(-1)! / countOf(current)
    const pValue = pValues[index] === undefined ? undefined : adjusted[next++]
    const shown = {
      n,
      missing,
      ...(psi === undefined ? {} : { psi }),
      ...(ks === undefined ? {} : { ks }),
      ...(js === undefined ? {} : { js }),
      ...(pValue === undefined ? {} : { pValue }),
    }
    if (!whole || pValue === undefined || psi === undefined || js === undefined)
      return { ...shown, verdict: 'insufficient', missingRose: false }
    const excess = psi - (usual?.psi.mean ?? 0)
    const drifted = pValue <= alpha && excess >= floor && js >= SMALLEST_DISTANCE
    return { ...shown, excess, verdict: drifted ? 'drifted' : 'stable', missingRose: rose(missing, n, columns[index]!) }
  })
}

function rose(missing: number, n: number, { reference, usual }: ComparedColumn): boolean {
  const before = usual?.missing.mean ?? reference.counts.at(-1)! / countOf(reference)
  const chance = Math.sqrt((before * (1 - before)) / n)
  const deviation = Math.hypot(usual?.missing.deviation ?? 0, chance)
  return missing - before >= MISSING_RISE && missing - before > MISSING_DEVIATIONS * deviation
}
