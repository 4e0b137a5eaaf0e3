/** The middle one of some figures; of an even number the upper of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** A figure with as many digits after the point. */
export function rounded(figure: number, digits = 2): number {
  return Number(figure.toFixed(digits))
}
