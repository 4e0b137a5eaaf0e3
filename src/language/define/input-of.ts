import type { DerivedDefinition, FeaturesDefinition, ModelInput, RequestDefinition } from './definitions.ts'

/** What a model may read: groups of features, request and derived features, picked columns; each as it is or encoded. */
export type Input = FeaturesDefinition | RequestDefinition | DerivedDefinition | ModelInput

/** A group that is named whole is read with its entity's own key columns. */
export function inputOf(input: Input): ModelInput {
  if (!('select' in input)) return input
  if (input.kind !== 'features') return { kind: input.kind, name: input.name }
  const columns = Object.keys(input.keys)
  return { kind: 'features', name: input.name, keys: Object.fromEntries(columns.map((column) => [column, column])) }
}
