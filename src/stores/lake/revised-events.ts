import type { DuckDBConnection } from '@duckdb/node-api'
import { sqlName } from './duckdb.ts'
import { readCount } from './read-columns.ts'

/**
 * SQL for the rows of events that have a revision: `_offset`, `_revision`, `_tombstone`, `_known_at`, which event of its
 * id the row is of, `_life`, and from which offset and which moment on a higher revision of it is known,
 * `_hidden_offset` and `_hidden_known_at`, null for the highest. Rows are of one event while its id lives: see
 * docs/semantics.md, "Events and the log".
 * @param events SQL relation with the lake's columns, whole up to some offset: a row left out may be the one that hides
 *   another, or that an id lived by
 * @param within the stream's `corrections.within`, microseconds
 */
export function supersessionOf(events: string, within: number): string {
  return `(
    WITH rows AS (
      SELECT _id, _offset, _revision, _tombstone, _known_at, max(_event_time) OVER (
        PARTITION BY _id ORDER BY _offset ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest
      FROM ${events} WHERE _id IN (SELECT _id FROM ${events} WHERE _revision > 0)),
    lives AS (
      SELECT *, count(*) FILTER (WHERE _known_at > latest + ${within}) OVER (
        PARTITION BY _id ORDER BY _offset ROWS UNBOUNDED PRECEDING) AS life
      FROM rows)
    SELECT _id, life AS _life, _offset, _revision, _tombstone, _known_at, min(_offset) OVER higher AS _hidden_offset,
      min(_known_at) OVER higher AS _hidden_known_at
    FROM lives WINDOW higher AS (
      PARTITION BY _id, life ORDER BY _revision DESC RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))`
}

/** Events as a relation that knows which of them are superseded, and when. */
export interface RevisedEvents {
  /**
   * SQL relation of the events but deletions, with `_life`, null for an event of one row, and `_hidden_offset` and
   * `_hidden_known_at`: from there on the row counts no more; infinite where nothing supersedes it. Without revisions the
   * relation is that of the events, and lacks the three.
   */
  readonly events: string
  /** Table of what `supersessionOf` gives; absent without revisions. */
  readonly supersession?: string
}

/**
 * Finds out which of a stream's events are superseded, for those ids alone that have a revision: where there is none it
 * costs a look at the files' statistics.
 * @param events see `supersessionOf`
 * @param name of what is found, of this connection alone
 */
export async function reviseEvents(
  connection: DuckDBConnection,
  events: string,
  within: number,
  name: string,
): Promise<RevisedEvents> {
  if (!(await hasRevisions(connection, events))) return { events }
  const supersession = sqlName(`_supersession_of_${name}`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${supersession} AS FROM ${supersessionOf(events, within)}`)
  return {
    events: `(SELECT event.*, revised._life, coalesce(revised._hidden_offset, 'infinity'::DOUBLE) AS _hidden_offset,
      coalesce(revised._hidden_known_at, 'infinity'::DOUBLE) AS _hidden_known_at
      FROM ${events} event LEFT JOIN ${supersession} revised USING (_offset) WHERE NOT event._tombstone)`,
    supersession,
  }
}

/** SQL relation of the rows that count at a cut, microseconds: known before it, and not superseded by then. */
export function countedAt({ events, supersession }: RevisedEvents, cut: number): string {
  const hidden = supersession === undefined ? '' : ` AND _hidden_known_at >= ${cut}`
  return `(SELECT * FROM ${events} WHERE _known_at < ${cut}${hidden})`
}

/** Whether events have a revision above 0 among them. */
export async function hasRevisions(connection: DuckDBConnection, events: string): Promise<boolean> {
  return (await readCount(connection, `SELECT count(*) FROM (SELECT 1 FROM ${events} WHERE _revision > 0 LIMIT 1)`)) > 0
}
