import { bandsOf } from './decision-bands.ts'
import type { ScoreDecision } from './decision-definition.ts'

/** Which way of the score leads to adverse decisions. */
export type AdverseDirection = 'up' | 'down'

/** The end of the score at which all bands of these decisions, and no others, lie; undefined where there is no such end. */
export function adverseDirection(decision: ScoreDecision, adverse: readonly string[]): AdverseDirection | undefined {
  const flags = bandsOf(decision).map((band) => adverse.includes(band.decision))
  const count = flags.filter(Boolean).length
  if (count === 0 || count === flags.length) return undefined
  if (flags.slice(0, count).every(Boolean)) return 'up'
  return flags.slice(-count).every(Boolean) ? 'down' : undefined
}
