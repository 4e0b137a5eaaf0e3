import { exp, sigmoid } from '../../core/math/exp.ts'
import { log } from '../../core/math/log.ts'

/** What makes scores of margins. */
export type Transform =
  /** 1 / (1 + e^(-slope margin)). */
  | { readonly kind: 'sigmoid'; readonly slope: number }
  /** The margins themselves. */
  | { readonly kind: 'identity' }
  /** e^margin: Poisson, gamma, Tweedie. */
  | { readonly kind: 'exponential' }
  /** ln(1 + e^margin): LightGBM's cross_entropy_lambda. */
  | { readonly kind: 'softplus' }
  /** The square with the margin's sign: LightGBM's reg_sqrt. */
  | { readonly kind: 'signedSquare' }
  /** 1 for a margin above 0, else 0: XGBoost's binary:hinge. */
  | { readonly kind: 'step' }
  /** ONNX's PROBIT, of a margin in (0, 1): the normal quantile as onnxruntime approximates it. */
  | { readonly kind: 'probit' }
  /** Each output's share of the sum of e^margin over all outputs of a row. */
  | { readonly kind: 'softmax' }
  /** ONNX's SOFTMAX_ZERO: as softmax, but margins that are nearly 0 are left out of the sum and stay nearly 0. */
  | { readonly kind: 'softmaxZero' }

type Joint = 'softmax' | 'softmaxZero'
type Single = Exclude<Transform['kind'], Joint | 'sigmoid'>

/** Of a transform that looks at one margin alone. */
const single: Readonly<Record<Single, (margin: number) => number>> = {
  identity: (margin) => margin,
  exponential: exp,
  softplus: (margin) => {
    const power = exp(margin)
    const sum = 1 + power
    // What rounding took from 1 + power is put right: Higham, Accuracy and Stability of Numerical Algorithms, 1.14.1.
    return sum === 1 || sum === Number.POSITIVE_INFINITY ? power : (log(sum) * power) / (sum - 1)
  },
  signedSquare: (margin) => (margin < 0 ? -margin * margin : margin * margin),
  step: (margin) => (margin > 0 ? 1 : 0),
  probit: (margin) => Math.SQRT2 * inverseErrorFunction(2 * margin - 1),
}

const joint: Readonly<Record<Joint, (margins: Float64Array) => void>> = {
  softmax: (margins) => shares(margins, () => false),
  softmaxZero: (margins) => shares(margins, (margin) => Math.abs(margin) <= 1e-7),
}

/** Whether a value that was read is a transform. */
export function isTransform(value: unknown): value is Transform {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  const { kind } = value
  if (kind === 'sigmoid') return 'slope' in value && Number.isFinite(value.slope)
  return typeof kind === 'string' && (Object.hasOwn(single, kind) || Object.hasOwn(joint, kind))
}

/** The function that turns the margins of a row, `outputs` of them from `at` on, into its scores. */
export function transformer(transform: Transform, outputs: number): (margins: Float64Array, at: number) => void {
  if (transform.kind === 'softmax' || transform.kind === 'softmaxZero') {
    const apply = joint[transform.kind]
    return (margins, at) => apply(margins.subarray(at, at + outputs))
  }
  const apply = scoreOf(transform)
  return (margins, at) => {
    for (let place = at; place < at + outputs; place += 1) margins[place] = apply(margins[place]!)
  }
}

function scoreOf(transform: Exclude<Transform, { kind: Joint }>): (margin: number) => number {
  if (transform.kind !== 'sigmoid') return single[transform.kind]
  const { slope } = transform
  return slope === 1 ? sigmoid : (margin) => sigmoid(slope * margin)
}

function shares(margins: Float64Array, isNone: (margin: number) => boolean): void {
  const most = Math.max(...margins)
  let sum = 0
  for (let place = 0; place < margins.length; place += 1) {
    const margin = margins[place]!
    const none = isNone(margin)
    margins[place] = none ? margin * exp(-most) : exp(margin - most)
    if (!none) sum += margins[place]!
  }
  for (let place = 0; place < margins.length; place += 1) margins[place]! /= sum
}

/** 2 / (pi a) of Winitzki's approximation, with the digits of pi that onnxruntime has. */
const WINITZKI_A = 0.147
const WINITZKI_TERM = 4.330750408828252

/** Winitzki's approximation of the inverse error function, as onnxruntime has it. */
function inverseErrorFunction(x: number): number {
  const logarithm = log((1 - x) * (1 + x))
  const v = WINITZKI_TERM + 0.5 * logarithm
  const root = Math.sqrt(-v + Math.sqrt(v * v - logarithm / WINITZKI_A))
  return x < 0 ? -root : root
}
