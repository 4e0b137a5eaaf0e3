import type { ServeDefinition } from '../../language/define/definitions.ts'

/** The decision that goes with a score; undefined when the model gives scores alone. */
export function decide(serve: ServeDefinition, score: number): string | undefined {
  const { decision } = serve
  if (decision === undefined) return undefined
  return score > decision.threshold ? decision.above : decision.otherwise
}
