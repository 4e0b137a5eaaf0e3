import { isOfClass, likeliestClasses, probabilitiesOf } from '../../stats/metrics/class-probabilities.ts'
import { expectedCalibrationError, reliabilityCurve } from '../../stats/metrics/reliability.ts'

/** How well a model of several classes told each of them; rows count once. */
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
  /** Expected calibration error of its probability; absent without rows. */
  readonly calibrationError?: number
}

/**
 * Evaluates the probabilities of classes one by one. The likeliest class of a row, of equal ones the first, is what it is told to be.
 * @param labels numbers of classes
 * @param scores row by row, of each class one
 */
export function evaluateClasses(
  names: readonly string[],
  labels: Float64Array,
  scores: Float64Array,
): ClassesEvaluation {
  const told = likeliestClasses(scores, names.length)
  const confusion = names.map(() => new Array<number>(names.length).fill(0))
  for (const [row, label] of labels.entries()) confusion[label]![told[row]!]! += 1
  const classes = names.map((name, place): ClassEvaluation => {
    const right = confusion[place]![place]!
    const rows = sumOf(confusion[place]!)
    const named = sumOf(confusion.map((ofClass) => ofClass[place]!))
    const error = expectedCalibrationError(
      reliabilityCurve(isOfClass(labels, place), probabilitiesOf(scores, names.length, place)),
    )
    return {
      ...{ name, rows },
      ...(named === 0 ? {} : { precision: right / named }),
      ...(rows === 0 ? {} : { recall: right / rows }),
      ...(error === undefined ? {} : { calibrationError: error }),
    }
  })
  const errors = classes.flatMap(({ calibrationError }) => calibrationError ?? [])
  return { classes, ...(errors.length === 0 ? {} : { calibrationError: sumOf(errors) / errors.length }), confusion }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
