import type { ClassCostsDecision, ClassDecision, ClassThresholdsDecision } from './decision-definition.ts'
import type { Mistakes } from './mistakes.ts'

/**
 * Checks what is decided by the probabilities of classes.
 * @param classes of the model; undefined where it has none
 */
export function checkClassDecision(
  decision: ClassDecision,
  classes: readonly string[] | undefined,
  mistakes: Mistakes,
): void {
  if (classes === undefined)
    mistakes.add(
      'definition_invalid',
      'serve.decision',
      decision.kind === 'class_costs'
        ? 'Costs by class are weighed by the probabilities of classes, and this model has none.'
        : 'Thresholds by class are compared with the probabilities of classes, and this model has none.',
      decision.kind === 'class_costs' ? 'Use costs().' : 'Use above() or bands().',
    )
  else if (decision.kind === 'class_costs') checkCosts(decision, classes, mistakes)
  else checkThresholds(decision, classes, mistakes)
}

function checkCosts({ costs }: ClassCostsDecision, classes: readonly string[], mistakes: Mistakes): void {
  const require = requirement(mistakes)
  require(costs.length > 0, 'There is no decision.')
  require(new Set(costs.map(({ decision }) => decision)).size === costs.length, 'A decision is there twice.')
  for (const { decision, of } of costs) {
    for (const name of Object.keys(of))
      mistakes.known('definition_invalid', `serve.decision ${decision}`, 'class', name, classes)
    const lacking = classes.filter((name) => !Object.hasOwn(of, name))
    require(lacking.length === 0, `It is not said what ${decision} costs where the class is ${lacking.join(', ')}.`)
    require(Object.values(of).every(Number.isFinite), 'A cost is not a number.')
  }
}

function checkThresholds(
  { thresholds }: ClassThresholdsDecision,
  classes: readonly string[],
  mistakes: Mistakes,
): void {
  const require = requirement(mistakes)
  require(thresholds.length > 0, 'There is no threshold.')
  const last = thresholds.at(-1)
  if (last === undefined) return
  require(last.class === undefined &&
    last.above === undefined, 'The last one takes the rest: it has no class and no threshold.')
  const lowest = new Map<string, number>()
  for (const { class: name, above } of thresholds.slice(0, -1)) {
    if (name === undefined || above === undefined) {
      require(false, 'Each but the last one needs a class, `class`, and its threshold, `above`.')
      continue
    }
    mistakes.known('definition_invalid', 'serve.decision', 'class', name, classes)
    // A probability is at most 1, so that nothing is above it.
    require(above >= 0 && above < 1, `A probability is compared with a threshold from 0 to below 1, not ${above}.`)
    const before = lowest.get(name)
    require(before === undefined ||
      above < before, `The thresholds of '${name}' must fall: ${above} is not below ${before}.`)
    lowest.set(name, above)
  }
}

function requirement(mistakes: Mistakes): (holds: boolean, message: string) => void {
  return (holds, message) => {
    if (!holds) mistakes.add('definition_invalid', 'serve.decision', message)
  }
}
