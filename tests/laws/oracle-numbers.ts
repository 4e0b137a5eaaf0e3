const bits = new DataView(new ArrayBuffer(8))

/** A double as a whole number of 2^-1074. */
export function exact(value: number): bigint {
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const exponent = (raw >> 52n) & 2047n
  const fraction = raw & ((1n << 52n) - 1n)
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return value < 0 ? -size : size
}

/** The double nearest to value * 2^exponent, ties to even. */
export function nearest(value: bigint, exponent: number): number {
  if (value < 0n) return -nearest(-value, exponent)
  const excess = value.toString(2).length - 53
  if (excess <= 0) return Number(value) * 2 ** exponent
  const below = value & ((1n << BigInt(excess)) - 1n)
  const half = 1n << BigInt(excess - 1)
  const kept = value >> BigInt(excess)
  const up = below > half || (below === half && kept % 2n === 1n)
  return Number(up ? kept + 1n : kept) * 2 ** (excess + exponent)
}

/** The double nearest to a ratio; the denominator is above 0. */
export function nearestQuotient(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return -nearestQuotient(-numerator, denominator)
  const scale = 200 + denominator.toString(2).length
  const scaled = numerator << BigInt(scale)
  // One bit more says whether anything is left over.
  return nearest((scaled / denominator) * 2n + (scaled % denominator === 0n ? 0n : 1n), -scale - 1)
}

/** The double nearest to the root of a ratio; the denominator is above 0. */
export function nearestRoot(numerator: bigint, denominator: bigint): number {
  const scale = 100 + denominator.toString(2).length
  const scaled = numerator << BigInt(2 * scale)
  const low = floorOfRoot(scaled / denominator)
  return nearest(low * 2n + (low * low * denominator === scaled ? 0n : 1n), -scale - 1)
}

/** The largest whole number whose square is no larger than a value: Newton's method, from above. */
function floorOfRoot(value: bigint): bigint {
  if (value === 0n) return 0n
  let root = 1n << BigInt((value.toString(2).length >> 1) + 1)
  for (;;) {
    const next = (root + value / root) / 2n
    if (next >= root) return root
    root = next
  }
}

/** Ertl's improved estimate from the registers of a HyperLogLog sketch with ranks from 0 to 33, as its series are written. */
export function estimateOf(registers: readonly number[]): number {
  const m = registers.length
  const part = (rank: number) => registers.filter((other) => other === rank).length / m
  if (part(0) === 1) return 0
  const steps = Array.from({ length: 60 }, (_, index) => index + 1)
  const sigma = part(0) + steps.reduce((sum, k) => sum + part(0) ** (2 ** k) * 2 ** (k - 1), 0)
  const full = 1 - part(33)
  const tau = (1 - full - steps.reduce((sum, k) => sum + (1 - full ** (2 ** -k)) ** 2 * 2 ** -k, 0)) / 3
  const ranks = Array.from({ length: 32 }, (_, index) => index + 1)
  const harmonic = ranks.reduce((sum, rank) => sum + part(rank) * 2 ** -rank, 0)
  return m / (2 * Math.LN2) / (sigma + harmonic + tau * 2 ** -32)
}

export function total(parts: readonly bigint[]): bigint {
  return parts.reduce((a, b) => a + b, 0n)
}
