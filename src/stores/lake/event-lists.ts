import { setImmediate } from 'node:timers/promises'
import type { DuckDBDataChunk, DuckDBListVector } from '@duckdb/node-api'
import type { Schema } from '../../core/data-type.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { EventBatch, Revisions } from '../log/event-batch.ts'
import { columnAsDouble } from './event-columns.ts'

/**
 * SQL for each column of a batch as one list, and strings as one JSON text: taking values out of DuckDB one by one is
 * many times as slow.
 * @param order SQL to order each list by, where rows do not come in the order of their offsets
 */
export function eventLists(schema: Schema, order = ''): string[] {
  const list = (column: string): string => `list(${column}${order})`
  const columns = Object.entries(schema).map(([name, type]) => {
    const values = list(columnAsDouble(name, type))
    return type.type === 'string' ? `to_json(${values})::VARCHAR` : values
  })
  const revised = 'list(CASE WHEN _revision > 0 THEN [_offset, _revision, _tombstone::BIGINT] END'
  return [
    ...['_offset', '_partition', '_event_time', '_known_at'].map((name) => list(`${name}::DOUBLE`)),
    // Nearly no event has a revision: those that have are told apart from the others.
    `to_json(${revised}${order}) FILTER (WHERE _revision > 0))::VARCHAR`,
    `to_json(${list('_id')})::VARCHAR`,
    ...columns,
  ]
}

/** A batch of a row that `eventLists` gave; others have their turn between its columns, of which a long one takes milliseconds. */
export async function batchOf(
  chunk: DuckDBDataChunk,
  row: number,
  { name, schema }: Pick<StreamDefinition, 'name' | 'schema'>,
  generation: number,
): Promise<EventBatch> {
  const numbers = (column: number) =>
    Float64Array.from((chunk.getColumnVector(column) as DuckDBListVector).getItemVector(row)!.toArray() as number[])
  const texts = (column: number) => JSON.parse(chunk.getColumnVector(column).getItem(row) as string) as string[]
  const offset = numbers(0)
  const revised = chunk.getColumnVector(4).getItem(row) as string | null
  const id = texts(5)
  const columns: (string[] | Float64Array)[] = []
  for (const [index, { type }] of Object.values(schema).entries()) {
    await setImmediate()
    columns.push(type === 'string' ? texts(6 + index) : numbers(6 + index))
  }
  return {
    stream: name,
    length: offset.length,
    generation,
    offset,
    partition: Uint8Array.from(numbers(1)),
    eventTime: numbers(2),
    knownAt: numbers(3),
    id,
    columns,
    ...(revised === null ? {} : { revisions: revisionsAt(offset, JSON.parse(revised) as RevisedRow[]) }),
  }
}

type RevisedRow = readonly [offset: number, revision: number, tombstone: number]

function revisionsAt(offsets: Float64Array, revised: readonly RevisedRow[]): Revisions {
  const revision = new Float64Array(offsets.length)
  const tombstone = new Uint8Array(offsets.length)
  let row = 0
  for (const [offset, number, deletes] of revised) {
    while (offsets[row]! < offset) row += 1
    revision[row] = number
    tombstone[row] = deletes
  }
  return { revision, tombstone }
}
