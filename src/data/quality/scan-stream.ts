import type { StreamDefinition } from '../../language/define/definitions.ts'
import { eventsIn } from '../../stores/lake/event-columns.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import { scanAlone } from '../../stores/lake/scan-columns.ts'
import { createColumns, type EventBatch, type EventColumn } from '../../stores/log/event-batch.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { ColumnBatch } from './check.ts'

/**
 * The rows of a stream that came at offsets from `from` to `to`, both included, without those that delete: quickly where
 * they are in the lake, and then from the log's tail. Columns belong to the reader until the next batch.
 */
export async function* scanStream(
  { lake, log }: { readonly lake: Lake; readonly log: EventLog },
  stream: StreamDefinition,
  from: number,
  to: number,
): AsyncGenerator<ColumnBatch> {
  const flushed = Math.min(log.flushedOffset, to)
  const files = lake
    .files(stream.name)
    .filter(({ firstOffset, lastOffset }) => lastOffset >= from && firstOffset <= flushed)
  if (files.length > 0) {
    const events = eventsIn(
      files.map(({ path }) => path),
      stream.schema,
    )
    const relation = `(FROM ${events} WHERE _offset BETWEEN ${from} AND ${flushed} AND NOT _tombstone)`
    yield* scanAlone(lake.temporaryFolder, relation, stream.schema)
  }
  const next = Math.max(from, flushed + 1)
  if (next <= to)
    for await (const batch of lake.scanEvents(stream.name, { from: next, to })) yield withoutDeletions(batch, stream)
}

function withoutDeletions(batch: EventBatch, { schema }: StreamDefinition): ColumnBatch {
  const { length, columns, revisions } = batch
  if (revisions === undefined || !revisions.tombstone.includes(1)) return batch
  const rows = Array.from({ length }, (_, row) => row).filter((row) => revisions.tombstone[row] !== 1)
  const kept: EventColumn[] = createColumns(schema, rows.length)
  for (const [index, column] of columns.entries())
    for (const [place, row] of rows.entries()) kept[index]![place] = column[row]!
  return { length: rows.length, columns: kept }
}
