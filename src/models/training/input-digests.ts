import { type Digest, digestOfJson } from '../../core/digest.ts'
import type { VectorPlan } from '../../data/features/vector.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { digestOfDerived, digestOfFeatures, digestOfRequest } from '../../language/define/digest.ts'

/**
 * Digests of everything that a vector is made of, by name: the groups of features, the request features, and the
 * columns taken as they are.
 */
export function inputDigests(
  plan: VectorPlan,
  project: ProjectDefinition,
  model: string,
): Readonly<Record<string, Digest>> {
  const { at, features } = project.models[model]!
  const { schema } = project.streams[at]!
  const digests: Record<string, Digest> = {}
  for (const { definition } of plan.groups) digests[definition.name] = digestOfFeatures(definition, project)
  for (const input of features) {
    if (input.kind === 'request') digests[input.name] = digestOfRequest(project.requests[input.name]!, schema)
    if (input.kind === 'derived') digests[input.name] = digestOfDerived(project.derived[input.name]!, project, schema)
    if (input.kind === 'pick') for (const column of input.columns) digests[column] = digestOfJson(schema[column])
  }
  return digests
}
