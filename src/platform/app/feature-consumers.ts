import { planVector, type VectorInput, type VectorPlan, valuesOf } from '../../data/features/vector.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { digestOfFeatures, digestOfTable } from '../../language/define/digest.ts'
import { readNamed, readsOfInput } from '../../language/define/reads.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { currentServing } from '../../models/registry/serving-history.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { FeatureConsumer } from '../api/catalogue-answers.ts'
import { versionsThatMayServe } from './kept-definitions.ts'

/** Who reads which feature: by what `featureKey` gives. */
export type FeatureConsumers = ReadonlyMap<string, readonly FeatureConsumer[]>

/** A feature of one definition: of a group or table by its digest, of anything else by its name. */
export function featureKey(feature: string, digest = ''): string {
  return `${digest} ${feature}`
}

/** The consumers of all features: versions that may serve, models without one, and derived features. */
export async function readConsumers(metadata: Metadata, project: ProjectDefinition): Promise<FeatureConsumers> {
  const consumers = new Map<string, FeatureConsumer[]>()
  const add = (key: string, consumer: FeatureConsumer): void => {
    const known = consumers.get(key)
    if (known === undefined) consumers.set(key, [consumer])
    else if (!known.some(({ kind, name, version }) => isSame(consumer, kind, name, version))) known.push(consumer)
  }
  const models = Object.keys(project.models)
  const versions = await versionsThatMayServe(metadata, models)
  for (const { model, version, variant, definition } of versions) {
    const serving = (await currentServing(metadata, model))?.version === version
    const plan = planVector(definition.models[model]!, definition, variant)
    for (const key of keysRead(plan, definition, model)) add(key, { kind: 'model', name: model, version, serving })
  }
  for (const name of models.filter((model) => versions.every((one) => one.model !== model)))
    for (const key of keysRead(planVector(project.models[name]!, project), project, name))
      add(key, { kind: 'model', name })
  for (const definition of Object.values(project.derived))
    for (const [feature, expression] of Object.entries(definition.select))
      for (const column of columnsOf(expression)) {
        const read = readNamed(column, definition)
        if (read.kind === 'row') continue
        add(featureKey(`${read.name}.${read.feature}`, digestNamed(read.kind, read.name, project)), {
          kind: 'derived',
          name: `${definition.name}.${feature}`,
        })
      }
  return consumers
}

function isSame(one: FeatureConsumer, kind: string, name: string, version: number | undefined): boolean {
  return one.kind === kind && one.name === name && one.version === version
}

/** What the vectors of a model are made of. */
function keysRead(plan: VectorPlan, project: ProjectDefinition, model: string): string[] {
  const computed = project.models[model]!.features.flatMap((given) => {
    const input = given.kind === 'encoded' ? given.input : given
    return input.kind === 'request' || input.kind === 'derived' ? readsOfInput(input, project) : []
  })
  const names = new Set(plan.inputs.map(({ name }) => name))
  return [
    ...valuesOf(plan).flatMap((input) => keyOf(plan, input, project)),
    ...computed.filter(({ name }) => names.has(name)).map(({ name }) => featureKey(name)),
  ]
}

function keyOf({ groups, tables }: VectorPlan, { source }: VectorInput, project: ProjectDefinition): string[] {
  if (source.kind === 'feature') {
    const { definition, features } = groups[source.group]!
    return [featureKey(`${definition.name}.${features[source.index]!}`, digestOfFeatures(definition, project))]
  }
  if (source.kind !== 'table') return []
  const { definition } = tables[source.table]!
  return [featureKey(`${definition.name}.${source.column}`, digestOfTable(definition, project))]
}

function digestNamed(kind: 'features' | 'table' | 'request' | 'derived', name: string, project: ProjectDefinition) {
  if (kind === 'features') return digestOfFeatures(project.features[name]!, project)
  return kind === 'table' ? digestOfTable(project.tables[name]!, project) : undefined
}
