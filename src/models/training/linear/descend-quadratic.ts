/** A quadratic function of a few coordinates with an elastic net on each. */
export interface Quadratic {
  /** The gradient at `from`. */
  readonly gradient: Float64Array
  /** Second derivatives, row by row: symmetric, none of the diagonal below 0. */
  readonly curvature: Float64Array
  readonly from: Float64Array
  /** Of each coordinate, the penalties on its absolute value and on half its square. */
  readonly l1: Float64Array
  readonly l2: Float64Array
}

const MOST_CYCLES = 1000

/**
 * Where the function is smallest, by cyclic coordinate descent: each coordinate in turn goes to its own minimum, a soft
 * threshold (Friedman, Hastie and Tibshirani, "Regularization Paths for Generalized Linear Models via Coordinate
 * Descent", 2010).
 * @param tolerance it ends when no coordinate's gradient changed by more in a whole cycle
 */
export function descendQuadratic({ gradient, curvature, from, l1, l2 }: Quadratic, tolerance: number): Float64Array {
  const size = from.length
  const at = Float64Array.from(from)
  const slope = Float64Array.from(gradient)
  for (let cycle = 0; cycle < MOST_CYCLES; cycle += 1) {
    let largest = 0
    for (let place = 0; place < size; place += 1) {
      const own = curvature[place * size + place]!
      const old = at[place]!
      const stiffness = own + l2[place]!
      if (stiffness === 0) continue
      const next = softThreshold(own * old - slope[place]!, l1[place]!) / stiffness
      const change = next - old
      if (change === 0) continue
      at[place] = next
      for (let other = 0; other < size; other += 1) slope[other]! += change * curvature[place * size + other]!
      largest = Math.max(largest, Math.abs(change) * stiffness)
    }
    if (largest <= tolerance) break
  }
  return at
}

function softThreshold(value: number, threshold: number): number {
  if (value > threshold) return value - threshold
  return value < -threshold ? value + threshold : 0
}
