import { chiSquareProbability, chiSquareQuantile } from '../distributions.ts'

const POWER = 0.8

/**
 * The smallest population stability index that a test of `degreesOfFreedom` + 1 bins finds in four of five cases, with
 * `reference` and `current` rows at the level `alpha`. Smaller shifts may be there and pass unseen.
 *
 * The index times (n m / (n + m)) is about a noncentral chi-square; its quantile is found by bisection on Patnaik's
 * (1949) approximation, which is within some 3%.
 */
export function detectableStability(
  { reference, current, degreesOfFreedom }: { reference: number; current: number; degreesOfFreedom: number },
  alpha: number,
): number {
  const critical = chiSquareQuantile(1 - alpha, degreesOfFreedom)
  let low = 0
  let high = 1
  while (powerOf(high, degreesOfFreedom, critical) < POWER) high *= 2
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2
    if (powerOf(middle, degreesOfFreedom, critical) < POWER) low = middle
    else high = middle
  }
  return high * (1 / reference + 1 / current)
}

function powerOf(noncentrality: number, degreesOfFreedom: number, critical: number): number {
  const scale = (degreesOfFreedom + 2 * noncentrality) / (degreesOfFreedom + noncentrality)
  const matched = (degreesOfFreedom + noncentrality) ** 2 / (degreesOfFreedom + 2 * noncentrality)
  return 1 - chiSquareProbability(critical / scale, matched)
}
