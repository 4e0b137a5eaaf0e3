import type { BehaviourDefinition } from '../../../language/define/behaviour-definition.ts'
import type { BehaviourCheck, BehaviourSubject } from './behaviour-check.ts'
import { judgeEdges } from './edge-cases.ts'
import { judgeDirection, judgeInvariance, judgeMonotone } from './expectations.ts'

/** Rows that a test tries, spread over the test part. */
export const BEHAVIOUR_ROWS = 200

/**
 * Tries a candidate on changed rows: edge cases always, and what else its definition expects.
 * @param definitions tests that the model's gate declares
 */
export function judgeBehaviour(
  definitions: readonly BehaviourDefinition[],
  subject: BehaviourSubject,
): BehaviourCheck[] {
  if ((subject.rows[0]?.length ?? 0) === 0) return []
  const before = subject.score(subject.rows)
  const edges = definitions.filter((one) => one.kind === 'edge_cases')
  const change = edges.reduce((least, one) => Math.min(least, one.change), Number.POSITIVE_INFINITY)
  return [
    judgeEdges(subject, before, change),
    ...definitions.flatMap((definition) => {
      if (definition.kind === 'edge_cases') return []
      if (definition.kind === 'invariant') return [judgeInvariance(definition, subject, before)]
      if (definition.kind === 'monotone')
        return Object.entries(definition.inputs).map(([input, direction]) =>
          judgeMonotone(input, direction, definition.tolerance, subject),
        )
      return [judgeDirection(definition, subject, before)]
    }),
  ]
}
