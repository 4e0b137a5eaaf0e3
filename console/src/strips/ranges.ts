type Range = readonly [number, number]

/** From zero to a little above the largest value: for counts and latencies, where zero matters. */
export function fromZero(_min: number, max: number): Range {
  return [0, max > 0 ? max * 1.12 : 1]
}

/** From zero to one at most: for scores. */
export function scores(_min: number, max: number): Range {
  return [0, Math.min(1, max > 0 ? max * 1.12 : 1)]
}

/**
 * Around all values and levels, with room to both sides, from zero to `most`: for metrics that are far from zero.
 * @param most 1 unless given
 */
export function around(levels: readonly number[], most = 1): (min: number, max: number) => Range {
  return (min, max) => {
    const values = max > 0 ? [min, max, ...levels] : levels
    if (values.length === 0) return [0, 1]
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const room = Math.max(0.01, (high - low) * 0.1)
    return [Math.max(0, low - room), Math.min(most, high + room)]
  }
}
