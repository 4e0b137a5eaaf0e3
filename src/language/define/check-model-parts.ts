import { isObject, isOfKind, mustBe } from './given.ts'

/** The parts of a model as plain JavaScript may give them. */
interface Parts {
  readonly at?: unknown
  readonly features?: unknown
  readonly label?: unknown
  readonly split?: unknown
  readonly trainer?: unknown
  readonly serve?: { readonly decision?: unknown; readonly overrides?: unknown }
}

const TRAINERS = ['gbdt', 'logistic', 'linear', 'command']
const DECISIONS = ['bands', 'costs', 'class_costs', 'class_thresholds']

/**
 * Refuses parts of a model that no builder gave, such as a name in the place of a definition; what the parts say is checked with the project.
 * @param place such as `model 'late_flight'`
 * @throws TruelineError `definition_invalid`
 */
export function checkModelParts(place: string, parts: Parts): void {
  const { at, features, label, split, trainer, serve = {} } = parts
  mustBe(isOfKind(at, 'stream'), `${place}, at`, at, 'Give the stream itself, without quotes: at: orders.')
  const list = 'Give a list of definitions: features: [customerOrders].'
  mustBe(Array.isArray(features), `${place}, features`, features, list)
  const outcome =
    "Say what the outcome is: label(returns, col('refund').gt(0)).on('order').within('21d').absent(false)."
  mustBe(isObject(label), `${place}, label`, label, outcome)
  const split3 = "Split by time: byTime({ train: '80d', validate: '20d', test: '25d' })."
  mustBe(isOfKind(split, 'time'), `${place}, split`, split, split3)
  if (trainer !== undefined) {
    const example = `Call one of ${TRAINERS.join(', ')}: trainer: gbdt({ trees: 200 }).`
    mustBe(isObject(trainer) && 'kind' in trainer, `${place}, trainer`, trainer, example)
  }
  checkDecisionParts(`${place}, serve`, serve)
}

function checkDecisionParts(place: string, { decision, overrides }: NonNullable<Parts['serve']>): void {
  if (decision !== undefined) {
    const made = isOfKind(decision, ...DECISIONS) || (isObject(decision) && 'threshold' in decision)
    const example = "Say what is decided by the score: above(0.5, 'review', 'pass'), bands([...]) or costs({...})."
    mustBe(made, `${place}.decision`, decision, example)
  }
  if (overrides === undefined) return
  const example =
    "Give a list of rules: [override({ when: col('amount').gt(1000), decision: 'call', reason: 'large' })]."
  mustBe(Array.isArray(overrides), `${place}.overrides`, overrides, example)
  for (const one of overrides as readonly unknown[])
    mustBe(isObject(one) && 'reads' in one, `${place}.overrides`, one, example)
}
