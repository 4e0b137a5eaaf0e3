import { formatTime } from '../../core/time.ts'
import { decodeHistogram } from '../../stats/histograms/histogram.ts'
import type { Sighting } from './alert-store.ts'
import type { CohortFigures } from './cohort-metrics.ts'
import type { DriftedFeature, DriftedGroup } from './drift-groups.ts'
import type { PerformanceJudgement } from './performance-rule.ts'
import { type PredictionPoint, sharesOf } from './prediction-window.ts'
import type { ExpectedMetric, MonitoringReference } from './reference.ts'
import type { BurnJudgement } from './service-meter.ts'
import { countWords, metricName, metricWords, millisecondWords, percentWords, plural } from './words.ts'

/** What an alert says: one sentence, why it is no accident, how much it matters, and on how many rows. */
export type Wording = Pick<Sighting, 'title' | 'evidence' | 'effect' | 'n'>

/** The model version that an alert is about. */
export interface VersionName {
  readonly model: string
  readonly version: number
}

const nameOf = ({ model, version }: VersionName): string => `${model} v${version}`
const dateOf = (time: number): string => formatTime(time).slice(0, 10)

/** @param open groups that drifted, the weightiest first, at least one with a feature */
export function driftWording(
  name: VersionName,
  open: readonly DriftedGroup[],
  reference: MonitoringReference,
): Wording {
  const features = open.flatMap(({ drifted }) => drifted).sort((a, b) => b.weight - a.weight)
  const { feature, point } = features[0]!
  const usual = reference.features.find((known) => known.name === feature)?.usual?.psi.mean
  const index = `PSI ${point.psi!.toFixed(2)}${usual === undefined ? '' : `, usually ${usual.toFixed(2)}`}`
  const gain = `${percentWords(features.reduce((sum, { importance }) => sum + importance, 0))} of the model's gain`
  const since = Math.min(...open.map((group) => group.since))
  const others = features.length === 1 ? '' : ` and ${plural(features.length - 1, 'correlated input')}`
  const what =
    open.length === 1
      ? `${feature}${others} drifted since ${dateOf(since)} (${index}; ${gain})`
      : `${features.length} inputs in ${open.length} groups drifted since ${dateOf(since)}, most of all ${feature} (${index}); together ${gain}`
  return {
    title: `${nameOf(name)}: ${what}.`,
    evidence: { version: name.version, since, groups: open.map(({ leader }) => leader), pValue: point.pValue },
    effect: { features: features.map((one) => shown(one, reference)) },
    n: point.n,
  }
}

/** @param missing features that are missing more often, the most important first, at least one */
export function missingWording(
  name: VersionName,
  missing: readonly DriftedFeature[],
  reference: MonitoringReference,
  since: number,
): Wording {
  const [first] = missing
  const { point, feature } = first!
  const usual = reference.features.find((known) => known.name === feature)?.usual?.missing.mean
  const usually = usual === undefined ? '' : ` (usually ${percentWords(usual)})`
  const others = missing.length === 1 ? '' : `, and ${plural(missing.length - 1, 'more input')} with it`
  return {
    title: `${nameOf(name)}: ${feature} is missing in ${percentWords(point.missing)} of predictions since ${dateOf(since)}${usually}${others}.`,
    evidence: { version: name.version, since },
    effect: { features: missing.map((one) => shown(one, reference)) },
    n: point.n,
  }
}

function shown({ feature, importance, point }: DriftedFeature, { features }: MonitoringReference): object {
  const { psi, ks, js, missing } = point
  const usual = features.find(({ name }) => name === feature)?.usual?.psi.mean
  return { feature, importance, psi, usual, ks, js, missing }
}

