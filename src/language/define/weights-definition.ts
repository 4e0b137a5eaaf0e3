import type { Expression } from '../expr/expression.ts'

/** How much rows count where a model is learnt: the product of both where both are said. */
export interface WeightsDefinition {
  /** By outcome, in the training alone; `balanced` lets both outcomes count for half. */
  readonly classes?: 'balanced' | ClassWeights
  /** A number of the row that asks, at least 0: the metrics of the evaluation count rows by it too. */
  readonly rows?: Expression
}

/** How much a row counts whose outcome came, and one whose outcome did not; each at least 0. */
export interface ClassWeights {
  readonly positive: number
  readonly negative: number
}
