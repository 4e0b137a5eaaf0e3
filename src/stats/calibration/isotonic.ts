import { TruelineError } from '../../core/errors.ts'
import { ascendingOrder } from '../metrics/ascending-order.ts'
import { checkProbabilities, type Numbers } from '../metrics/numbers.ts'

/** A probability that rises with the score along straight lines between points, and stays level outside of them. */
export interface IsotonicCalibration {
  readonly kind: 'isotonic'
  /** Ascending, each once. */
  readonly scores: readonly number[]
  /** At each of the scores; never falling. */
  readonly probabilities: readonly number[]
}

/** Rows of neighbouring scores that share a probability. */
interface Block {
  readonly first: number
  readonly last: number
  readonly rows: number
  readonly positives: number
}

/**
 * Fits isotonic regression: of all functions that never fall, the one that is nearest to the outcomes (Zadrozny and
 * Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates", 2002), by pooling adjacent
 * violators (Barlow et al., "Statistical Inference under Order Restrictions", 1972). Of each level the first and the last
 * score are kept, with straight lines between levels, as scikit-learn does.
 * @param labels 0 and 1, both of them
 * @param scores from 0 to 1
 * @throws TruelineError `single_class` when the labels are all the same; what `checkProbabilities` throws
 */
export function fitIsotonic(labels: Numbers, scores: Numbers): IsotonicCalibration {
  checkProbabilities(labels, scores)
  const pooled: Block[] = []
  for (const block of blocksOfScores(labels, scores)) {
    let merged = block
    // A share is compared by whole numbers, so that rounding never pools or parts.
    for (let before = pooled.at(-1); before !== undefined && !isBelow(before, merged); before = pooled.at(-1)) {
      merged = {
        ...{ first: before.first, last: merged.last },
        ...{ rows: before.rows + merged.rows, positives: before.positives + merged.positives },
      }
      pooled.pop()
    }
    pooled.push(merged)
  }
  if (pooled.length <= 1 && !hasBoth(pooled[0]))
    throw new TruelineError('single_class', 'A calibration needs rows of both outcomes, and these have one.')
  const points = pooled.flatMap(({ first, last, rows, positives }) => {
    const probability = positives / rows
    const ends = first === last ? [first] : [first, last]
    return ends.map((score) => ({ score, probability }))
  })
  return {
    kind: 'isotonic',
    scores: points.map(({ score }) => score),
    probabilities: points.map(({ probability }) => probability),
  }
}

/** The probability of a score, as a calibration says; NaN of NaN, so that no score that is none passes for one. */
export function applyIsotonic({ scores, probabilities }: IsotonicCalibration, score: number): number {
  let low = 0
  let high = scores.length - 1
  if (score <= scores[0]!) return probabilities[0]!
  if (score >= scores[high]!) return probabilities[high]!
  if (Number.isNaN(score)) return score
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (scores[middle]! <= score) low = middle
    else high = middle
  }
  const from = probabilities[low]!
  const rise = (probabilities[high]! - from) / (scores[high]! - scores[low]!)
  return Math.min(from + rise * (score - scores[low]!), probabilities[high]!)
}

/** One block for each different score, ascending. */
function blocksOfScores(labels: Numbers, scores: Numbers): Block[] {
  const blocks: Block[] = []
  for (const row of ascendingOrder(scores)) {
    const score = scores[row]!
    const last = blocks.at(-1)
    if (last?.first === score)
      blocks[blocks.length - 1] = { ...last, rows: last.rows + 1, positives: last.positives + labels[row]! }
    else blocks.push({ first: score, last: score, rows: 1, positives: labels[row]! })
  }
  return blocks
}

function isBelow(one: Block, other: Block): boolean {
  return one.positives * other.rows < other.positives * one.rows
}

function hasBoth(block: Block | undefined): boolean {
  return block !== undefined && block.positives > 0 && block.positives < block.rows
}