export function scoreWording(
  name: VersionName,
  { n, mean, drift, classes }: PredictionPoint,
  reference: MonitoringReference,
  since: number,
): Wording {
  const usually = reference.score.usual === undefined ? '' : `, usually ${reference.score.usual.psi.mean.toFixed(2)}`
  const moved = classes === undefined ? undefined : mostMoved(classes, reference)
  const [what, most] =
    moved === undefined
      ? ['scores', `mean ${metricWords(mean)}`]
      : ['answered classes', `${moved.name} ${percentWords(moved.share)}, in training ${percentWords(moved.before)}`]
  return {
    title: `${nameOf(name)}: ${what} drifted since ${dateOf(since)} (PSI ${drift.psi!.toFixed(2)}${usually}; ${most}).`,
    evidence: { version: name.version, pValue: drift.pValue, since },
    effect: {
      ...{ psi: drift.psi, usual: reference.score.usual?.psi.mean, ks: drift.ks, js: drift.js },
      ...(classes === undefined ? { mean } : { classes, before: sharesInTraining(reference) }),
    },
    n,
  }
}

/** The class whose share of answers differs most from the one on rows that training held out. */
function mostMoved(
  shares: Readonly<Record<string, number>>,
  reference: MonitoringReference,
): { readonly name: string; readonly share: number; readonly before: number } {
  const before = sharesInTraining(reference)
  const all = Object.keys(before).map((name) => ({ name, share: shares[name]!, before: before[name]! }))
  return all.reduce((most, one) => (Math.abs(one.share - one.before) > Math.abs(most.share - most.before) ? one : most))
}

/** How often each class was answered on rows that training held out. */
function sharesInTraining({ score, classes = [] }: MonitoringReference): Readonly<Record<string, number>> {
  return sharesOf(classes, decodeHistogram(score.histogram))
}

/** @param until end of the last cohort judged, exclusive */
export function performanceWording(
  name: VersionName,
  { pooled }: PerformanceJudgement,
  expected: ExpectedMetric,
  until: number,
  n: number,
): Wording {
  const metric = metricName(expected.metric)
  const [value, low, high] = [pooled.value, pooled.low, pooled.high].map(metricWords)
  return {
    title: `${nameOf(name)}: ${metric} ${value} (${low} to ${high}) over ${plural(pooled.cohorts, 'day')} of mature outcomes until ${dateOf(until - 1)}; its evaluation promised ${metricWords(expected.value)}.`,
    evidence: {
      version: name.version,
      low: pooled.low,
      high: pooled.high,
      cohorts: pooled.cohorts,
      short: pooled.short,
    },
    effect: { metric: expected.metric, value: pooled.value, expected: expected.value, shortfall: pooled.shortfall },
    n,
  }
}

export function coverageWording(
  name: VersionName,
  { coverage, expected, until }: { coverage: number; expected: number; until: number },
  figures: CohortFigures,
): Wording {
  return {
    title: `${nameOf(name)}: only ${percentWords(coverage)} of the predictions of ${dateOf(until - 1)} got an outcome; in training it was ${percentWords(expected)}.`,
    evidence: { version: name.version, until },
    effect: { coverage, expected },
    n: figures.n,
  }
}

/** @param latency the objective in microseconds */
export function latencyWording(name: VersionName, burn: BurnJudgement, latency: number, allowed: number): Wording {
  return {
    title: `${nameOf(name)}: ${percentWords(burn.share)} of ${countWords(burn.n)} answers in the last hour took longer than ${millisecondWords(latency / 1000)}; ${percentWords(allowed)} may.`,
    evidence: { low: burn.low, recent: burn.recent },
    effect: { share: burn.share, allowed },
    n: burn.n,
  }
}

export function errorWording(name: VersionName, burn: BurnJudgement, allowed: number): Wording {
  return {
    title: `${nameOf(name)}: ${percentWords(burn.share)} of ${countWords(burn.n)} predictions in the last hour failed; ${percentWords(allowed)} may.`,
    evidence: { low: burn.low, recent: burn.recent },
    effect: { share: burn.share, allowed },
    n: burn.n,
  }
}
