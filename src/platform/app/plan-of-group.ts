import type { VectorPlan } from '../../data/features/vector.ts'
import type { EntityDefinition, FeaturesDefinition } from '../../language/define/definitions.ts'

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
