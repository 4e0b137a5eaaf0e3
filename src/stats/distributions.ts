import { createRequire } from 'node:module'

type Normal = typeof import('@stdlib/stats-base-dists-normal')
type ChiSquare = typeof import('@stdlib/stats-base-dists-chisquare')

const load = createRequire(import.meta.url)
let loadedNormal: Normal | undefined
let loadedChiSquare: ChiSquare | undefined

/** Loaded when it is first asked: its package is hundreds of modules, which most processes have no use for. */
function normal(): Normal {
  loadedNormal ??= load('@stdlib/stats-base-dists-normal') as Normal
  return loadedNormal
}

function chiSquare(): ChiSquare {
  loadedChiSquare ??= load('@stdlib/stats-base-dists-chisquare') as ChiSquare
  return loadedChiSquare
}

/** Probability that a standard normal deviate is at most `x`. */
export function normalProbability(x: number): number {
  return normal().cdf(x, 0, 1)
}

/** The standard normal deviate that is exceeded with probability 1 - `probability`, which lies between 0 and 1. */
export function normalQuantile(probability: number): number {
  return normal().quantile(probability, 0, 1)
}

/** Probability that a chi-square deviate is at most `x`. */
export function chiSquareProbability(x: number, degreesOfFreedom: number): number {
  return chiSquare().cdf(x, degreesOfFreedom)
}

/** The chi-square deviate that is exceeded with probability 1 - `probability`, which lies between 0 and 1. */
export function chiSquareQuantile(probability: number, degreesOfFreedom: number): number {
  return chiSquare().quantile(probability, degreesOfFreedom)
}
