import type { RetrainDefinition } from '../../language/define/retrain-definition.ts'
import type { MetricName } from '../../stats/metrics/metrics.ts'

/** How good what served was, by the outcomes that came. */
export interface SimulatedScore {
  readonly predictions: number
  readonly labelled: number
  /** By the metric of the gate, with its 95% interval; null, and without one, where the outcomes cannot say. */
  readonly value: number | null
  readonly low?: number
  readonly high?: number
}

/** A week or a month that was lived through: [from, to) in microseconds. */
export interface StretchScore extends SimulatedScore {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** A version that began to serve after the first one. */
export interface SimulatedRelease {
  readonly version: number
  readonly at: number
  readonly change: string
}

/** What a policy cost, and what came of it. */
export interface PolicyReport {
  readonly policy: string
  readonly retrain: RetrainDefinition
  readonly metric: MetricName
  /** Trainings that it led to, those among them that failed, and the real seconds that they took. */
  readonly runs: number
  readonly failed: number
  readonly seconds: number
  /** Versions that served after the first one, and those that were taken back. */
  readonly promotions: number
  readonly reverted: number
  /** Alerts about the model, but for those about retraining itself. */
  readonly alerts: number
  readonly releases: readonly SimulatedRelease[]
  readonly overall: SimulatedScore
  /** Each month, or each week where there are less than two months. */
  readonly stretches: readonly StretchScore[]
}

/** Policies of retraining compared over a stretch of a model's history, [from, until) in microseconds. */
export interface SimulationReport {
  readonly from: number
  readonly until: number
  /** In the order in which they were asked for. */
  readonly policies: readonly PolicyReport[]
}

/** A comparison as it is kept; it never changes. */
export interface Simulation extends SimulationReport {
  readonly number: number
  readonly model: string
  /** Microseconds. */
  readonly at: number
  readonly by: string
  /** Version of the program that made it. */
  readonly program: string
}
