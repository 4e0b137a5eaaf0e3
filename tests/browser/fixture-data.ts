import { type Random, seededRandom } from '../../src/core/random.ts'
import type {
  DriftPoint,
  DriftVerdict,
  FeatureStrip,
  OutcomePoint,
  PredictionPoint,
  ServicePoint,
} from '../../src/platform/api/contract.ts'

/** Generated history of one model, alike in shape to what months of flights give. The same seed, the same history. */

export const HOUR = 3_600_000_000
export const DAY = 24 * HOUR

/** A stretch of history to generate. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly now: number
}

/** A whole number of windows between `from` and `to`, each `length` long. */
function windowsOf({ from, to, now }: Stretch, length: number): { from: number; to: number }[] {
  const windows: { from: number; to: number }[] = []
  for (let start = Math.floor(from / length) * length; start < Math.min(to, now); start += length) {
    windows.push({ from: start, to: start + length })
  }
  return windows
}

/** Noise that depends on the time alone, so that a zoom shows the same history. */
function noiseAt(time: number, salt: number): Random {
  return seededRandom(Math.floor(time / (HOUR / 6)) * 7919 + salt)
}

/** Traffic with days, nights and weekends, and one afternoon of slow answers and errors. */
export function servicePoints(stretch: Stretch): ServicePoint[] {
  const span = stretch.to - stretch.from
  const length = span > 20 * DAY ? 6 * HOUR : span > 3 * DAY ? HOUR : HOUR / 6
  return windowsOf(stretch, length).map((window) => {
    const random = noiseAt(window.from, 11)
    const hour = ((window.from / HOUR) % 24) + length / HOUR / 2
    const weekend = Math.floor(window.from / DAY + 3) % 7 >= 5 ? 0.8 : 1
    const day = 0.12 + Math.max(0, Math.sin(((hour - 5) / 19) * Math.PI)) ** 0.8
    const perMinute = 18.5 * day * weekend * (0.94 + random.next() * 0.12)
    const slow = window.from >= Date.UTC(2001, 3, 23, 12) * 1000 && window.from < Date.UTC(2001, 3, 23, 19) * 1000
    const p50 = 2.1 + random.next() * 0.4 + (slow ? 6 : 0)
    return {
      ...window,
      n: Math.round((perMinute * length) / 60_000_000),
      perMinute,
      p50,
      p99: p50 * 3 + random.next() * 1.6 + (slow ? 21 : 0),
      errors: slow ? random.integer(40) : 0,
    }
  })
}

/** Scores that fall from winter into spring. */
export function predictionPoints(stretch: Stretch, perDay = 19_000): PredictionPoint[] {
  return windowsOf(stretch, DAY).map((window) => {
    const random = noiseAt(window.from, 23)
    const season = Math.cos(((window.from / DAY - 11354) / 182) * Math.PI)
    const mean = 0.212 + 0.045 * season + (random.next() - 0.5) * 0.03
    const psi = Math.max(0.004, 0.09 - 0.1 * season + (random.next() - 0.5) * 0.04)
    const n = perDay + random.integer(Math.ceil(perDay / 6))
    const verdict: DriftVerdict = n < 400 ? 'insufficient' : psi > 0.17 ? 'drifted' : 'stable'
    return {
      ...window,
      n,
      mean,
      q10: mean * 0.28,
      q50: mean * 0.82,
      q90: Math.min(0.95, mean * 2.3 + 0.03),
      psi,
      verdict,
    }
  })
}

/** AUC by day; the last days still wait for labels, and one day has too few of them. */
export function outcomePoints(stretch: Stretch, perDay = 19_000): OutcomePoint[] {
  return windowsOf(stretch, DAY).map((window, index) => {
    const random = noiseAt(window.from, 37)
    const age = (stretch.now - window.to) / DAY
    const coverage = age >= 1.5 ? 0.978 + random.next() * 0.02 : Math.max(0.03, 0.35 + age * 0.4)
    const n = index % 61 === 40 ? 120 : perDay + random.integer(Math.ceil(perDay / 6))
    const labelled = Math.round(n * Math.min(1, coverage))
    const drift = Math.max(0, (window.from / DAY - 11420) / 100)
    const auc = 0.772 - 0.022 * drift + (random.next() - 0.5) * 0.022
    const half = 1.9 / Math.sqrt(Math.max(1, labelled)) + (age < 1.5 ? 0.012 : 0)
    const enough = labelled >= 200
    return {
      ...window,
      n,
      labelled,
      mature: age >= 1.5,
      positives: Math.round(labelled * 0.19),
      ...(enough && { auc, low: auc - half, high: auc + half, logLoss: 0.44 - (auc - 0.77) }),
    }
  })
}

/** How the drift of a feature goes: what it comes to, and when it begins, in days since 1970. */
interface DriftShape {
  readonly level: number
  readonly since: number
  readonly weekly?: number
}

/** The drift of features in order of the worst, with importances that fall. */
export function featureStrips(names: readonly string[], stretch: Stretch, rowsADay = 19_000): FeatureStrip[] {
  const strips = names.map((feature, index): FeatureStrip => {
    const random = seededRandom(900 + index)
    const shape: DriftShape = {
      level: index < 3 ? 0.5 - index * 0.12 : index < 7 ? 0.16 + random.next() * 0.06 : random.next() * 0.035,
      since: 11_395 + random.integer(60),
      ...(index % 5 === 3 && { weekly: 0.04 }),
    }
    const points = windowsOf(stretch, DAY).map((window) => driftPoint(window, shape, index, rowsADay))
    return {
      feature,
      importance: Math.exp(-((index * 7) % names.length) / 5) * 0.18,
      verdict: points.at(-1)?.verdict ?? 'insufficient',
      points,
    }
  })
  const worst = (strip: FeatureStrip): number => strip.points.at(-1)?.psi ?? 0
  return strips.sort((a, b) => worst(b) - worst(a))
}

function driftPoint(
  window: { from: number; to: number },
  shape: DriftShape,
  salt: number,
  rowsADay: number,
): DriftPoint {
  const random = noiseAt(window.from, 101 + salt)
  const day = window.from / DAY
  const grown = Math.min(1, Math.max(0, (day - shape.since) / 12))
  const weekend = Math.floor(day + 3) % 7 >= 5 ? (shape.weekly ?? 0) : 0
  const psi = 0.006 + random.next() * 0.012 + shape.level * grown * (0.85 + random.next() * 0.3) + weekend
  const n = salt === 12 && Math.floor(day) % 17 < 2 ? 60 : rowsADay + random.integer(Math.ceil(rowsADay / 6))
  const missing = salt === 12 ? 0.31 : random.next() * 0.004
  if (n < 400) return { ...window, n, missing, verdict: 'insufficient' }
  const js = Math.sqrt(psi / 8) * 1.2
  return {
    ...window,
    n,
    missing,
    psi,
    js,
    ks: js * 0.8,
    pValue: 0.5 ** (psi * 400),
    verdict: psi > 0.15 ? 'drifted' : 'stable',
  }
}
