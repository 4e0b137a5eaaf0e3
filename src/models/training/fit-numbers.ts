import type { ScaleMethod } from '../../language/define/encoding-definition.ts'

/** Where a scale has its zero, and what is one of it. */
export interface Scale {
  readonly center: number
  /** Never 0. */
  readonly spread: number
}

/**
 * The center and the spread of numbers: mean and population standard deviation, smallest number and range, or median and
 * interquartile range. Sums are taken in the order given. A spread of 0 is 1, and no numbers have the center 0.
 */
export function scaleOf(by: ScaleMethod, numbers: Float64Array): Scale {
  if (numbers.length === 0) return { center: 0, spread: 1 }
  switch (by) {
    case 'standard':
      return standardScale(numbers)
    case 'minMax': {
      const sorted = numbers.toSorted()
      return { center: sorted[0]!, spread: sorted.at(-1)! - sorted[0]! || 1 }
    }
    case 'robust': {
      const sorted = numbers.toSorted()
      return { center: quantile(sorted, 0.5), spread: quantile(sorted, 0.75) - quantile(sorted, 0.25) || 1 }
    }
  }
}

/**
 * Edges that part numbers into so many buckets of about as many numbers each; fewer where numbers tie.
 * @returns ascending edges: a bucket begins at each, and one before the first
 */
export function quantileEdges(numbers: Float64Array, buckets: number): number[] {
  const sorted = numbers.toSorted()
  const edges = new Set<number>()
  for (let bucket = 1; bucket < buckets && sorted.length > 0; bucket += 1) {
    const edge = sorted[Math.floor((bucket * sorted.length) / buckets)]!
    if (edge > sorted[0]!) edges.add(edge)
  }
  return [...edges]
}

function standardScale(numbers: Float64Array): Scale {
  let sum = 0
  for (const number of numbers) sum += number
  const center = sum / numbers.length
  let squares = 0
  // Not a power: its bits differ between versions of the host.
  for (const number of numbers) squares += (number - center) * (number - center)
  return { center, spread: Math.sqrt(squares / numbers.length) || 1 }
}

/** A quantile between the two nearest numbers in proportion: Hyndman and Fan (1996), definition 7. */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]!
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place))
}
