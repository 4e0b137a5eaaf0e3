import type {
  DerivedDefinition,
  FeaturesDefinition,
  ModelInput,
  RequestDefinition,
  TableDefinition,
} from './definitions.ts'
import { isOfKind, mustBe } from './given.ts'

/** Definitions that a model may read whole. */
export type Whole = FeaturesDefinition | RequestDefinition | DerivedDefinition | TableDefinition

/**
 * What a model may read: groups of features, request and derived features, reference tables, picked columns; each as it
 * is or encoded.
 */
export type Input = Whole | ModelInput

const KINDS = ['features', 'request', 'derived', 'table', 'pick', 'encoded']

/**
 * A group or a table that is named whole is read by its own key columns.
 * @param place where it is read
 * @throws TruelineError `definition_invalid` for what no model reads, as plain JavaScript may give it
 */
export function inputOf(input: Input, place: string): ModelInput {
  const example = "Give the definition itself, without quotes; columns of the row that asks are orders.pick('amount')."
  mustBe(isOfKind(input, ...KINDS), place, input, example)
  if (!('select' in input)) return input
  const { kind, name } = input
  if (kind === 'features') return { kind, name, keys: sameColumns(Object.keys(input.keys)) }
  return kind === 'table' ? { kind, name, keys: sameColumns(input.key) } : { kind, name }
}

function sameColumns(columns: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(columns.map((column) => [column, column]))
}
