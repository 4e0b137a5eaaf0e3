import { type Digest, digestOfJson } from '../../core/digest.ts'
import type { VectorPlan } from '../../data/features/vector.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { digestOfDerived, digestOfFeatures, digestOfRequest, digestOfTable } from '../../language/define/digest.ts'
import { readsOfInput } from '../../language/define/reads.ts'

/**
 * Digests of everything that a vector is made of, by name: the groups of features, the request and derived
 * features, and the columns of the row.
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
  const names = new Set(plan.inputs.map(({ name }) => name))
  for (const given of features) {
    const input = given.kind === 'encoded' ? given.input : given
    if (!readsOfInput(input, project).some(({ name }) => names.has(name))) continue
    if (input.kind === 'request') digests[input.name] = digestOfRequest(project.requests[input.name]!, schema)
    if (input.kind === 'table') digests[input.name] = digestOfTable(project.tables[input.name]!, project)
    if (input.kind === 'derived') digests[input.name] = digestOfDerived(project.derived[input.name]!, project, schema)
    if (input.kind === 'pick') for (const column of input.columns) digests[column] = digestOfJson(schema[column])
  }
  return digests
}

/** The digest of what an input of a vector is a part of: its group, table, request or derived features, or its column. */
export function digestOfInput(digests: Readonly<Record<string, Digest>>, input: string): Digest | undefined {
  return digests[input] ?? digests[input.slice(0, Math.max(0, input.indexOf('.')))]
}
