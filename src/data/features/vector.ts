import type { DataTypeName } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type {
  FeatureDefinition,
  FeaturesDefinition,
  ModelDefinition,
  ProjectDefinition,
} from '../../language/define/definitions.ts'
import type { Expression } from '../../language/expr/expression.ts'
import { typeOfExpression } from '../../language/expr/type-of.ts'

/** Which of a model's inputs count: all, or only those that need no history. */
export type Variant = 'full' | 'without_windows'

/** One number of a model's input vector and where it comes from. */
export interface VectorInput {
  /** `group.feature` for windowed and request features, the column's name for picked columns. */
  readonly name: string
  readonly type: DataTypeName
  /** Of a decimal: the number is in whole units of it. */
  readonly scale?: number
  readonly source:
    | { readonly kind: 'feature'; readonly group: number; readonly index: number }
    | { readonly kind: 'row'; readonly expression: Expression }
}

/** A feature group that a vector reads, and which columns of the asking row carry its entity's key. */
export interface VectorGroup {
  readonly definition: FeaturesDefinition
  /** Columns of the asking row, in the order of the entity's key. */
  readonly rowColumns: readonly string[]
  /** Names of the group's features, in the order in which the kernel writes them. */
  readonly features: readonly string[]
}

/** How a model's input vector is put together: the same plan serves training and serving. */
export interface VectorPlan {
  readonly inputs: readonly VectorInput[]
  readonly groups: readonly VectorGroup[]
}

/**
 * The vector of a model in the order that its definition gives.
 * @throws TruelineError `not_numeric_feature` for an input that is not a number
 */
export function planVector(model: ModelDefinition, project: ProjectDefinition, variant: Variant = 'full'): VectorPlan {
  const inputs: VectorInput[] = []
  const groups: VectorGroup[] = []
  const row = project.streams[model.at]!
  const addRowInput = (name: string, expression: Expression): void => {
    inputs.push({ name, ...numberOf(typeOfExpression(expression, row.schema)), source: { kind: 'row', expression } })
  }
  for (const input of model.features) {
    if (input.kind === 'pick') {
      for (const name of input.columns) addRowInput(name, { kind: 'column', name })
    } else if (input.kind === 'request') {
      const { select } = project.requests[input.name]!
      for (const [name, expression] of Object.entries(select)) addRowInput(`${input.name}.${name}`, expression)
    } else if (variant === 'full') {
      const definition = project.features[input.name]!
      const key = Object.keys(project.entities[definition.entity]!.key)
      const features = Object.keys(definition.select)
      groups.push({ definition, rowColumns: key.map((column) => input.keys[column] ?? column), features })
      for (const [index, name] of features.entries()) {
        if (input.only !== undefined && !input.only.includes(name)) continue
        const source = { kind: 'feature', group: groups.length - 1, index } as const
        inputs.push({ name: `${input.name}.${name}`, ...numberOf(definition.select[name]!), source })
      }
    }
  }
  for (const { name, type } of inputs) {
    if (type !== 'string') continue
    throw new TruelineError('not_numeric_feature', `Input '${name}' of model '${model.name}' is a string.`, {
      path: `${model.name}.${name}`,
    })
  }
  return { inputs, groups }
}

function numberOf({ type, scale }: Pick<FeatureDefinition, 'type' | 'scale'>): Pick<VectorInput, 'type' | 'scale'> {
  return scale === undefined ? { type } : { type, scale }
}
