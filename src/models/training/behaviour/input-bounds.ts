import type { Schema } from '../../../core/data-type.ts'
import type { VectorInput, VectorPlan } from '../../../data/features/vector.ts'
import type { AggregateName } from '../../../language/aggregate/registry.ts'
import type { FeatureDefinition, ProjectDefinition } from '../../../language/define/definitions.ts'

/** What an input can be at all; absent where there is no bound. */
interface InputBounds {
  readonly min?: number
  readonly max?: number
}

/** Aggregates that count, spread or wait: whatever the rows are, none is below 0. */
const neverNegative: ReadonlySet<AggregateName> = new Set([
  ...(['count', 'rate', 'distinct', 'approximateDistinct', 'nthMostFrequentCount', 'bucketCount'] as const),
  ...(['variance', 'stddev', 'timeSinceLast'] as const),
])

/** Aggregates that give a value of the column, or one between two of them. */
const withinColumn: ReadonlySet<AggregateName> = new Set([
  ...(['min', 'max', 'first', 'last', 'nthFirst', 'nthLast', 'nthLargest', 'nthSmallest'] as const),
  ...(['nthDistinct', 'nthMostFrequent', 'quantile', 'mean', 'decayedMean'] as const),
])

/**
 * Between what the values of an input lie, by its definition: of a column what its schema says, of a feature what its
 * aggregate can give of such a column. Where nothing says so there is no bound.
 */
export function boundsOf(
  { source }: VectorInput,
  plan: VectorPlan,
  at: Schema,
  project: ProjectDefinition,
): InputBounds {
  if (source.kind === 'row') return source.expression.kind === 'column' ? ofColumn(at[source.expression.name]) : {}
  if (source.kind !== 'feature') return {}
  const { definition, features } = plan.groups[source.group]!
  return boundsOfFeature(definition.select[features[source.index]!]!, project.streams[definition.from]!.schema)
}

/** The bounds of a feature over a stream's rows. */
export function boundsOfFeature({ aggregate, argument }: FeatureDefinition, schema: Schema): InputBounds {
  if (aggregate === 'share') return { min: 0, max: 1 }
  if (neverNegative.has(aggregate)) return { min: 0 }
  const column = argument?.kind === 'column' ? ofColumn(schema[argument.name]) : {}
  if (withinColumn.has(aggregate)) return column
  const isSum = aggregate === 'sum' || aggregate === 'decayedSum'
  return isSum && column.min !== undefined && column.min >= 0 ? { min: 0 } : {}
}

function ofColumn(type: Schema[string] | undefined): InputBounds {
  const { min, max } = (type ?? {}) as InputBounds
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }
}
