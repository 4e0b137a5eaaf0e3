import type { Digest } from '../../core/digest.ts'
import type { Variant, VectorPlan } from '../../data/features/vector.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { digestOfFeatures, digestOfTable } from '../../language/define/digest.ts'
import type { Calibration } from '../../models/inference/calibration.ts'
import type { VectorScorer } from '../../models/inference/encoders.ts'
import type { HandRules } from './hand-rules.ts'
import type { ServedContract } from './model-contract.ts'

/** A version of a model, loaded and ready to score. */
export interface ServedVersion {
  readonly model: ModelDefinition
  /** The definitions that it was trained with. */
  readonly project: ProjectDefinition
  readonly version: number
  readonly digest: Digest
  readonly variant: Variant
  readonly plan: VectorPlan
  /** What it takes and gives. */
  readonly contract: ServedContract
  /** Digests of what the plan's sequences are of: its groups, and then its tables. */
  readonly sequenceDigests: readonly Digest[]
  /** Of vectors as they are served, before calibration: see `createVectorScoring`. */
  readonly scorer: VectorScorer
  readonly calibration?: Calibration | undefined
  /** What people decided in its place, while it serves. */
  readonly hand?: HandRules | undefined
}

/** Digests of the feature groups that a plan reads, and then of its tables, in order. */
export function sequenceDigestsOf(plan: VectorPlan, project: ProjectDefinition): readonly Digest[] {
  return [
    ...plan.groups.map(({ definition }) => digestOfFeatures(definition, project)),
    ...plan.tables.map(({ definition }) => digestOfTable(definition, project)),
  ]
}
