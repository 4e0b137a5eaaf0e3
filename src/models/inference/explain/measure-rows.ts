import { magicOf } from '../envelope.ts'
import { treeCount } from '../forest.ts'
import { decodeForest, FOREST_KIND } from '../forest-codec.ts'
import { leafOf } from '../forest-walk.ts'
import { decodeLinearModel, LINEAR_KIND } from '../linear-model.ts'
import type { ExplanationPart } from './explanation-part.ts'

/** Rows as a scorer takes them. */
export interface EncodedRows {
  readonly rows: number
  /** Writes a row into `values`. */
  read(row: number, values: Float64Array): void
}

/**
 * What explains a model whose file does not say it, measured on rows: how many reach each node of a forest, or the means of a linear
 * model's inputs.
 * @param scorer its artifact's bytes
 * @returns undefined where nothing is missing, without rows, and of a model that is not explained
 */
export function measureRows(scorer: Uint8Array, rows: EncodedRows): ExplanationPart | undefined {
  if (rows.rows === 0) return undefined
  switch (magicOf(scorer)) {
    case FOREST_KIND.magic:
      return coversOf(scorer, rows)
    case LINEAR_KIND.magic:
      return { kind: 'means', numbers: meansOf(scorer, rows) }
    default:
      return undefined
  }
}

function meansOf(scorer: Uint8Array, { rows, read }: EncodedRows): Float64Array {
  const { missingAs } = decodeLinearModel(scorer)
  const sums = new Float64Array(missingAs.length)
  const values = new Float64Array(missingAs.length)
  for (let row = 0; row < rows; row += 1) {
    read(row, values)
    for (let input = 0; input < values.length; input += 1) {
      const value = values[input]!
      sums[input]! += Number.isNaN(value) ? missingAs[input]! : value
    }
  }
  return sums.map((sum) => sum / rows)
}

function coversOf(scorer: Uint8Array, { rows, read }: EncodedRows): ExplanationPart | undefined {
  const forest = decodeForest(scorer)
  if (forest.covers !== undefined) return undefined
  const { feature, right } = forest.nodes
  const trees = treeCount(forest)
  const numbers = new Float64Array(feature.length)
  const values = new Float64Array(forest.featureNames.length)
  for (let row = 0; row < rows; row += 1) {
    read(row, values)
    for (let tree = 0; tree < trees; tree += 1) numbers[leafOf(forest, tree, values, 0)]! += 1
  }
  // Children stand after their parents.
  for (let node = feature.length - 1; node >= 0; node -= 1)
    if (feature[node]! >= 0) numbers[node] = numbers[node + 1]! + numbers[right[node]!]!
  return { kind: 'covers', numbers }
}
