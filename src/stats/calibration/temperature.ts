import { exp } from '../../core/math/exp.ts'
import { log } from '../../core/math/log.ts'
import { checkClasses } from '../metrics/class-probabilities.ts'
import type { Numbers } from '../metrics/numbers.ts'

/** Probabilities of classes whose logarithms are divided by one number: above 1 it makes them less sure of themselves. */
export interface TemperatureCalibration {
  readonly kind: 'temperature'
  readonly temperature: number
}

const MOST_STEPS = 200
const CLOSE = 1e-14
/** Where rows say nothing, or all that they need to be certain: scikit-learn looks no further either. */
const LOWEST = exp(-10)
const HIGHEST = exp(10)
/** As Platt's scaling takes a probability of 0: it has no logarithm. */
const SMALLEST = 2 ** -60

/**
 * Fits temperature scaling: the one number by which the logarithms of all probabilities are divided so that the log loss is least (Guo,
 * Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", 2017, section 4.2). The loss is convex in its inverse, whose
 * minimum is found by Newton's method inside a bracket.
 * @param labels numbers of classes
 * @param probabilities row by row, of each class one; they need not add up to 1
 * @throws TruelineError as `checkClasses` does
 */
export function fitTemperature(labels: Numbers, probabilities: Numbers): TemperatureCalibration {
  const classes = checkClasses(labels, probabilities)
  const logs = Float64Array.from(probabilities, logOf)
  let low = LOWEST
  let high = HIGHEST
  let inverse = 1
  for (let step = 0; step < MOST_STEPS && high - low > CLOSE * high; step += 1) {
    const { slope, curvature } = derivativesOf(labels, logs, classes, inverse)
    if (slope === 0) break
    if (slope > 0) high = inverse
    else low = inverse
    const newton = inverse - slope / curvature
    // Between the ends of a bracket that spans powers of ten their geometric mean is the middle.
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high)
    if (Math.abs(next - inverse) <= CLOSE * inverse) break
    inverse = next
  }
  return { kind: 'temperature', temperature: 1 / inverse }
}

/**
 * Calibrates the probabilities of one row in their place; they add up to 1 then.
 * @param from of the first of them, `count` is how many there are
 */
export function applyTemperature(
  { temperature }: TemperatureCalibration,
  probabilities: Float64Array,
  from: number,
  count: number,
): void {
  let largest = Number.NEGATIVE_INFINITY
  for (let place = from; place < from + count; place += 1) {
    const margin = logOf(probabilities[place]!) / temperature
    probabilities[place] = margin
    largest = Math.max(largest, margin)
  }
  let sum = 0
  for (let place = from; place < from + count; place += 1) {
    const share = exp(probabilities[place]! - largest)
    probabilities[place] = share
    sum += share
  }
  for (let place = from; place < from + count; place += 1) probabilities[place] = probabilities[place]! / sum
}

function logOf(probability: number): number {
  return log(Math.max(probability, SMALLEST))
}

/** Of the log loss of all rows, by the inverse of the temperature: what is expected of the logarithms less what came, and their variance. */
function derivativesOf(
  labels: Numbers,
  logs: Float64Array,
  classes: number,
  inverse: number,
): { readonly slope: number; readonly curvature: number } {
  let slope = 0
  let curvature = 0
  for (let row = 0; row < labels.length; row += 1) {
    const from = row * classes
    let largest = Number.NEGATIVE_INFINITY
    for (let place = from; place < from + classes; place += 1) largest = Math.max(largest, logs[place]!)
    const came = logs[from + labels[row]!]! - largest
    let sum = 0
    let first = 0
    let second = 0
    for (let place = from; place < from + classes; place += 1) {
      const below = logs[place]! - largest
      const share = exp(inverse * below)
      sum += share
      first += share * below
      second += share * below * below
    }
    const mean = first / sum
    slope += mean - came
    curvature += second / sum - mean * mean
  }
  return { slope, curvature }
}
