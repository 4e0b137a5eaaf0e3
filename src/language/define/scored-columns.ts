import type { DataType, Schema } from '../../core/data-type.ts'
import type { BatchDefinition } from './batch-definition.ts'
import type { ModelDefinition, StreamDefinition } from './definitions.ts'

/** What is written besides the columns of the row: its t, what became of it, and where that comes from. */
export const scoredColumns = {
  t: { type: 'timestamp' },
  score: { type: 'number' },
  decision: { type: 'string', nullable: true },
  decided_by: { type: 'string', nullable: true },
  reason: { type: 'string', nullable: true },
  prediction_id: { type: 'string' },
  model: { type: 'string' },
  version: { type: 'int' },
  digest: { type: 'string' },
  run_id: { type: 'string' },
} as const satisfies Schema

/** Why it was decided so, as a text of JSON, in the output of a batch that gives reasons. */
const reasonsColumn = { reasons: { type: 'string', nullable: true } } as const satisfies Schema

/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63
const PREFIX = 'probability_'

/**
 * The columns that hold the probabilities of classes, in order: `probability_` with the class in small letters, digits and `_`, so that
 * no database has to quote it; with its place from 0 instead where that would be no name of its own.
 */
export function probabilityColumns(classes: readonly string[]): readonly string[] {
  const plain = classes.map((name) =>
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, ''),
  )
  return plain.map((name, place) => {
    const isShared = plain.some((other, at) => at !== place && other === name)
    const isNumber = /^\d*$/.test(name)
    return PREFIX + (isShared || isNumber || PREFIX.length + name.length > LONGEST_NAME ? place : name)
  })
}

/** The columns of an output that do not come from its rows, in order. */
export function madeColumns(
  { reasons }: Pick<BatchDefinition, 'reasons'>,
  { label: { classes } }: Pick<ModelDefinition, 'label'>,
): Schema {
  const { t, score, ...others } = scoredColumns
  const scores = classes === undefined ? { t, score } : { t, class: { type: 'string' }, score, ...ofClasses(classes) }
  return { ...scores, ...others, ...(reasons === true ? reasonsColumn : {}) } as Schema
}

function ofClasses(classes: readonly string[]): Schema {
  return Object.fromEntries(probabilityColumns(classes).map((name) => [name, { type: 'number' }]))
}

/** The columns of a batch's output, in order: those that identify a row, those to keep, and then `madeColumns`. */
export function outputSchema(
  batch: Pick<BatchDefinition, 'keep' | 'reasons'>,
  model: ModelDefinition,
  { schema, key, id }: StreamDefinition,
): Schema {
  const { label, time } = model
  const names = new Set([...key, ...id, ...Object.keys(label.on)])
  const identifying = [...names].filter((name) => name !== time && schema[name]!.sensitive !== true)
  const columns = [...new Set([...identifying, ...batch.keep])].map((name): [string, DataType] => [
    name,
    { ...schema[name]!, nullable: true },
  ])
  return { ...Object.fromEntries(columns), ...madeColumns(batch, model) }
}
