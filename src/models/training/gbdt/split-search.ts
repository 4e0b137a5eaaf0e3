import { scanCategories } from './category-search.ts'
import { NODE, SPLIT, type TrainingMemory } from './shared-memory.ts'

/** A split must gain more than this part of the node's own score: less is rounding. */
const LEAST_GAIN = 1e-12

/** Sums and bounds of the node whose splits are compared, in whole units (see Packing). */
export interface Search {
  readonly totalGradient: number
  readonly totalHessian: number
  readonly parentScore: number
  readonly lambda: number
  readonly leastHessian: number
  /** Of the node. */
  readonly rows: number
}

/**
 * Finds a node's best split in one group of features and writes it to `splits`, gain 0 where none is better than no
 * split. Of equal splits the first wins: by feature, missing right before missing left, then by threshold.
 * @param slot where the node's histogram begins
 */
export function findSplit(memory: TrainingMemory, node: number, groupIndex: number, slot: number): void {
  const { settings, histograms, binStarts, usedFeatures, categorical, splits, nodes } = memory
  const group = settings.groups[groupIndex] as (typeof settings.groups)[number]
  const at = (node * settings.groups.length + groupIndex) * SPLIT.size
  const search = searchOf(memory, slot, group.firstFeature, nodes[node * NODE.size + NODE.count] as number)
  splits.fill(0, at, at + SPLIT.size)
  splits[at + SPLIT.totalGradient] = search.totalGradient
  splits[at + SPLIT.totalHessian] = search.totalHessian
  if (search.totalHessian < 2 * search.leastHessian) return
  splits[at + SPLIT.gain] = search.parentScore * LEAST_GAIN
  splits[at + SPLIT.feature] = -1
  for (let feature = group.firstFeature; feature < group.firstFeature + group.features; feature += 1) {
    if (usedFeatures[feature] === 0) continue
    const start = slot + 2 * (binStarts[feature] as number)
    const bins = (binStarts[feature + 1] as number) - (binStarts[feature] as number)
    if (categorical[feature] === 1) {
      scanCategories(memory, start, bins, search, splits, at, feature)
      continue
    }
    const missing = histograms[start] !== 0 || histograms[start + 1] !== 0
    scan(histograms, start, bins, search, splits, at, feature, true)
    if (missing) scan(histograms, start, bins, search, splits, at, feature, false)
    else if (splits[at + SPLIT.feature] === feature) sendMissingToHeavier(splits, at)
  }
  if (splits[at + SPLIT.feature] === -1) splits[at + SPLIT.gain] = 0
}

function searchOf(
  { settings, histograms, binStarts }: TrainingMemory,
  slot: number,
  feature: number,
  rows: number,
): Search {
  let totalGradient = 0
  let totalHessian = 0
  const end = slot + 2 * (binStarts[feature + 1] as number)
  for (let i = slot + 2 * (binStarts[feature] as number); i < end; i += 2) {
    totalGradient += histograms[i] as number
    totalHessian += histograms[i + 1] as number
  }
  const { hessianScale } = settings.packing
  const lambda = settings.lambda * hessianScale
  const parentScore = totalHessian > 0 ? (totalGradient * totalGradient) / (totalHessian + lambda) : 0
  // A side needs at least one unit, or its score would be divided by nothing.
  const leastHessian = Math.max(1, settings.minChildWeight * hessianScale)
  return { totalGradient, totalHessian, parentScore, lambda, leastHessian, rows }
}

/** Tries all thresholds of a feature, with missing rows on one side. */
function scan(
  histograms: Float64Array,
  start: number,
  bins: number,
  search: Search,
  splits: Float64Array,
  at: number,
  feature: number,
  missingRight: boolean,
): void {
  const { totalGradient, totalHessian, parentScore, lambda, leastHessian } = search
  let gradient = missingRight ? 0 : (histograms[start] as number)
  let hessian = missingRight ? 0 : (histograms[start + 1] as number)
  let best = splits[at + SPLIT.gain] as number
  for (let bin = 1; bin + 1 < bins; bin += 1) {
    const binGradient = histograms[start + 2 * bin] as number
    const binHessian = histograms[start + 2 * bin + 1] as number
    if (binHessian === 0 && binGradient === 0) continue
    gradient += binGradient
    hessian += binHessian
    const rightHessian = totalHessian - hessian
    if (hessian < leastHessian) continue
    if (rightHessian < leastHessian) return
    const rightGradient = totalGradient - gradient
    const a = hessian + lambda
    const b = rightHessian + lambda
    // G1^2 / a + G2^2 / b with one division instead of two.
    const gain = (gradient * gradient * b + rightGradient * rightGradient * a) / (a * b) - parentScore
    if (gain <= best) continue
    best = gain
    splits[at + SPLIT.gain] = gain
    splits[at + SPLIT.feature] = feature
    splits[at + SPLIT.leftBins] = bin
    splits[at + SPLIT.missingRight] = missingRight ? 1 : 0
    splits[at + SPLIT.gradient] = gradient
    splits[at + SPLIT.hessian] = hessian
    splits[at + SPLIT.categoryLambda] = 0
    splits[at + SPLIT.chance] = 0
  }
}

/** Where no row of the node lacks the feature, a missing value goes where most rows go. */
function sendMissingToHeavier(splits: Float64Array, at: number): void {
  const left = splits[at + SPLIT.hessian] as number
  splits[at + SPLIT.missingRight] = 2 * left < (splits[at + SPLIT.totalHessian] as number) ? 1 : 0
}
