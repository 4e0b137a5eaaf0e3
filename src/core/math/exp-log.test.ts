import { expect, test } from 'vitest'
import { digestOf } from '../digest.ts'
import { seededRandom } from '../random.ts'
import { exp, sigmoid } from './exp.ts'
import { log } from './log.ts'

/** Fixed-point numbers with this many binary digits after the point are the oracle. */
const DIGITS = 320n
const ONE = 1n << DIGITS
const LN2 = atanhTwice(ONE / 3n)

test('exp and log are within one unit in the last place of the exact value', () => {
  const random = seededRandom(1)
  let worstExp = 0
  let worstLog = 0
  for (let i = 0; i < 4000; i += 1) {
    const x = (random.next() - 0.5) * (i % 4 === 0 ? 1416 : i % 4 === 1 ? 30 : i % 4 === 2 ? 1.2 : 1e-3)
    worstExp = Math.max(worstExp, ulpsFromExp(x, exp(x)))
    const y = i % 3 === 0 ? 0.7 + random.next() * 0.8 : 2 ** ((random.next() - 0.5) * 2000)
    worstLog = Math.max(worstLog, ulps(log(y), exactLog(y)))
  }
  for (const y of [
    1 - 2 ** -30,
    1 + 2 ** -30,
    1 - 2 ** -53,
    1 + 2 ** -52,
    2,
    0.5,
    3,
    5e-324,
    2 ** -1030,
    1.7976931348623157e308,
  ])
    worstLog = Math.max(worstLog, ulps(log(y), exactLog(y)))
  expect(worstExp).toBeGreaterThan(0.5)
  expect(worstExp).toBeLessThan(1)
  expect(worstLog).toBeGreaterThan(0.5)
  expect(worstLog).toBeLessThan(1)
})

test('exp at the edges', () => {
  expect(exp(0)).toBe(1)
  expect(exp(-0)).toBe(1)
  expect(exp(1e-300)).toBe(1)
  expect(exp(710)).toBe(Number.POSITIVE_INFINITY)
  expect(exp(709.782712893384)).toBe(1.7976931348622732e308)
  expect(exp(-745.2)).toBe(0)
  expect(exp(-745.1)).toBe(5e-324)
  expect(exp(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
  expect(exp(Number.NEGATIVE_INFINITY)).toBe(0)
  expect(exp(Number.NaN)).toBeNaN()
})

test('log at the edges', () => {
  expect(log(1)).toBe(0)
  expect(log(0)).toBe(Number.NEGATIVE_INFINITY)
  expect(log(-0)).toBe(Number.NEGATIVE_INFINITY)
  expect(log(-1)).toBeNaN()
  expect(log(Number.NaN)).toBeNaN()
  expect(log(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
})

test('sigmoid rises from 0 to 1 through a half', () => {
  expect(sigmoid(0)).toBe(0.5)
  expect(sigmoid(-800)).toBe(0)
  expect(sigmoid(40)).toBe(1)
  expect(sigmoid(2)).toBeCloseTo(0.8807970779778823, 15)
  for (let x = -20; x < 20; x += 0.125) expect(sigmoid(x + 0.125)).toBeGreaterThan(sigmoid(x))
})

test('the bits are those of every other host', () => {
  const values = new Float64Array(30_000)
  const random = seededRandom(2)
  for (let i = 0; i < values.length; i += 3) {
    values[i] = exp((random.next() - 0.5) * 1500)
    values[i + 1] = log(random.next() * 2 ** Math.floor(random.next() * 60 - 30))
    values[i + 2] = sigmoid((random.next() - 0.5) * 40)
  }
  const bytes = new DataView(new ArrayBuffer(values.length * 8))
  values.forEach((value, i) => {
    bytes.setFloat64(i * 8, value, true)
  })
  expect(digestOf(new Uint8Array(bytes.buffer))).toBe(
    'sha256:b744acb88b03bcbc88efdb01cdff958bb8f12a5138d1f6e828895c549d09f603',
  )
})

/** A double as a fixed-point number; digits below 2^-320 are cut. */
function fixed(x: number): bigint {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, x)
  const word = bits.getBigUint64(0)
  const exponent = (word >> 52n) & 0x7ffn
  const fraction = (word & 0xfffffffffffffn) | (exponent === 0n ? 0n : 1n << 52n)
  return shift(word >> 63n === 1n ? -fraction : fraction, DIGITS - 1075n + (exponent === 0n ? 1n : exponent))
}

function shift(value: bigint, by: bigint): bigint {
  return by >= 0n ? value << by : value >> -by
}

/** log((1 + z) / (1 - z)). */
function atanhTwice(z: bigint): bigint {
  let sum = 0n
  let power = z
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n
    power = (((power * z) >> DIGITS) * z) >> DIGITS
  }
  return 2n * sum
}

function exactLog(y: number): bigint {
  const exponent = Math.max(-1074, Math.floor(Math.log2(y)))
  const half = BigInt(Math.trunc(exponent / 2))
  const mantissa = fixed(y * 2 ** -Number(half) * 2 ** -(exponent - Number(half)))
  return BigInt(exponent) * LN2 + atanhTwice(((mantissa - ONE) << DIGITS) / (mantissa + ONE))
}

function ulps(computed: number, exact: bigint): number {
  const error = fixed(computed) - exact
  return Number((error < 0n ? -error : error) >> 120n) / 2 ** 200 / ulpOf(computed)
}

/** The result is scaled by a power of two into [0.5, 2], so that fixed-point digits are left. */
function ulpsFromExp(x: number, computed: number): number {
  if (computed < 2.3e-308 || computed === Number.POSITIVE_INFINITY) return 0
  const k = Math.round(x / Math.LN2)
  const r = fixed(x) - BigInt(k) * LN2
  let sum = ONE
  let term = ONE
  for (let n = 1n; term !== 0n && n < 200n; n += 1n) {
    term = ((term * r) >> DIGITS) / n
    sum += term
  }
  const half = Math.trunc(k / 2)
  return ulps(computed * 2 ** -half * 2 ** -(k - half), sum)
}

function ulpOf(value: number): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(value))) - 52)
}
