import { type BootstrapOptions, bootstrap } from '../../stats/intervals/bootstrap.ts'
import type { Estimate } from '../../stats/intervals/estimate.ts'
import { resampledAuc } from '../../stats/metrics/auc.ts'
import { isOfClass, likeliestClasses, probabilitiesOf } from '../../stats/metrics/class-probabilities.ts'
import { expectedCalibrationError, type ReliabilityBin, reliabilityCurve } from '../../stats/metrics/reliability.ts'
import { weightedMetric } from '../../stats/metrics/resampled-metric.ts'
import type { Judged } from './evaluate.ts'

/** How well a model of several classes told each of them; rows count once, but for `auc`. */
export interface ClassesEvaluation {
  readonly classes: readonly ClassEvaluation[]
  /**
   * Classwise expected calibration error: the mean over classes of that of each (Kull et al., "Beyond temperature scaling", 2019, section
   * 2), with bins of as many rows; absent without rows, and of older evaluations.
   */
  readonly calibrationError?: number
  /** For each class that came, how many rows were told to be of each: in the order of `classes`, both ways. */
  readonly confusion: readonly (readonly number[])[]
}

export interface ClassEvaluation {
  readonly name: string
  /** Rows of the class. */
  readonly rows: number
  /** Of the rows whose likeliest class it is, the share that are of it; absent without any. */
  readonly precision?: number
  /** Of its rows, the share whose likeliest class it is; absent without any. */
  readonly recall?: number
  /**
   * Of the class against all others, by its probability, with the interval of `macro_auc`, which is the mean of these: where rows have
   * weights, it counts by them. Absent where none or all of the rows are of the class, or too few for an interval; and of older evaluations.
   */
  readonly auc?: Estimate
  /** Expected calibration error of its probability; absent without rows. */
  readonly calibrationError?: number
  /** How often it came at each height of its probability, of which that error is the mean; absent without rows, and of older evaluations. */
  readonly calibrationCurve?: readonly ReliabilityBin[]
}

/**
 * Evaluates the probabilities of classes one by one. The likeliest class of a row, of equal ones the first, is what it is told to be.
 * @param draws how the intervals are drawn
 */
export function evaluateClasses(
  names: readonly string[],
  { labels, scores, weights }: Pick<Judged, 'labels' | 'scores' | 'weights'>,
  draws: BootstrapOptions,
): ClassesEvaluation {
  const told = likeliestClasses(scores, names.length)
  const confusion = names.map(() => new Array<number>(names.length).fill(0))
  for (const [row, label] of labels.entries()) confusion[label]![told[row]!]! += 1
  const classes = names.map((name, place): ClassEvaluation => {
    const right = confusion[place]![place]!
    const rows = sumOf(confusion[place]!)
    const named = sumOf(confusion.map((ofClass) => ofClass[place]!))
    const isOf = isOfClass(labels, place)
    const probabilities = probabilitiesOf(scores, names.length, place)
    const metric = weightedMetric(resampledAuc(isOf, probabilities), weights)
    const auc = bootstrap({ metric, rows: labels.length }, draws)
    const curve = reliabilityCurve(isOf, probabilities)
    const error = expectedCalibrationError(curve)
    return {
      ...{ name, rows },
      ...(named === 0 ? {} : { precision: right / named }),
      ...(rows === 0 ? {} : { recall: right / rows }),
      ...(auc === undefined ? {} : { auc }),
      ...(error === undefined ? {} : { calibrationError: error, calibrationCurve: curve }),
    }
  })
  const errors = classes.flatMap(({ calibrationError }) => calibrationError ?? [])
  return { classes, ...(errors.length === 0 ? {} : { calibrationError: sumOf(errors) / errors.length }), confusion }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
