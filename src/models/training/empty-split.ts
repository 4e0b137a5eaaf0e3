import type { DuckDBConnection } from '@duckdb/node-api'
import { TruelineError } from '../../core/errors.ts'
import { formatTime, SECOND } from '../../core/time.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { readColumns } from '../../stores/lake/read-columns.ts'
import type { TimeSplit } from './time-split.ts'

/**
 * The error for a split that covers no row, with what would: rows are missing, too young for it, or older than it.
 * @param queries SQL for all rows of the model's stream and all outcomes, with columns `_t` and `_known_at`
 */
export async function explainEmptySplit(
  connection: DuckDBConnection,
  { name, at, label }: ModelDefinition,
  split: TimeSplit,
  queries: { readonly rows: string; readonly outcomes: string },
): Promise<TruelineError> {
  const error = (message: string, remedy: string): TruelineError =>
    new TruelineError('no_training_rows', message, { path: 'split', remedy })
  const rows = await extentOf(connection, queries.rows)
  if (rows === undefined)
    return error(
      `No event of the stream '${at}' was known at the time that is trained at.`,
      `Import its history: trueline ingest ${at} FILE --history. Where it is imported already, its rows became known later: name a later --at.`,
    )
  const [from, to, first, last] = [split.from, split.to, rows.first, rows.last].map(formatTime)
  const message = `The split covers no row of '${at}': it reaches from ${from} to ${to}, they from ${first} to ${last}.`
  if (rows.last >= split.to) {
    const due = formatTime(rows.first + label.within + label.grace)
    return error(message, `Ingest older history, or wait: the outcome of the oldest row is due by ${due}.`)
  }
  // Past the end of either history, outcomes would be taken for absent that are only not known.
  const outcomes = await extentOf(connection, queries.outcomes)
  const end = Math.ceil((Math.min(rows.known, outcomes?.known ?? rows.known) + 1) / SECOND) * SECOND
  return error(
    message,
    `Ingest newer rows, or train on what was known where these end: trueline train ${name} --at ${formatTime(end)}`,
  )
}

/** First and last t and the newest `known_at` of a query's rows; undefined when there is none. */
async function extentOf(
  connection: DuckDBConnection,
  query: string,
): Promise<{ readonly first: number; readonly last: number; readonly known: number } | undefined> {
  const sql = `SELECT min(_t)::DOUBLE, max(_t)::DOUBLE, max(_known_at)::DOUBLE FROM (${query}) HAVING count(*) > 0`
  const columns = await readColumns(connection, sql, ['double', 'double', 'double'])
  const [first, last, known] = columns.map(([value]) => value)
  return first === undefined ? undefined : { first, last: last!, known: known! }
}
