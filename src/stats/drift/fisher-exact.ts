const NEGLIGIBLE = 1e-18

/**
 * Fisher's exact test that a rare property is as frequent in two samples: `inReference` of `reference` rows against
 * `inCurrent` of `current` rows. The p-value is twice the smaller tail of the hypergeometric distribution, at most 1, and
 * never too small; below about 1e-16 it reads 0. The work grows with the root of the number of rows that have the property.
 */
export function fisherExact(inReference: number, reference: number, inCurrent: number, current: number): number {
  const marked = inReference + inCurrent
  const fewest = Math.max(0, marked - reference)
  const most = Math.min(marked, current)
  const mode = Math.min(Math.max(Math.floor(((marked + 1) * (current + 1)) / (reference + current + 2)), fewest), most)
  // Weights relative to that of the mode; where they stop to change the sum, it ends.
  let total = 0
  let atMost = 0
  let atLeast = 0
  const count = (value: number, weight: number) => {
    total += weight
    if (value <= inCurrent) atMost += weight
    if (value >= inCurrent) atLeast += weight
  }
  for (let value = mode, weight = 1; value <= most && weight > NEGLIGIBLE; value++) {
    count(value, weight)
    weight *= ((marked - value) * (current - value)) / ((value + 1) * (reference - marked + value + 1))
  }
  for (let value = mode, weight = 1; value > fewest && weight > NEGLIGIBLE; value--) {
    weight *= (value * (reference - marked + value)) / ((marked - value + 1) * (current - value + 1))
    count(value - 1, weight)
  }
  return Math.min(1, (2 * Math.min(atMost, atLeast)) / total)
}
