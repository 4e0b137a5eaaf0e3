import { TruelineError } from '../../core/errors.ts'
import { type GoldenPredictions, vectorOf } from '../../models/inference/golden-predictions.ts'
import type { ServedVersion } from './served-version.ts'
import { createVectorScoring } from './vector-scoring.ts'

/**
 * Makes a version's golden predictions again, through the path that serves; its code is warm afterwards, too.
 * @throws TruelineError `golden_mismatch` when one is not the same to the bit
 */
export function checkGolden(served: ServedVersion, { predictions }: GoldenPredictions): void {
  const scoring = createVectorScoring(served)
  for (const [index, golden] of predictions.entries()) {
    const { score, probabilities } = scoring.score(vectorOf(golden), undefined)
    const isSame = (golden.probabilities ?? []).every((one, place) => Object.is(one, probabilities?.[place]))
    if (Object.is(score, golden.score) && isSame) continue
    const name = `${served.model.name} v${served.version}`
    throw new TruelineError(
      'golden_mismatch',
      `${name} gives ${score} for golden prediction ${index + 1}, where it gave ${golden.score} when it was trained.`,
      { path: name },
    )
  }
}
