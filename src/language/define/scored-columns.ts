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

/** The columns of an output that do not come from its rows. */
export function madeColumns({ reasons }: Pick<BatchDefinition, 'reasons'>): Schema {
  return reasons === true ? { ...scoredColumns, ...reasonsColumn } : scoredColumns
}

/** The columns of a batch's output, in order: those that identify a row, those to keep, and then `madeColumns`. */
export function outputSchema(
  batch: Pick<BatchDefinition, 'keep' | 'reasons'>,
  { label, time }: ModelDefinition,
  { schema, key, id }: StreamDefinition,
): Schema {
  const names = new Set([...key, ...id, ...Object.keys(label.on)])
  const identifying = [...names].filter((name) => name !== time && schema[name]!.sensitive !== true)
  const columns = [...new Set([...identifying, ...batch.keep])].map((name): [string, DataType] => [
    name,
    { ...schema[name]!, nullable: true },
  ])
  return { ...Object.fromEntries(columns), ...madeColumns(batch) }
}
