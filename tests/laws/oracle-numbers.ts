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

export function total(parts: readonly bigint[]): bigint {
  return parts.reduce((a, b) => a + b, 0n)
}
