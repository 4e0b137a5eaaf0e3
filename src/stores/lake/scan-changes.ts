import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { Correction, EventBatch, EventRow } from '../log/event-batch.ts'
import type { EventLog } from '../log/event-log.ts'
import type { Duckdb } from './duckdb.ts'
import { eventsIn } from './event-columns.ts'
import { readColumns } from './read-columns.ts'
import { readEvents } from './read-events.ts'
import { hasRevisions, supersessionOf } from './revised-events.ts'
import { scanEvents } from './scan-events.ts'

/** Rows that are no mere new events, by offset. */
interface Changes {
  /** Offsets in rising order. */
  readonly offsets: Float64Array
  /** 1 where the row counts in the end. */
  readonly counts: Float64Array
  /** Offset of the row before `from` that it takes the place of; -1 for none. */
  readonly replaced: Float64Array
}

/**
 * A stream's events from `from` to `to` as a state takes them that holds those before: see `EventBatch.corrections`. It
 * ends as if each had been taken when it came; rows that are superseded by the end are passed over. Revisions must be in
 * the lake, not in the log's tail.
 */
export async function* scanChanges(
  duckdb: Duckdb,
  folder: string,
  log: EventLog,
  stream: StreamDefinition,
  from: number,
  to: number,
): AsyncGenerator<EventBatch> {
  const changes = await duckdb.withConnection((connection) => findChanges(connection, folder, log, stream, from, to))
  let next = 0
  for await (const batch of scanEvents(duckdb, folder, log, stream, from, to)) {
    const first = next
    const last = batch.offset[batch.length - 1]!
    while (next < changes.offsets.length && changes.offsets[next]! <= last) next += 1
    if (next === first) yield batch
    else {
      const replaced = changes.replaced.subarray(first, next).filter((offset) => offset >= 0)
      const old = await readEvents(duckdb, folder, log, stream, [...replaced])
      yield { ...batch, corrections: correctionsOf(batch, changes, first, next, rowsByOffset(old)) }
    }
  }
}

/** Rows of batches by their offsets. */
export function rowsByOffset(batches: readonly EventBatch[]): Map<number, EventRow> {
  const rows = new Map<number, EventRow>()
  for (const batch of batches)
    for (let row = 0; row < batch.length; row += 1) rows.set(batch.offset[row]!, { batch, row })
  return rows
}

function correctionsOf(
  batch: EventBatch,
  { offsets, counts, replaced }: Changes,
  first: number,
  end: number,
  oldRows: ReadonlyMap<number, EventRow>,
): Correction[] {
  const corrections: Correction[] = []
  let row = 0
  for (let change = first; change < end; change += 1) {
    while (batch.offset[row]! < offsets[change]!) row += 1
    const old = oldRows.get(replaced[change]!)
    corrections.push({ row, counts: counts[change] === 1, ...(old === undefined ? {} : { old }) })
  }
  return corrections
}

async function findChanges(
  connection: DuckDBConnection,
  folder: string,
  log: EventLog,
  stream: StreamDefinition,
  from: number,
  to: number,
): Promise<Changes> {
  const files = log.lakeFiles(stream.name).map(({ path }) => join(folder, path))
  const events = `(SELECT * FROM ${eventsIn(files, stream.schema)} WHERE _offset <= ${to})`
  const none = new Float64Array(0)
  if (!(await hasRevisions(connection, events))) return { offsets: none, counts: none, replaced: none }
  // A row from before that counted until then gives way to the first higher revision that came after.
  const sql = `WITH rows AS MATERIALIZED (FROM ${supersessionOf(events, stream.corrections.within)}),
    replaced AS (
      SELECT _hidden_offset AS _offset, _offset AS replaced FROM rows
      WHERE _offset < ${from} AND _hidden_offset >= ${from} AND NOT _tombstone)
    SELECT _offset::DOUBLE, (_hidden_offset IS NULL AND NOT _tombstone)::DOUBLE, coalesce(replaced, -1)::DOUBLE
    FROM rows LEFT JOIN replaced USING (_offset)
    WHERE _offset >= ${from} AND (_hidden_offset IS NOT NULL OR _tombstone OR replaced IS NOT NULL) ORDER BY _offset`
  const [offsets, counts, replaced] = await readColumns(connection, sql, ['double', 'double', 'double'])
  return { offsets: offsets!, counts: counts!, replaced: replaced! }
}
