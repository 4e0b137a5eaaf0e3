import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { eventsIn } from '../../stores/lake/event-columns.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import { scanAlone } from '../../stores/lake/scan-columns.ts'
import { createColumns, type EventBatch } from '../../stores/log/event-batch.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { ColumnBatch } from './check.ts'

interface ScannedStores {
  readonly lake: Lake
  readonly log: EventLog
}

/** The highest revision of each event that was corrected or deleted. */
type Corrected = ReadonlyMap<string, number>

/**
 * The rows of a stream that came at offsets from `from` to `to`, both included, without those that delete and those that
 * another row of the range corrects: quickly where they are in the lake, and then from the log's tail. Columns belong to
 * the reader until the next batch.
 */
export async function* scanStream(
  stores: ScannedStores,
  stream: StreamDefinition,
  from: number,
  to: number,
): AsyncGenerator<ColumnBatch> {
  const { lake, log } = stores
  const flushed = Math.min(log.flushedOffset, to)
  const relation = eventsOf(stores, stream, from, flushed)
  const corrected = await correctedIn(stores, stream, relation, Math.max(from, flushed + 1), to)
  if (corrected.size > 0) {
    // Few streams are corrected: their rows are read with their ids.
    for await (const batch of lake.scanEvents(stream.name, { from, to })) yield lastRevisions(batch, stream, corrected)
    return
  }
  if (relation !== undefined) yield* scanAlone(lake.temporaryFolder, relation, stream.schema)
  const next = Math.max(from, flushed + 1)
  if (next <= to) yield* lake.scanEvents(stream.name, { from: next, to })
}

/** SQL of a stream's rows in the lake; undefined where there are none. */
function eventsOf({ lake }: ScannedStores, { name, schema }: StreamDefinition, from: number, to: number) {
  const files = lake.files(name).filter(({ firstOffset, lastOffset }) => lastOffset >= from && firstOffset <= to)
  if (files.length === 0) return undefined
  const paths = files.map(({ path }) => path)
  return `(FROM ${eventsIn(paths, schema)} WHERE _offset BETWEEN ${from} AND ${to})`
}

async function correctedIn(
  { lake }: ScannedStores,
  { name }: StreamDefinition,
  relation: string | undefined,
  tail: number,
  to: number,
): Promise<Corrected> {
  const corrected = new Map<string, number>()
  const note = (id: string, revision: number): void => {
    if (revision > (corrected.get(id) ?? 0)) corrected.set(id, revision)
  }
  if (relation !== undefined) {
    const duckdb = await openDuckdb({ threads: 1, temporaryFolder: lake.temporaryFolder })
    try {
      const rows = await duckdb.withConnection((connection) =>
        connection.runAndReadAll(
          `SELECT _id, max(_revision)::DOUBLE FROM ${relation} WHERE _revision > 0 GROUP BY _id`,
        ),
      )
      for (const [id, revision] of rows.getRows()) note(id as string, revision as number)
    } finally {
      duckdb.close()
    }
  }
  if (tail <= to)
    for await (const { id, revisions } of lake.scanEvents(name, { from: tail, to }))
      for (const [row, revision] of (revisions?.revision ?? []).entries()) note(id[row]!, revision)
  return corrected
}

function lastRevisions(batch: EventBatch, { schema }: StreamDefinition, corrected: Corrected): ColumnBatch {
  const { length, columns, revisions, id } = batch
  const isLast = (row: number): boolean =>
    revisions?.tombstone[row] !== 1 && (revisions?.revision[row] ?? 0) >= (corrected.get(id[row]!) ?? 0)
  const rows = Array.from({ length }, (_, row) => row).filter(isLast)
  const kept = createColumns(schema, rows.length)
  for (const [index, column] of columns.entries())
    for (const [place, row] of rows.entries()) kept[index]![place] = column[row]!
  return { length: rows.length, columns: kept }
}
