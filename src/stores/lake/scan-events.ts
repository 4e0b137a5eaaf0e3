import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { DuckDBDataChunk } from '@duckdb/node-api'
import type { Schema, Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { createColumns, type EventBatch, setValue } from '../log/event-batch.ts'
import type { EventLog, TailEvent } from '../log/event-log.ts'
import type { LakeFile } from '../log/lake-file.ts'
import { type Duckdb, sqlText, streamChunks } from './duckdb.ts'
import { columnAsDouble } from './event-columns.ts'

/** Events of the tail read at once: a few milliseconds of the owner's time. */
const TAIL_BATCH = 2000

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

async function* scanFile(
  duckdb: Duckdb,
  folder: string,
  { path, generation }: LakeFile,
  { name, schema }: StreamDefinition,
  from: number,
  to: number,
): AsyncGenerator<EventBatch> {
  const columns = Object.entries(schema).map(([column, type]) => columnAsDouble(column, type))
  const sql = `SELECT _offset::DOUBLE, _partition::DOUBLE, _id, _event_time::DOUBLE, _known_at::DOUBLE, ${columns.join(', ')}
    FROM read_parquet(${sqlText(join(folder, path))}) WHERE _offset BETWEEN ${from} AND ${to}`
  const connection = await duckdb.connect()
  using _ = { [Symbol.dispose]: () => connection.closeSync() }
  let last = -1
  for await (const chunk of streamChunks(connection, sql)) {
    const batch = batchOf(chunk, name, generation, schema)
    if (!(batch.offset[0]! > last))
      throw new TruelineError('directory_damaged', `${path} is not in the order of its offsets.`, { path })
    last = batch.offset[batch.length - 1]!
    yield batch
  }
}

function batchOf(chunk: DuckDBDataChunk, stream: string, generation: number, schema: Schema): EventBatch {
  const length = chunk.rowCount
  const numbers = (column: number) => chunk.getColumnValues(column) as number[]
  return {
    stream,
    length,
    generation,
    offset: Float64Array.from(numbers(0)),
    partition: Uint8Array.from(numbers(1)),
    id: chunk.getColumnValues(2) as string[],
    eventTime: Float64Array.from(numbers(3)),
    knownAt: Float64Array.from(numbers(4)),
    columns: Object.values(schema).map(({ type }, index) =>
      type === 'string'
        ? (chunk.getColumnValues(5 + index) as (string | null)[])
        : Float64Array.from(numbers(5 + index)),
    ),
  }
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
