import type { Expression } from '../expr/expression.ts'

/** How much rows count where a model is learnt: the product of both where both are said. */
export interface WeightsDefinition {
  /** By outcome, in the training alone; `balanced` lets all outcomes count for as much. */
  readonly classes?: 'balanced' | ClassWeights
  /** A number of the row that asks, at least 0: the metrics of the evaluation count rows by it too. */
  readonly rows?: Expression
}

/**
 * How much a row counts by its outcome, each at least 0: `positive` where it came and `negative` where it did not, or of several
 * classes each by its name.
 */
export type ClassWeights = Readonly<Record<string, number>>
