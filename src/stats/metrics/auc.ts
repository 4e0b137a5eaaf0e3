import { ascendingOrder } from './ascending-order.ts'
import { checkBinary, type Numbers } from './numbers.ts'
import type { ResampledMetric } from './resampled-metric.ts'

/**
 * Area under the receiver operating characteristic curve: the share of pairs of a positive and a negative row in which
 * the positive one has the higher score; ties count half. 0 to 1; undefined when one class is missing.
 *
 * @example `auc(Uint8Array.of(0, 0, 1, 1), Float64Array.of(0.1, 0.4, 0.35, 0.8)) // 0.75`
 * @throws `invalid_parameter`, `not_finite` or `out_of_range` for columns that do not fit, NaN, or labels other than 0 and 1.
 */
export function auc(labels: Numbers, scores: Numbers): number | undefined {
  return resampledAuc(labels, scores)()
}

/** The highest bit of a position says whether its row is positive; the others are the row. */
const POSITIVE = 1 << 31
const ROW = ~POSITIVE
/** So few that pairs among rows that count 255 times each are whole numbers of 32 bits. */
const MOST_OF_RUN = 256

/** Rows in the order of their scores, cut into runs without equal scores and into groups of equal ones. */
interface Ranking {
  readonly positions: Int32Array
  /** Where each run or group ends. */
  readonly ends: Uint32Array
  /** 1 for a group of equal scores. */
  readonly tied: Uint8Array
}

/**
 * {@link auc} to be evaluated on many resamples: the rows are sorted once, and each resample passes over them once. Where rows count whole
 * numbers of times, as in a resample, it adds whole numbers; that takes half as long as numbers with fractions.
 */
export function resampledAuc(labels: Numbers, scores: Numbers): ResampledMetric {
  checkBinary(labels, scores)
  const ranking = rank(labels, scores)
  return (weights = new Uint8Array(labels.length).fill(1)) =>
    weights instanceof Uint8Array ? areaOfCounts(ranking, weights) : areaOfWeights(ranking, weights)
}

function rank(labels: Numbers, scores: Numbers): Ranking {
  const order = ascendingOrder(scores)
  const positions = new Int32Array(order.length)
  for (let position = 0; position < order.length; position++) {
    const row = order[position]!
    positions[position] = labels[row] === 1 ? row | POSITIVE : row
  }
  const ends = new Uint32Array(order.length)
  const tied = new Uint8Array(order.length)
  let count = 0
  let start = 0
  while (start < order.length) {
    let end = tieEnd(order, scores, start)
    tied[count] = Number(end - start > 1)
    if (tied[count] === 0)
      while (end < order.length && end - start < MOST_OF_RUN && tieEnd(order, scores, end) === end + 1) end += 1
    ends[count] = end
    count += 1
    start = end
  }
  return { positions, ends: ends.slice(0, count), tied: tied.slice(0, count) }
}

/** The first position after `start` whose score is another one. */
function tieEnd(order: Uint32Array, scores: Numbers, start: number): number {
  let end = start + 1
  while (end < order.length && scores[order[end]!] === scores[order[start]!]) end += 1
  return end
}

function areaOfCounts({ positions, ends, tied }: Ranking, counts: Uint8Array): number | undefined {
  let pairs = 0
  let positives = 0
  let negatives = 0
  let position = 0
  for (let part = 0; part < ends.length; part++) {
    const end = ends[part]!
    let within = 0
    let ownPositives = 0
    let ownNegatives = 0
    if (tied[part] === 1) {
      for (; position < end; position++) {
        const marked = positions[position]!
        const count = counts[marked & ROW]!
        if (marked < 0) ownPositives += count
        else ownNegatives += count
      }
      within = (ownPositives * ownNegatives) / 2
    } else {
      for (; position < end; position++) {
        const marked = positions[position]!
        const count = counts[marked & ROW]!
        // Without a branch, which would be guessed wrong for most positive rows: all bits of a mark are set, or none.
        const own = count & (marked >> 31)
        within = (within + Math.imul(own, ownNegatives)) | 0
        ownPositives = (ownPositives + own) | 0
        ownNegatives = (ownNegatives + count - own) | 0
      }
    }
    pairs += within + ownPositives * negatives
    positives += ownPositives
    negatives += ownNegatives
  }
  return positives === 0 || negatives === 0 ? undefined : pairs / (positives * negatives)
}

function areaOfWeights({ positions, ends, tied }: Ranking, weights: Float64Array): number | undefined {
  let pairs = 0
  let positives = 0
  let negatives = 0
  let position = 0
  for (let part = 0; part < ends.length; part++) {
    const end = ends[part]!
    while (position < end) {
      let ownPositives = 0
      let ownNegatives = 0
      const until = tied[part] === 1 ? end : position + 1
      for (; position < until; position++) {
        const marked = positions[position]!
        if (marked < 0) ownPositives += weights[marked & ROW]!
        else ownNegatives += weights[marked & ROW]!
      }
      pairs += ownPositives * (negatives + ownNegatives / 2)
      positives += ownPositives
      negatives += ownNegatives
    }
  }
  return positives === 0 || negatives === 0 ? undefined : pairs / (positives * negatives)
}
