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
  /** Absent where every row has revision 0. */
  readonly revisions?: Revisions
  /** What rows do besides being new events, for who keeps state: one for each such row, in their order. */
  readonly corrections?: readonly Correction[]
}

/** Which revisions of their events the rows of a batch are. */
export interface Revisions {
  readonly revision: Float64Array
  /** 1 where the row deletes its event. */
  readonly tombstone: Uint8Array
}

/** What a row means to a state that holds the rows before it. */
export interface Correction {
  /** Of the batch. */
  readonly row: number
  /** The row of the same event that counted until then, and counts no more. */
  readonly old?: EventRow
  /** Whether the row itself counts: a deletion does not, nor does a revision below one that is known. */
  readonly counts: boolean
}

export interface EventRow {
  readonly batch: EventBatch
  readonly row: number
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
