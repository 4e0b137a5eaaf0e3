const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/**
 * Writes the bin of each value: 0 for NaN, else 1 + the number of cuts that are not above the value.
 * @param cuts rising, at most 254
 */
export function assignBins(column: Float32Array, cuts: Float32Array, bins: Uint8Array): void {
  const table = lowerBounds(cuts)
  const columnBits = new Uint32Array(column.buffer, column.byteOffset, column.length)
  const count = cuts.length
  for (let row = 0; row < column.length; row += 1) {
    const value = column[row] as number
    if (Number.isNaN(value)) {
      bins[row] = 0
      continue
    }
    let bin = table[orderedBits(columnBits[row] as number) >>> 16] as number
    while (bin < count && (cuts[bin] as number) <= value) bin += 1
    bins[row] = bin + 1
  }
}

/** For each upper half of the ordered bits: how many cuts lie below all floats that begin with it. */
function lowerBounds(cuts: Float32Array): Uint8Array {
  const table = new Uint8Array(65_536)
  const ordered = Array.from(cuts, (cut) => {
    float[0] = cut
    return orderedBits(bits[0] as number)
  })
  let below = 0
  for (let half = 0; half < table.length; half += 1) {
    while (below < ordered.length && (ordered[below] as number) < half * 65_536) below += 1
    table[half] = below
  }
  return table
}

/** Bits of a float32, changed so that they order as the floats do, as unsigned integers. */
function orderedBits(word: number): number {
  return (word >>> 31 === 1 ? ~word : word | 0x80000000) >>> 0
}
