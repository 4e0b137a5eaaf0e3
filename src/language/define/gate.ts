import type { BehaviourDefinition } from './behaviour-definition.ts'
import { checkOptions } from './check-options.ts'
import type { GateDefinition, ModelDefinition } from './definitions.ts'

/** What a candidate must prove before it may be promoted. */
export interface GateOptions<Name extends string> {
  /** AUC for a probability, log loss for those of several classes, and RMSE for a number unless given. */
  readonly metric?: GateDefinition['metric']
  readonly baseline?: GateDefinition['baseline']
  readonly champion?: GateDefinition['champion']
  readonly segments?: readonly Name[]
  /** On one group the candidate may be worse than the champion by at most this much; five of its margins unless given. */
  readonly segmentMargin?: number
  /** Groups of so many rows must each prove themselves; those that can, unless given, and the others together. */
  readonly segmentRows?: number
  /** Column whose equal values make rows depend on each other, such as the customer; rows of one hour do unless given. */
  readonly clusters?: Name
  /** The share of right decisions may fall by at most this much against the champion; it is not judged unless given. */
  readonly decisions?: { readonly margin: number }
  /** How scores must behave: `edgeCases`, `invariantTo`, `monotone`, `directional`. */
  readonly behaviour?: readonly BehaviourDefinition[]
}

const DEFAULT_MARGIN = 0.002
const defaultMetrics = { binary: 'auc', regression: 'rmse', multiclass: 'log_loss' } as const

/**
 * A gate with its defaults made explicit.
 * @throws TruelineError `definition_invalid` for an option that there is not
 */
export function gateOf(place: string, task: ModelDefinition['task'], gate: GateOptions<string> = {}): GateDefinition {
  checkOptions<GateOptions<string>>(place, gate, {
    ...{ metric: true, baseline: true, champion: true, segments: true, segmentMargin: true, segmentRows: true },
    ...{ clusters: true, decisions: true, behaviour: true },
  })
  const { metric, baseline, champion, segments, ...others } = gate
  return {
    metric: metric ?? defaultMetrics[task],
    baseline: baseline ?? 'without_windows',
    champion: champion ?? { margin: DEFAULT_MARGIN },
    segments: segments ?? [],
    ...others,
  }
}
