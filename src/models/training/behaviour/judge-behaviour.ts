import type { BehaviourDefinition } from '../../../language/define/behaviour-definition.ts'
import { inputsMeant } from '../../../language/define/decision-reads.ts'
import type { BehaviourCheck, BehaviourSubject } from './behaviour-check.ts'
import { judgeEdges } from './edge-cases.ts'
import { judgeDirection, judgeInvariance, judgeMonotone, ofClass } from './expectations.ts'

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
  const names = subject.inputs.map(({ name }) => name)
  // A baseline has no windows: of what it does not take there is nothing to say.
  const takes = (input: string): boolean => inputsMeant(input, names).length > 0
  return [
    judgeEdges(subject, before, change),
    ...definitions.flatMap((definition) => {
      if (definition.kind === 'edge_cases') return []
      if (definition.kind === 'invariant')
        return takes(definition.input) ? [judgeInvariance(definition, subject, before)] : []
      if (definition.kind === 'monotone')
        return Object.entries(definition.inputs)
          .filter(([input]) => takes(input))
          .map(([input, direction]) =>
            judgeMonotone(input, direction, definition.tolerance, ofClass(subject, definition.class)),
          )
      return takes(definition.input) ? [judgeDirection(definition, ofClass(subject, definition.class))] : []
    }),
  ]
}
