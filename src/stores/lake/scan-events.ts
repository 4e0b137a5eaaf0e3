import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { EventBatch } from '../log/event-batch.ts'
import type { EventLog } from '../log/event-log.ts'
import type { LakeFile } from '../log/lake-file.ts'
import { type Duckdb, type NumberedFile, numberedFile, streamChunks } from './duckdb.ts'
import { eventColumns, withColumns } from './event-columns.ts'
import { batchOf, eventLists } from './event-lists.ts'
import { readColumns } from './read-columns.ts'
import { rowBytes } from './row-bytes.ts'
import { BLOCK_ROWS, groupsIn, type RowRange, rangesOf } from './row-ranges.ts'
import { tailBatches } from './tail-batches.ts'

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

/** Reads a file by ranges of its groups of rows: each is read by one thread, so that lists keep its order. */
async function* scanFile(
  duckdb: Duckdb,
  folder: string,
  { path, rows }: LakeFile,
  { name, schema }: StreamDefinition,
  from: number,
  to: number,
): AsyncGenerator<EventBatch> {
  const connection = await duckdb.connect()
  using _ = { [Symbol.dispose]: () => connection.closeSync() }
  const lists = eventLists(schema)
  let last = -1
  const file = await numberedFile(connection, join(folder, path))
  const numbered: NumberedFile = { ...file, from: withColumns(file.from, schema) }
  const ranges = await rangesIn(connection, join(folder, path), rows, numbered, schema, [from, to])
  const batch = `${numbered.row} // ${LAKE_BATCH}, _generation`
  for (const { from: row, to: end } of ranges) {
    const sql = `SELECT ${lists.join(', ')}, _generation::DOUBLE
      FROM ${numbered.from} WHERE ${numbered.row} BETWEEN ${row} AND ${end - 1} AND _offset BETWEEN ${from} AND ${to}
      GROUP BY ${batch} ORDER BY ${batch}`
    for await (const chunk of streamChunks(connection, sql))
      for (let index = 0; index < chunk.rowCount; index += 1) {
        const generation = chunk.getColumnVector(lists.length).getItem(index) as number
        const events = await batchOf(chunk, index, { name, schema }, generation)
        last = lastInOrder(events.offset, last, path)
        yield events
      }
  }
}

/** The rows of a file with offsets from `from` to `to`, as many at once as fit into memory. */
async function rangesIn(
  connection: DuckDBConnection,
  path: string,
  rows: number,
  numbered: NumberedFile,
  schema: Schema,
  [from, to]: readonly [from: number, to: number],
): Promise<readonly RowRange[]> {
  if (rows <= BLOCK_ROWS) return [{ from: 0, to: rows }]
  const sql = `SELECT (${numbered.row} // ${BLOCK_ROWS})::DOUBLE, sum(${rowBytes(eventColumns(schema))})::DOUBLE
    FROM ${numbered.from} WHERE _offset BETWEEN ${from} AND ${to} GROUP BY 1 ORDER BY 1`
  const [places, bytes] = await readColumns(connection, sql, ['double', 'double'])
  const blocks = Array.from(places!, (place, index) => ({ place, bytes: bytes![index]! }))
  return rangesOf(await groupsIn(connection, path), blocks)
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
