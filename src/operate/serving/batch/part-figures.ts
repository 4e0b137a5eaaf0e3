import { likeliest } from '../../../core/math/likeliest.ts'
import { populationStability } from '../../../stats/drift/population-stability.ts'
import { addValue, createHistogram, decodeHistogram, type Histogram } from '../../../stats/histograms/histogram.ts'
import type { MonitoringReference } from '../../monitoring/reference.ts'
import { scoreFault } from '../score-fault.ts'
import type { ColumnOutcomes } from '../vector-scoring.ts'
import type { DriftFigure, ScoreFigures } from './batch-job.ts'

/** What is counted of the rows of a part; plain JSON, so that a run that goes on has it of parts scored before. */
export interface PartFigures {
  /** Rows that have a score. */
  readonly rows: number
  /** Rows that could not be scored, by code. */
  readonly reasons: Readonly<Record<string, number>>
  readonly score: {
    readonly min: number
    readonly max: number
    readonly sum: number
    readonly counts: readonly number[]
  }
  /** For each input that training knows: counts over the bins of the training rows, missing ones last. */
  readonly features: Readonly<Record<string, readonly number[]>>
  /** Rows by decision. */
  readonly decisions: Readonly<Record<string, number>>
}

/** Rows of a part whose inputs are counted: they tell as much as all of them. */
const MOST_ROWS = 50_000

/** Counts the scores of a part, and the inputs of rows at even distances. */
export function countFigures(
  reference: MonitoringReference | undefined,
  inputs: readonly { readonly name: string; readonly values: Float64Array }[],
  { scores, probabilities }: Pick<ColumnOutcomes, 'scores' | 'probabilities'>,
  decisions: Readonly<Record<string, number>>,
): Omit<PartFigures, 'reasons'> {
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  const histogram = reference === undefined ? undefined : emptyLike(reference.score.histogram)
  let rows = 0
  const classes = (probabilities?.length ?? 0) / Math.max(1, scores.length)
  for (let row = 0; row < scores.length; row += 1) {
    const score = scores[row]!
    if (scoreFault(score) !== undefined) continue
    rows += 1
    if (score < min) min = score
    if (score > max) max = score
    sum += score
    if (histogram !== undefined)
      addValue(histogram, probabilities === undefined ? score : likeliest(probabilities, row * classes, classes))
  }
  if (rows === 0) [min, max] = [0, 0]
  const step = Math.max(1, Math.ceil(scores.length / MOST_ROWS))
  const features: Record<string, number[]> = {}
  for (const { name, values } of inputs) {
    const trained = reference?.features.find((one) => one.name === name)
    if (trained === undefined) continue
    const counted = emptyLike(trained.histogram)
    for (let row = 0; row < values.length; row += step) addValue(counted, values[row]!)
    features[name] = [...counted.counts]
  }
  const counts = histogram === undefined ? [] : [...histogram.counts]
  return { rows, score: { min, max, sum, counts }, features, decisions }
}

function emptyLike(encoded: MonitoringReference['score']['histogram']): Histogram {
  return createHistogram(decodeHistogram(encoded).bins)
}

/** The figures of a run, from those of its parts. */
export interface RunFigures {
  readonly score?: ScoreFigures
  readonly drift: readonly DriftFigure[]
  readonly decisions: Readonly<Record<string, number>>
}

/** Adds the figures of parts up and compares them with those of training. */
export function runFigures(reference: MonitoringReference | undefined, parts: readonly PartFigures[]): RunFigures {
  const decisions: Record<string, number> = {}
  for (const part of parts)
    for (const [decision, rows] of Object.entries(part.decisions))
      decisions[decision] = (decisions[decision] ?? 0) + rows
  const rows = parts.reduce((total, part) => total + part.rows, 0)
  if (rows === 0) return { drift: [], decisions }
  const drift = (reference?.features ?? []).flatMap(({ name, histogram }): DriftFigure[] => {
    const counts = added(parts.map((part) => part.features[name] ?? []))
    if (counts.length === 0) return []
    const psi = populationStability(histogram.counts, counts)
    const share = (all: readonly number[]): number => all.at(-1)! / all.reduce((sum, count) => sum + count, 0)
    const missing = { missing: share(counts), missingInTraining: share(histogram.counts) }
    return [{ name, ...(psi === undefined ? {} : { psi }), ...missing }]
  })
  return {
    score: scoreFigures(
      reference,
      parts.filter((part) => part.rows > 0),
      rows,
    ),
    drift: drift.toSorted((a, b) => (b.psi ?? 0) - (a.psi ?? 0)),
    decisions,
  }
}

function scoreFigures(
  reference: MonitoringReference | undefined,
  parts: readonly PartFigures[],
  rows: number,
): ScoreFigures {
  const counts = added(parts.map(({ score }) => score.counts))
  const psi = reference === undefined ? undefined : populationStability(reference.score.histogram.counts, counts)
  return {
    min: Math.min(...parts.map(({ score }) => score.min)),
    mean: parts.reduce((sum, { score }) => sum + score.sum, 0) / rows,
    max: Math.max(...parts.map(({ score }) => score.max)),
    ...(reference?.classes === undefined ? {} : { classes: reference.classes }),
    edges: reference?.score.histogram.edges ?? [],
    // No score is missing.
    counts: counts.slice(0, -1),
    ...(psi === undefined ? {} : { psi }),
  }
}

function added(all: readonly (readonly number[])[]): number[] {
  const sums: number[] = []
  for (const counts of all) for (const [bin, count] of counts.entries()) sums[bin] = (sums[bin] ?? 0) + count
  return sums
}
