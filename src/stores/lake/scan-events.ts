import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { DuckDBDataChunk, DuckDBListVector } from '@duckdb/node-api'
import type { Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { createColumns, type EventBatch, setValue } from '../log/event-batch.ts'
import type { EventLog, TailEvent } from '../log/event-log.ts'
import type { LakeFile } from '../log/lake-file.ts'
import { type Duckdb, streamChunks } from './duckdb.ts'
import { columnAsDouble, eventsIn } from './event-columns.ts'
import { ROW_GROUP_ROWS } from './write-events.ts'

/** Events of the tail read at once: a few milliseconds of the owner's time. */
const TAIL_BATCH = 2000
/** Events of a file in one batch. */
const LAKE_BATCH = 8192

/** A stream's events with offsets from `from` to `to`, in offset order, across the lake and the tail. */
export async function* scanEvents(
  duckdb: Duckdb,
  folder: string,
  log: EventLog,
  stream: StreamDefinition,
  from: number,
  to: number,
): AsyncGenerator<EventBatch> {
  let next = from
  // A flush may move part of the tail into the lake while its earlier part is being read.
  while (next <= to) {
    const inLake = Math.min(log.flushedOffset, to)
    if (next <= inLake) {
      const files = log
        .lakeFiles(stream.name)
        .filter(({ firstOffset, lastOffset }) => lastOffset >= next && firstOffset <= inLake)
      for (const file of files) yield* scanFile(duckdb, folder, file, stream, next, inLake)
      next = inLake + 1
    } else {
      const events = log.readTail(stream.name, next, to, TAIL_BATCH)
      if (events.length > 0) yield* tailBatches(stream, events)
      next = events.length < TAIL_BATCH ? to + 1 : events.at(-1)!.offset + 1
      await setImmediate()
    }
  }
}

/**
 * Reads a file row group by row group. Each column of a batch comes as one list, and strings as one JSON text: taking
 * them out of DuckDB one by one is many times as slow. A row group is read by one thread, so lists keep its order.
 */
async function* scanFile(
  duckdb: Duckdb,
  folder: string,
  { path, generation, rows }: LakeFile,
  { name, schema }: StreamDefinition,
  from: number,
  to: number,
): AsyncGenerator<EventBatch> {
  const columns = Object.entries(schema).map(([column, type]) => columnAsDouble(column, type))
  const isText = ['_id', ...Object.keys(schema)].map((column) => column === '_id' || schema[column]?.type === 'string')
  const lists = ['_id', ...columns].map((column, index) =>
    isText[index] ? `to_json(list(${column}))::VARCHAR` : `list(${column})`,
  )
  const connection = await duckdb.connect()
  using _ = { [Symbol.dispose]: () => connection.closeSync() }
  let last = -1
  for (let row = 0; row < rows; row += ROW_GROUP_ROWS) {
    const sql = `SELECT list(_offset::DOUBLE), list(_partition::DOUBLE), list(_event_time::DOUBLE), list(_known_at::DOUBLE),
      ${lists.join(', ')} FROM ${eventsIn([join(folder, path)], schema, 'file_row_number = true')}
      WHERE file_row_number BETWEEN ${row} AND ${row + ROW_GROUP_ROWS - 1} AND _offset BETWEEN ${from} AND ${to}
      GROUP BY file_row_number // ${LAKE_BATCH} ORDER BY file_row_number // ${LAKE_BATCH}`
    for await (const chunk of streamChunks(connection, sql))
      for (let index = 0; index < chunk.rowCount; index += 1) {
        const batch = batchOf(chunk, index, name, generation, isText)
        last = lastInOrder(batch.offset, last, path)
        yield batch
      }
  }
}

function batchOf(
  chunk: DuckDBDataChunk,
  row: number,
  stream: string,
  generation: number,
  isText: readonly boolean[],
): EventBatch {
  const numbers = (column: number) =>
    Float64Array.from((chunk.getColumnVector(column) as DuckDBListVector).getItemVector(row)!.toArray() as number[])
  const texts = (column: number) => JSON.parse(chunk.getColumnVector(column).getItem(row) as string) as string[]
  const offset = numbers(0)
  const [id, ...columns] = isText.map((text, index) => (text ? texts(4 + index) : numbers(4 + index)))
  return {
    stream,
    length: offset.length,
    generation,
    offset,
    partition: Uint8Array.from(numbers(1)),
    eventTime: numbers(2),
    knownAt: numbers(3),
    id: id as string[],
    columns,
  }
}

/** The last of some offsets, which must rise from the one before. */
function lastInOrder(offsets: Float64Array, before: number, path: string): number {
  let last = before
  for (const offset of offsets) {
    if (!(offset > last))
      throw new TruelineError('directory_damaged', `${path} is not in the order of its offsets.`, { path })
    last = offset
  }
  return last
}

/** Batches of one generation each. */
function* tailBatches(stream: StreamDefinition, events: readonly TailEvent[]): Generator<EventBatch> {
  let start = 0
  for (let end = 1; end <= events.length; end += 1) {
    if (end < events.length && events[end]!.generation === events[start]!.generation) continue
    yield tailBatch(stream, events.slice(start, end))
    start = end
  }
}

function tailBatch({ name, schema }: StreamDefinition, events: readonly TailEvent[]): EventBatch {
  const names = Object.keys(schema)
  const columns = createColumns(schema, events.length)
  for (const [index, { row }] of events.entries()) {
    const values = JSON.parse(row) as Record<string, Value>
    for (const [column, columnName] of names.entries()) setValue(columns[column]!, index, values[columnName] ?? null)
  }
  return {
    stream: name,
    length: events.length,
    generation: events[0]!.generation,
    offset: Float64Array.from(events, ({ offset }) => offset),
    partition: Uint8Array.from(events, ({ partition }) => partition),
    id: events.map(({ id }) => id),
    eventTime: Float64Array.from(events, ({ eventTime }) => eventTime),
    knownAt: Float64Array.from(events, ({ knownAt }) => knownAt),
    columns,
  }
}
