import { likeliest } from '../../core/math/likeliest.ts'
import {
  bandsOf,
  bandsOfClasses,
  costsOfClasses,
  type DecisionBand,
  isOfClasses,
} from '../../language/define/decision-bands.ts'
import type { ClassThresholdsDecision, DecisionDefinition } from '../../language/define/decision-definition.ts'
import type { Verdict } from './verdict.ts'

const scoresAlone: Verdict = { decision: undefined, decidedBy: undefined }

/** What a score alone decides. */
export function createScoreDecider(definition: DecisionDefinition | undefined): (score: number) => Verdict {
  if (definition === undefined || isOfClasses(definition)) return () => scoresAlone
  const bands = bandsOf(definition).map((band) => ({ above: band.above, verdict: verdictOf(band) }))
  const last = bands.length - 1
  return (score) => {
    let band = 0
    while (band < last && !(score > bands[band]!.above)) band += 1
    return bands[band]!.verdict
  }
}

function verdictOf({ decision, reason, text }: DecisionBand): Verdict {
  return { decision, decidedBy: undefined, reason: { code: reason, ...(text === undefined ? {} : { text }) } }
}

/**
 * What the probabilities of several classes decide, those of a row from a place on: the likeliest class, what costs least by them, or
 * the first class that is likelier than its threshold. Sums of costs are in the order of the classes, so that they are the same bits wherever they are made; of equal ones the
 * first decides.
 */
export function createClassDecider(
  definition: DecisionDefinition | undefined,
  classes: readonly string[],
): (probabilities: Float64Array, from: number) => Verdict {
  if (definition?.kind === 'class_thresholds') return createThresholdDecider(definition, classes)
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

function createThresholdDecider(
  definition: ClassThresholdsDecision,
  classes: readonly string[],
): (probabilities: Float64Array, from: number) => Verdict {
  const bands = bandsOfClasses(definition, classes).map((band) => ({
    ...{ place: band.place ?? 0, above: band.above, verdict: verdictOf(band) },
  }))
  const last = bands.length - 1
  return (probabilities, from) => {
    let band = 0
    while (band < last && !(probabilities[from + bands[band]!.place]! > bands[band]!.above)) band += 1
    return bands[band]!.verdict
  }
}
