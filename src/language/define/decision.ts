import { TruelineError } from '../../core/errors.ts'
import { byName } from './by-name.ts'
import { checkOptions } from './check-options.ts'
import type {
  BandDefinition,
  BandsDecision,
  ClassCostsDecision,
  ClassThresholdDefinition,
  ClassThresholdsDecision,
  CostsDecision,
  DecisionCosts,
  OverrideDefinition,
  ThresholdDecision,
} from './decision-definition.ts'
import { referencesOf } from './derived.ts'
import { mustBe } from './given.ts'
import { withHidden } from './mentions.ts'
import type { Requires } from './requirement.ts'
import { type BoolOperand, type Needs, termExpression } from './terms.ts'

/**
 * One decision for scores above a threshold, and another one for the rest.
 * @example above(0.5, 'rebook', 'keep')
 */
export function above(threshold: number, decision: string, otherwise: string): ThresholdDecision {
  return { threshold, above: decision, otherwise }
}

/**
 * A decision for each range of scores, from the highest one down. The last band has no threshold, and takes the rest.
 * @example
 * bands([
 *   { above: 0.9, decision: 'block', reason: 'very_likely', text: 'Nine of ten such orders are sent back.' },
 *   { above: 0.6, decision: 'review' },
 *   { decision: 'pass' },
 * ])
 */
export function bands(list: readonly BandDefinition[]): BandsDecision {
  mustBe(
    Array.isArray(list),
    'bands',
    list,
    "Give a list: bands([{ above: 0.8, decision: 'block' }, { decision: 'pass' }]).",
  )
  for (const [index, band] of list.entries())
    checkOptions<BandDefinition>(`bands, band ${index + 1}`, band, {
      above: true,
      decision: true,
      reason: true,
      text: true,
    })
  return { kind: 'bands', bands: list }
}

/**
 * The decision with the least expected cost: what each one costs when the outcome comes true (`positive`), and when it
 * does not (`negative`), in any unit. The score must be a probability that can be believed: see `calibration` of a model.
 * Of decisions that cost the same the one for the lower scores is taken.
 * @example costs({ block: { positive: 0, negative: 25 }, pass: { positive: 400, negative: 0 } }) // above(0.0588…)
 */
export function costs(of: Readonly<Record<string, Omit<DecisionCosts, 'decision'>>>): CostsDecision {
  const list = Object.entries(of).map(([decision, { positive, negative, ...others }]) => {
    checkOptions(`costs, decision '${decision}'`, others, {})
    return { decision, positive, negative }
  })
  return { kind: 'costs', costs: list }
}

/**
 * The decision of a model of several classes with the least expected cost: what each decision costs when each class comes true, in
 * any unit. Every decision names every class. Of decisions that cost the same the first is taken.
 * @example
 * classCosts({
 *   refund: { late: 5, damaged: 0, fine: 40 },
 *   inspect: { late: 8, damaged: 8, fine: 8 },
 *   nothing: { late: 20, damaged: 90, fine: 0 },
 * })
 */
export function classCosts(of: Readonly<Record<string, Readonly<Record<string, number>>>>): ClassCostsDecision {
  return { kind: 'class_costs', costs: Object.entries(of).map(([decision, costs]) => ({ decision, of: costs })) }
}

/** A threshold of a class; the decision is the class itself unless given. */
type ClassThreshold = Omit<ClassThresholdDefinition, 'decision'> & { readonly decision?: string }

/**
 * The decision of a model of several classes by thresholds of its classes, in the order given: the first class whose probability is
 * above its threshold decides, though another may be likelier. The last one has no class and no threshold, and takes the rest. A class
 * may have several thresholds, the higher ones first.
 * @example
 * classThresholds([
 *   { class: 'damaged', above: 0.7, decision: 'refund', reason: 'surely_damaged', text: 'Seven of ten such parcels are damaged.' },
 *   { class: 'damaged', above: 0.2, decision: 'inspect' },
 *   { class: 'late', above: 0.5 },
 *   { decision: 'fine' },
 * ])
 */
export function classThresholds(list: readonly ClassThreshold[]): ClassThresholdsDecision {
  const thresholds = list.map((one, index): ClassThresholdDefinition => {
    const place = `classThresholds, threshold ${index + 1}`
    checkOptions<ClassThreshold>(place, one, {
      ...{ class: true, above: true, decision: true, reason: true, text: true },
    })
    const decision = one.decision ?? one.class
    if (decision === undefined)
      throw new TruelineError('definition_invalid', `${place}: It has neither a class nor a decision.`, { path: place })
    return { ...one, decision }
  })
  return { kind: 'class_thresholds', thresholds }
}

/** A rule of a model, for rows with what its condition reads. */
export interface Override<in Row> extends OverrideDefinition, Requires<Row> {}

interface OverrideOptions<When> {
  /** On columns of the row that asks, `col('name')`, and features that the model takes, `feature(group, 'name')`. */
  readonly when: When
  readonly decision: string
  /** A stable code for why, such as `large_amount`. */
  readonly reason: string
  /** What the code says to people. */
  readonly text?: string
}

/**
 * A rule that decides whatever the score says. Rules are tried in order; the first whose condition is true decides. A
 * condition that is null is not true.
 * @example override({ when: col('amount').gt(10_000), decision: 'review', reason: 'large_amount' })
 */
export function override<const When extends BoolOperand>(
  options: OverrideOptions<When>,
): Override<Needs<When, 'bool'>> {
  checkOptions<OverrideOptions<BoolOperand>>('override', options, {
    ...{ when: true, decision: true, reason: true, text: true },
  })
  const { when, decision, reason, text } = options
  const references = referencesOf(when)
  const definition: OverrideDefinition = {
    when: termExpression(when, 'override, when'),
    reads: byName(Object.fromEntries(references.map(({ column, read }) => [column, read]))),
    decision,
    reason,
    ...(text === undefined ? {} : { text }),
  }
  return withHidden(definition, references, {}) as Override<Needs<When, 'bool'>>
}
