import { highWord, withHighWord } from './float-bits.ts'

const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const TWO_54 = 1.8014398509481984e16
const L1 = 0.6666666666666735
const L2 = 0.3999999999940942
const L3 = 0.2857142874366239
const L4 = 0.22222198432149784
const L5 = 0.1818357216161805
const L6 = 0.15313837699209373
const L7 = 0.14798198605116586

/**
 * The natural logarithm, within 1 ulp, with the same bits on every host, which `Math.log` does not promise: only
 * additions, multiplications, divisions and moves of bits. -Infinity for 0, NaN below it.
 *
 * Algorithm: fdlibm's `e_log.c` (Sun Microsystems, 1993): x = 2^k (1 + f) with sqrt(2)/2 < 1 + f < sqrt(2), and a
 * polynomial in s = f / (2 + f).
 */
export function log(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (!(x > 0)) return Number.NaN
  if (x === Number.POSITIVE_INFINITY) return x
  const subnormal = x < 2.2250738585072014e-308
  const normal = subnormal ? x * TWO_54 : x
  const word = highWord(normal)
  const fraction = word & 0xfffff
  // 1 when the fraction is above sqrt(2): then it is halved and the exponent grows by one.
  const halved = ((fraction + 0x95f64) & 0x100000) >>> 20
  const k = (word >>> 20) - 1023 + halved - (subnormal ? 54 : 0)
  const f = withHighWord(normal, fraction | ((1023 - halved) << 20)) - 1
  if ((0xfffff & (2 + fraction)) < 3) return nearOne(f, k)
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const R = z * (L1 + w * (L3 + w * (L5 + w * L7))) + w * (L2 + w * (L4 + w * L6))
  if (((fraction - 0x6147a) | (0x6b851 - fraction)) > 0) {
    const half = 0.5 * f * f
    if (k === 0) return f - (half - s * (half + R))
    return k * LN2_HIGH - (half - (s * (half + R) + k * LN2_LOW) - f)
  }
  if (k === 0) return f - s * (f - R)
  return k * LN2_HIGH - (s * (f - R) - k * LN2_LOW - f)
}

/** log(2^k (1 + f)) for |f| < 2^-20. */
function nearOne(f: number, k: number): number {
  if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + k * LN2_LOW
  const R = f * f * (0.5 - 0.3333333333333333 * f)
  return k === 0 ? f - R : k * LN2_HIGH - (R - k * LN2_LOW - f)
}
