import { likeliest } from '../../core/math/likeliest.ts'
import { bandsOf, costsOfClasses } from '../../language/define/decision-bands.ts'
import type { DecisionDefinition } from '../../language/define/decision-definition.ts'
import type { Verdict } from './verdict.ts'

const scoresAlone: Verdict = { decision: undefined, decidedBy: undefined }

/** What a score alone decides. */
export function createScoreDecider(definition: DecisionDefinition | undefined): (score: number) => Verdict {
  if (definition === undefined || definition.kind === 'class_costs') return () => scoresAlone
  const bands = bandsOf(definition).map((band): { above: number; verdict: Verdict } => ({
    above: band.above,
    verdict: {
      decision: band.decision,
      decidedBy: undefined,
      reason: { code: band.reason, ...(band.text === undefined ? {} : { text: band.text }) },
    },
  }))
  const last = bands.length - 1
  return (score) => {
    let band = 0
    while (band < last && !(score > bands[band]!.above)) band += 1
    return bands[band]!.verdict
  }
}

/**
 * What the probabilities of several classes decide, those of a row from a place on: the likeliest class, or what costs least by
 * them. Sums of costs are in the order of the classes, so that they are the same bits wherever they are made; of equal ones the
 * first decides.
 */
export function createClassDecider(
  definition: DecisionDefinition | undefined,
  classes: readonly string[],
): (probabilities: Float64Array, from: number) => Verdict {
  if (definition?.kind !== 'class_costs') {
    const verdicts = classes.map((name): Verdict => ({ decision: name, decidedBy: undefined }))
    return (probabilities, from) => verdicts[likeliest(probabilities, from, classes.length)]!
  }
  const costs = costsOfClasses(definition, classes)
  const verdicts = definition.costs.map(
    ({ decision }): Verdict => ({ decision, decidedBy: undefined, reason: { code: decision } }),
  )
  return (probabilities, from) => {
    let cheapest = 0
    let least = Number.POSITIVE_INFINITY
    for (let place = 0; place < costs.length; place += 1) {
      let expected = 0
      for (let index = 0; index < classes.length; index += 1)
        expected += probabilities[from + index]! * costs[place]![index]!
      if (expected < least) {
        least = expected
        cheapest = place
      }
    }
    return verdicts[cheapest]!
  }
}
