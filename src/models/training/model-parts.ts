import { canonicalJson } from '../../core/canonical.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'

/** The part of a model that turns scores into decisions, as canonical bytes: its definition fixes it. */
export function decisionPart({ serve: { decision, overrides, fallback, adverse } }: ModelDefinition): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ decision, overrides, fallback, adverse }))
}
