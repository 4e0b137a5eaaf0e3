import { powerOfTwo } from './float-bits.ts'

const LARGEST = 709.782712893384
const SMALLEST = -745.1332191019411
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const INVERSE_LN2 = Math.LOG2E
const P1 = 0.16666666666666602
const P2 = -0.0027777777777015593
const P3 = 6.613756321437934e-5
const P4 = -1.6533902205465252e-6
const P5 = 4.1381367970572385e-8

/**
 * e to the power of `x`, within 1 ulp, with the same bits on every host, which `Math.exp` does not promise: only
 * additions, multiplications, divisions and moves of bits. Overflows to Infinity, underflows to 0.
 *
 * Algorithm: fdlibm's `e_exp.c` (Sun Microsystems, 1993): x = k ln2 + r with |r| <= ln2 / 2, and a rational
 * approximation of e^r on that interval.
 */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x
  if (x > LARGEST) return Number.POSITIVE_INFINITY
  if (x < SMALLEST) return 0
  const size = x < 0 ? -x : x
  if (size < 3.725290298461914e-9) return 1 + x
  if (size <= 0.34657359027997264) return 1 - ((x * remainder(x)) / (remainder(x) - 2) - x)
  const k = Math.trunc(INVERSE_LN2 * x + (x < 0 ? -0.5 : 0.5))
  const upper = x - k * LN2_HIGH
  const lower = k * LN2_LOW
  const r = upper - lower
  const c = remainder(r)
  const y = 1 - (lower - (r * c) / (2 - c) - upper)
  if (k === 1024) return y * 2 * powerOfTwo(1023)
  return k >= -1021 ? y * powerOfTwo(k) : y * powerOfTwo(k + 1000) * powerOfTwo(-1000)
}

/** The special rational function of fdlibm: r - r^2 (P1 + r^2 (P2 + ...)). */
function remainder(r: number): number {
  const t = r * r
  return r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))))
}

/**
 * The logistic function 1 / (1 + e^-x): a margin in log-odds as a probability. Within 2 ulp above -709, 0 below.
 */
export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x))
}
