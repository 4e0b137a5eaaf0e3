import type { DuckDBConnection } from '@duckdb/node-api'
import type { StreamDefinition, TableDefinition } from '../../language/define/definitions.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { lakeType } from '../../stores/lake/event-columns.ts'
import { reviseEvents } from '../../stores/lake/revised-events.ts'
import type { TracedEvent } from './trace-events.ts'

/** What a served vector saw of one reference table. */
export interface TracedTable {
  readonly definition: TableDefinition
  readonly stream: StreamDefinition
  /** Values of the table's key, in its order. */
  readonly key: readonly unknown[]
  /** Microseconds. */
  readonly t: number
  /** The last row of the log that it saw. */
  readonly offset: number
}

/**
 * The row of a reference table that was valid at t as a vector saw it; undefined where none was. A key with a null field
 * matches nothing.
 * @param events SQL relation of the table's rows, with the lake's columns, which reaches at least to the offset
 */
export async function tracedVersion(
  connection: DuckDBConnection,
  events: string,
  { definition, stream, key, t, offset }: TracedTable,
): Promise<TracedEvent | undefined> {
  const { name, validTo } = definition
  const seen = `(SELECT * FROM ${events} WHERE _offset <= ${offset})`
  const revised = await reviseEvents(connection, seen, stream.corrections.within, name)
  const where = [
    `_event_time <= ${t}`,
    ...(validTo === undefined ? [] : [`coalesce(${sqlName(validTo)} > ${t}, true)`]),
    ...(revised.supersession === undefined ? [] : [`_hidden_offset > ${offset}`]),
    ...definition.key.map(
      (column, index) => `${sqlName(column)} = CAST($${index + 1} AS ${lakeType(stream.schema[column]!)})`,
    ),
  ]
  const reader = await connection.runAndReadAll(
    `SELECT _offset::DOUBLE, _id, _revision::DOUBLE, _event_time::DOUBLE FROM ${revised.events}
     WHERE ${where.join(' AND ')} ORDER BY _event_time DESC, _id DESC LIMIT 1`,
    key.map((value) => (value === null ? null : String(value))),
  )
  const [row] = reader.getRows() as unknown as [number, string, number, number][]
  return row === undefined ? undefined : { offset: row[0], id: row[1], revision: row[2], eventTime: row[3] }
}
