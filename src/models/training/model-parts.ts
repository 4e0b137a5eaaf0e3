import { canonicalJson } from '../../core/canonical.ts'
import type { Schema } from '../../core/data-type.ts'
import type { VectorPlan } from '../../data/features/vector.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'

/** The parts of a model besides its scorer and its encoders, as canonical bytes. */
export interface ModelParts {
  readonly decision: Uint8Array
  readonly contract: Uint8Array
}

/**
 * The parts of a model that its definition fixes.
 * @param schema of the rows that ask for predictions
 */
export function modelParts(model: ModelDefinition, plan: VectorPlan, schema: Schema): ModelParts {
  const { decision, fallback } = model.serve
  return {
    decision: bytesOf({ decision, fallback }),
    contract: bytesOf({
      request: schema,
      inputs: plan.inputs.map(({ name, type }) => ({ name, type })),
      output: model.task,
    }),
  }
}

function bytesOf(content: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(content))
}
