import { readFileSync } from 'node:fs'
import type { Forest } from '../src/models/inference/forest.ts'
import { buildForest } from '../src/models/inference/forest-builder.ts'

interface XgboostModel {
  readonly learner: { readonly gradient_booster: { readonly model: { readonly trees: readonly XgboostTree[] } } }
}

interface XgboostTree {
  readonly left_children: readonly number[]
  readonly right_children: readonly number[]
  readonly split_indices: readonly number[]
  readonly split_conditions: readonly number[]
  readonly default_left: readonly number[]
}

/** The forest of a model that the reference wrote: numeric splits, and a base margin of 0. Its scores are margins. */
export function readXgboostForest(path: string, inputs: number): Forest {
  const { learner } = JSON.parse(readFileSync(path, 'utf8')) as XgboostModel
  return buildForest(
    { featureNames: Array.from({ length: inputs }, (_, input) => `f${input}`), precision: 'float32' },
    learner.gradient_booster.model.trees.map((tree) => ({
      root: 0,
      node: (id) => {
        const threshold = tree.split_conditions[id]!
        const left = tree.left_children[id]!
        if (left === -1) return { value: threshold }
        const defaultLeft = tree.default_left[id] === 1
        return { feature: tree.split_indices[id]!, threshold, defaultLeft, left, right: tree.right_children[id]! }
      },
    })),
  )
}
