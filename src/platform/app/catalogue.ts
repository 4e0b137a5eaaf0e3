import type { VectorPlan } from '../../data/features/vector.ts'
import type { EntityDefinition, FeaturesDefinition } from '../../language/define/definitions.ts'
import { describeFeature } from '../../language/define/logic.ts'
import type { FeatureGroupListing } from '../api/platform.ts'
import type { Parts } from './assemble-platform.ts'

/** The catalogue: every group of features with what it means and how much state it has. */
export function listFeatures({ engine }: Pick<Parts, 'engine'>): FeatureGroupListing[] {
  return engine.groups().map(({ digest, definition, live }) => {
    const { entities, bytes } = live.memory()
    return {
      name: definition.name,
      entity: definition.entity,
      from: definition.from,
      ...(definition.owner === undefined ? {} : { owner: definition.owner }),
      ...(definition.description === undefined ? {} : { description: definition.description }),
      digest,
      entities,
      bytes,
      features: Object.entries(definition.select).map(([name, feature]) => ({
        name,
        logic: describeFeature(feature),
        type: feature.type,
      })),
    }
  })
}

/** All features of a group, for a row that is a key of its entity. */
export function planOfGroup(definition: FeaturesDefinition, entity: EntityDefinition): VectorPlan {
  const features = Object.keys(definition.select)
  return {
    inputs: features.map((name, index) => {
      const { type, scale } = definition.select[name]!
      const source = { kind: 'feature', group: 0, index } as const
      return { name, type, ...(scale === undefined ? {} : { scale }), source }
    }),
    columns: features.map((_, input) => ({ input })),
    operands: [],
    derived: [],
    tables: [],
    groups: [{ definition, rowColumns: Object.keys(entity.key), features }],
  }
}
