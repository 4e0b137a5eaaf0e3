import type { DataTypeName, Schema, Value } from '../../core/data-type.ts'

/**
 * A column of events: strings as they are; everything else as doubles, where null is NaN, a bool 0 or 1, a timestamp
 * microseconds and a decimal whole units of its scale.
 */
export type EventColumn = Float64Array | (string | null)[]

/** Events of one stream and generation in offset order, column by column; item i of each column belongs to event i. */
export interface EventBatch {
  readonly stream: string
  readonly length: number
  readonly generation: number
  readonly offset: Float64Array
  readonly partition: Uint8Array
  readonly id: readonly string[]
  /** Microseconds. */
  readonly eventTime: Float64Array
  readonly knownAt: Float64Array
  /** The schema's columns, in its order. */
  readonly columns: readonly EventColumn[]
}

/** Empty columns for `length` events of a schema. */
export function createColumns(schema: Schema, length: number): EventColumn[] {
  return Object.values(schema).map(({ type }) => createColumn(type, length))
}

/** An empty column for `length` values of a type. */
export function createColumn(type: DataTypeName, length: number): EventColumn {
  return type === 'string' ? new Array<string | null>(length) : new Float64Array(length)
}

/** Writes a value into a column of its type. */
export function setValue(column: EventColumn, index: number, value: Value): void {
  if (column instanceof Float64Array) column[index] = value === null ? Number.NaN : Number(value)
  else column[index] = value as string | null
}

/** The value of an event as a row has it: what `setValue` was given. */
export function valueAt(column: EventColumn, index: number, type: DataTypeName): Value {
  const value = column[index]!
  if (typeof value !== 'number') return value
  if (Number.isNaN(value)) return null
  return type === 'bool' ? value === 1 : value
}
