/** A binary floating-point format of 16 bits: https://standards.ieee.org/ieee/754/6210/ for FP16, BF16 is the upper half of FP32. */
interface Format {
  /** Bits of the fraction. */
  readonly fraction: number
  /** Exponent of the smallest normal number. */
  readonly least: number
  /** Bits of infinity. */
  readonly infinity: number
}

const half: Format = { fraction: 10, least: -14, infinity: 0x7c00 }
const brain: Format = { fraction: 7, least: -126, infinity: 0x7f80 }

const SIGN = 0x8000
const bits = new DataView(new ArrayBuffer(8))

/** The bits of the FP16 nearest to a number; of two that are as near, the even one. */
export function toHalf(value: number): number {
  return encode(value, half)
}

/** The number that the bits of an FP16 stand for, exactly. */
export function fromHalf(value: number): number {
  return decode(value, half)
}

/** The bits of the BF16 nearest to a number; of two that are as near, the even one. */
export function toBrain(value: number): number {
  return encode(value, brain)
}

/** The number that the bits of a BF16 stand for, exactly. */
export function fromBrain(value: number): number {
  return decode(value, brain)
}

function encode(value: number, { fraction, least, infinity }: Format): number {
  if (Number.isNaN(value)) return infinity | (1 << (fraction - 1))
  const sign = value < 0 || Object.is(value, -0) ? SIGN : 0
  const size = Math.abs(value)
  bits.setFloat64(0, size)
  const exponent = Math.max(((bits.getUint32(0) >>> 20) & 0x7ff) - 1023, least)
  // Division by a power of two is exact, so that the number is rounded once. Numbers from 2^exponent on have the leading bit,
  // which then raises the exponent by the one that it is stored less; so does a fraction that is rounded up beyond its bits.
  const scaled = size / 2 ** (exponent - fraction)
  const stored = (exponent - least) * 2 ** fraction + roundToEven(scaled)
  return sign | Math.min(stored, infinity)
}

function decode(stored: number, { fraction, least, infinity }: Format): number {
  const sign = stored & SIGN ? -1 : 1
  const size = stored & ~SIGN
  if (size > infinity) return Number.NaN
  if (size === infinity) return sign * Number.POSITIVE_INFINITY
  const exponent = size >>> fraction
  const rest = size & (2 ** fraction - 1)
  if (exponent === 0) return sign * rest * 2 ** (least - fraction)
  return sign * (rest + 2 ** fraction) * 2 ** (exponent - 1 + least - fraction)
}

function roundToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
