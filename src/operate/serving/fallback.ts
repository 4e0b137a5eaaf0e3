import type { FallbackCause } from '../../language/define/decision-definition.ts'
import type { ServeDefinition } from '../../language/define/definitions.ts'

/** Why a row gets no score. */
export type FailureCause = Exclude<FallbackCause, 'missing'>

/** The decision of a model when no score can be had for this cause; undefined when its definition names none. */
export function fallbackOf({ fallback }: Pick<ServeDefinition, 'fallback'>, cause: FailureCause): string | undefined {
  return typeof fallback === 'string' ? fallback : fallback?.[cause]
}
