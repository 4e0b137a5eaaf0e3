import { log } from '../../../core/math/log.ts'
import { SCRATCH_BINS, SPLIT, type TrainingMemory } from './shared-memory.ts'
import type { Search } from './split-search.ts'

/** With no more categories than this each is tried alone, as LightGBM's max_cat_to_onehot has it. */
const MOST_ALONE = 4
/** What the best of 254 thresholds on a number that says nothing gains, where a sum of gradients has variance 1: see ADR 59. */
const CHANCE_OF_NUMBER = 5
const logarithms = Float64Array.from({ length: SCRATCH_BINS }, (_, number) => log(number))

const ratios = new Float64Array(SCRATCH_BINS)
const ratioBits = new Uint32Array(ratios.buffer)

/** A side of a split on categories. */
interface Side {
  gradient: number
  hessian: number
}

/**
 * Tries sets of categories to go left, and writes the best to `splits` where it gains more than what is there. What has no bin of
 * its own goes right: what is missing, rare, or comes later and was never seen.
 *
 * Ordered by gradient over hessian, the best set of all is a stretch from one end (Fisher, "On Grouping for Maximum Homogeneity",
 * 1958), so as many are tried as there are categories instead of all sets.
 *
 * Of so many sets the best gains much where categories say nothing: about the logarithm of the number of sets of that size, times
 * `noise`. So a set gains less by that, `categoryChance` times, so far as it is more than thresholds on a number gain by chance.
 * The other guards are LightGBM's (Ke et al., 2017; its parameters cat_smooth, cat_l2, max_cat_threshold and min_data_per_group):
 * a category counts with `categorySmoothing` rows or more, the order is drawn towards 0 as by so much more weight, a side is
 * penalised by `categoryLambda` more, a set has at most `categoryMost` categories, and grows by at least `categoryRows` rows from one
 * try to the next. Rows are counted by their share of the hessian, as LightGBM counts them: a histogram has no other.
 * @param start where the feature begins in the node's histogram
 * @param bins of the feature, that for all else included
 */
export function scanCategories(
  { histograms, settings, noise }: TrainingMemory,
  start: number,
  bins: number,
  search: Search,
  splits: Float64Array,
  at: number,
  feature: number,
): void {
  const { categorySplits, packing } = settings
  const { totalGradient, totalHessian, parentScore, rows } = search
  const rowsOf = rows / totalHessian
  const sumAt = (bin: number): Side => ({
    gradient: histograms[start + 2 * bin] as number,
    hessian: histograms[start + 2 * bin + 1] as number,
  })

  /** Whether the set gains more than what was found before, less what is due to chance; it is written then. */
  function take(left: Side, lambda: number, categoryLambda: number, chance: number): boolean {
    const a = left.hessian + lambda
    const b = totalHessian - left.hessian + lambda
    const rightGradient = totalGradient - left.gradient
    const gain =
      (left.gradient * left.gradient * b + rightGradient * rightGradient * a) / (a * b) - parentScore - chance
    if (gain <= (splits[at + SPLIT.gain] as number)) return false
    splits[at + SPLIT.gain] = gain
    splits[at + SPLIT.feature] = feature
    splits[at + SPLIT.missingRight] = 1
    splits[at + SPLIT.gradient] = left.gradient
    splits[at + SPLIT.hessian] = left.hessian
    splits[at + SPLIT.categoryLambda] = categoryLambda
    splits[at + SPLIT.chance] = chance
    return true
  }

  // The last bin of a histogram is that of numbers above all cuts.
  const categories = bins - 2
  if (categories <= MOST_ALONE) {
    for (let bin = 1; bin <= categories; bin += 1) {
      const left = sumAt(bin)
      if (left.hessian < search.leastHessian || totalHessian - left.hessian < search.leastHessian) continue
      if (take(left, search.lambda, 0, 0)) writeSet(splits, at, [bin])
    }
    return
  }

  const order = orderOf(histograms, start, categories, {
    least: categorySplits.smoothing / rowsOf,
    smoothing: categorySplits.smoothing * packing.hessianScale,
  })
  const lambda = search.lambda + categorySplits.lambda * packing.hessianScale
  const most = Math.min(categorySplits.most, (order.length + 1) >>> 1)
  const unit = categorySplits.chance * (noise[0] as number)
  for (const fromEnd of [false, true]) {
    const left: Side = { gradient: 0, hessian: 0 }
    let added = 0
    let best = 0
    /** The logarithm of how many sets of this size there are. */
    let sets = 0
    for (let taken = 1; taken <= most; taken += 1) {
      const bin = (fromEnd ? order[order.length - taken] : order[taken - 1]) as number
      const { gradient, hessian } = sumAt(bin)
      left.gradient += gradient
      left.hessian += hessian
      added += hessian
      sets += (logarithms[order.length - taken + 1] as number) - (logarithms[taken] as number)
      const rightHessian = totalHessian - left.hessian
      if (left.hessian < search.leastHessian) continue
      if (rightHessian < search.leastHessian || rightHessian * rowsOf < categorySplits.rows) break
      if (added * rowsOf < categorySplits.rows) continue
      added = 0
      const chance = unit * Math.max(0, sets - CHANCE_OF_NUMBER)
      if (take(left, lambda, categorySplits.lambda, chance)) best = taken
    }
    if (best > 0) writeSet(splits, at, fromEnd ? order.subarray(order.length - best) : order.subarray(0, best))
  }
}

/** Bins of categories with enough rows, by gradient over hessian, of equal ones by bin. */
function orderOf(
  histograms: Float64Array,
  start: number,
  categories: number,
  { least, smoothing }: { readonly least: number; readonly smoothing: number },
): Uint8Array {
  let count = 0
  for (let bin = 1; bin <= categories; bin += 1) {
    const gradient = histograms[start + 2 * bin] as number
    const hessian = histograms[start + 2 * bin + 1] as number
    if (hessian < least || hessian === 0) continue
    ratios[count] = gradient / (hessian + smoothing)
    // The bin takes the place of the last eight bits, so that numbers are sorted, and no function is called to compare two.
    ratioBits[2 * count] = ((ratioBits[2 * count] as number) & ~0xff) | bin
    count += 1
  }
  ratios.subarray(0, count).sort()
  return Uint8Array.from({ length: count }, (_, place) => (ratioBits[2 * place] as number) & 0xff)
}

function writeSet(splits: Float64Array, at: number, bins: ArrayLike<number>): void {
  const words = new Uint32Array(SPLIT.words)
  for (let place = 0; place < bins.length; place += 1) {
    const bin = bins[place] as number
    words[bin >>> 5]! |= 1 << (bin & 31)
  }
  splits.set(words, at + SPLIT.set)
}

/** The bins in the set of a split on categories, in ascending order. */
export function readSet(splits: Float64Array, at: number): number[] {
  const bins: number[] = []
  for (let bin = 0; bin < SCRATCH_BINS; bin += 1)
    if ((((splits[at + SPLIT.set + (bin >>> 5)] as number) >>> (bin & 31)) & 1) === 1) bins.push(bin)
  return bins
}
