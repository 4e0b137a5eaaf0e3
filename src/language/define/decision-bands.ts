import type {
  BandDefinition,
  ClassCostsDecision,
  ClassDecision,
  ClassThresholdsDecision,
  CostsDecision,
  DecisionCosts,
  DecisionDefinition,
  ScoreDecision,
} from './decision-definition.ts'
import type { ModelDefinition } from './definitions.ts'

/** A range of scores with its decision: scores above `above` that no band before it takes. */
export interface DecisionBand {
  /** -Infinity for the last band. */
  readonly above: number
  readonly decision: string
  /** A stable code for why. */
  readonly reason: string
  readonly text?: string
}

/** What any decision by a score comes down to: bands from the highest threshold down, the last of which takes the rest. */
export function bandsOf(definition: ScoreDecision): readonly DecisionBand[] {
  if (definition.kind === 'bands') return definition.bands.map(bandOf)
  if (definition.kind === 'costs') return bandsOfCosts(definition)
  const { threshold, above, otherwise } = definition
  return [{ above: threshold, decision: above }, { decision: otherwise }].map(bandOf)
}

/** Whether a decision is made by the probabilities of several classes. */
export function isOfClasses(decision: DecisionDefinition): decision is ClassDecision {
  return decision.kind === 'class_costs' || decision.kind === 'class_thresholds'
}

/** What each decision, in order, costs when each of some classes comes true. */
export function costsOfClasses({ costs }: ClassCostsDecision, classes: readonly string[]): readonly Float64Array[] {
  return costs.map(({ of }) => Float64Array.from(classes, (name) => of[name]!))
}

/** What a class must be likelier than to decide; the last of a list takes the rest. */
interface ClassBand extends DecisionBand {
  /** Its place among the classes; undefined for the last band. */
  readonly place: number | undefined
}

/** What thresholds by class come down to, in their order. */
export function bandsOfClasses(
  { thresholds }: ClassThresholdsDecision,
  classes: readonly string[],
): readonly ClassBand[] {
  return thresholds.map(({ class: name, ...band }) => ({
    ...bandOf(band),
    place: name === undefined ? undefined : classes.indexOf(name),
  }))
}

/** Every decision that answers of a model can carry, each once: its classes where it has several and names no others. */
export function namedDecisions({ serve, label }: Pick<ModelDefinition, 'serve' | 'label'>): readonly string[] {
  const { decision, overrides = [], fallback } = serve
  const all = [...byScore(decision, label), ...overrides.map((one) => one.decision)]
  if (typeof fallback === 'string') all.push(fallback)
  else if (fallback !== undefined) {
    const { timeout, invalid, unavailable, missing } = fallback
    all.push(...[timeout, invalid, unavailable, missing?.decision].filter((name) => name !== undefined))
  }
  return [...new Set(all)]
}

function byScore(
  decision: ModelDefinition['serve']['decision'],
  { classes = [] }: ModelDefinition['label'],
): readonly string[] {
  if (decision === undefined) return classes
  return decisionsOf(decision).map((one) => one.decision)
}

/** What a definition decides, in its order. */
export function decisionsOf(decision: DecisionDefinition): readonly { readonly decision: string }[] {
  if (decision.kind === 'costs' || decision.kind === 'class_costs') return decision.costs
  return decision.kind === 'class_thresholds' ? decision.thresholds : bandsOf(decision)
}

function bandOf({ above, decision, reason, text }: BandDefinition): DecisionBand {
  return {
    above: above ?? Number.NEGATIVE_INFINITY,
    decision,
    reason: reason ?? decision,
    ...(text === undefined ? {} : { text }),
  }
}

/**
 * The thresholds at which another decision becomes the cheapest. The expected cost of a decision is a line over the
 * probability; the cheapest decisions are the lower envelope of these lines, and its corners are the thresholds
 * (Elkan, "The Foundations of Cost-Sensitive Learning", 2001, for two decisions). A decision that is never the cheapest
 * has no band.
 */
function bandsOfCosts({ costs }: CostsDecision): readonly DecisionBand[] {
  let cheapest = costs.reduce((best, one) =>
    one.negative < best.negative || (one.negative === best.negative && slope(one) < slope(best)) ? one : best,
  )
  const bands = [bandOf({ decision: cheapest.decision })]
  for (;;) {
    const from = cheapest
    // A decision whose cost falls no faster never becomes cheaper again.
    const later = costs.filter((one) => slope(one) < slope(from) && crossing(from, one) < 1)
    if (later.length === 0) return bands
    cheapest = later.reduce((best, one) => {
      const distance = crossing(from, one) - crossing(from, best)
      return distance < 0 || (distance === 0 && slope(one) < slope(best)) ? one : best
    })
    bands.unshift(bandOf({ above: crossing(from, cheapest), decision: cheapest.decision }))
  }
}

function slope({ positive, negative }: DecisionCosts): number {
  return positive - negative
}

/** The probability at which both cost the same. */
function crossing(from: DecisionCosts, to: DecisionCosts): number {
  const more = to.negative - from.negative
  return more / (more + from.positive - to.positive)
}
