import { join } from 'node:path'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { EventBatch } from '../log/event-batch.ts'
import type { EventLog } from '../log/event-log.ts'
import { type Duckdb, streamChunks } from './duckdb.ts'
import { eventsIn } from './event-columns.ts'
import { batchOf, eventLists } from './event-lists.ts'
import { tailBatches } from './tail-batches.ts'

/** Offsets named in one query. */
const MOST_AT_ONCE = 10_000

/**
 * A stream's durable events at some offsets: those of the tail one by one, those of the lake with one query.
 * @param offsets in any order; one at which the stream has no event gives nothing
 */
export async function readEvents(
  duckdb: Duckdb,
  folder: string,
  log: EventLog,
  stream: StreamDefinition,
  offsets: readonly number[],
): Promise<EventBatch[]> {
  const sorted = [...new Set(offsets)].sort((a, b) => a - b)
  const { flushedOffset } = log
  // In one turn: a flush may move them into the lake in the next.
  const inTail = sorted
    .filter((offset) => offset > flushedOffset)
    .flatMap((offset) => log.readTail(stream.name, offset, offset, 1))
  const batches = inTail.length === 0 ? [] : [...tailBatches(stream, inTail)]
  const inLake = sorted.filter((offset) => offset <= flushedOffset)
  for (let start = 0; start < inLake.length; start += MOST_AT_ONCE)
    batches.unshift(...(await readLake(duckdb, folder, log, stream, inLake.slice(start, start + MOST_AT_ONCE))))
  return batches
}

function readLake(
  duckdb: Duckdb,
  folder: string,
  log: EventLog,
  stream: StreamDefinition,
  offsets: readonly number[],
): Promise<EventBatch[]> {
  const [first, last] = [offsets[0]!, offsets.at(-1)!]
  const files = log
    .lakeFiles(stream.name)
    .filter(({ firstOffset, lastOffset }) => lastOffset >= first && firstOffset <= last)
    .map(({ path }) => join(folder, path))
  const lists = [...eventLists(stream.schema, ' ORDER BY _offset'), '_generation::DOUBLE']
  const sql = `SELECT ${lists.join(', ')} FROM ${eventsIn(files, stream.schema)}
    WHERE _offset IN (${offsets.join(', ')}) GROUP BY _generation`
  return duckdb.withConnection(async (connection) => {
    const batches: EventBatch[] = []
    for await (const chunk of streamChunks(connection, sql))
      for (let row = 0; row < chunk.rowCount; row += 1)
        batches.push(await batchOf(chunk, row, stream, chunk.getColumnVector(lists.length - 1).getItem(row) as number))
    return batches
  })
}
