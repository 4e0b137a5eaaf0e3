import type { Selectable } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import type { TruelineError } from '../../core/errors.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import type { SourceRunRow } from '../../stores/metadata/tables.ts'
import type { SourceState } from './source-state.ts'

/** Why a run was begun. */
export type RunKind = SourceRunRow['kind']

/** A run of a source: received = accepted + duplicates + rejected. Times are microseconds. */
export interface SourceRun {
  readonly number: number
  readonly source: string
  readonly kind: RunKind
  /** `partial` when a part of the source could not be read, such as one of its files. */
  readonly status: SourceRunRow['status']
  readonly startedAt: number
  readonly finishedAt?: number
  /** It goes on after a failure, a pause for its rate, or a restart: each time is a turn. */
  readonly turns: number
  readonly received: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  /** Tombstones among the received rows, for what a snapshot no longer has. */
  readonly deleted: number
  /** The event times that a backfill takes. */
  readonly from?: number
  readonly to?: number
  readonly watermark?: string
  /** Of the log, both inclusive: its events lie between them, and others may. */
  readonly offsets?: readonly [first: number, last: number]
  /** Of the last turn. */
  readonly error?: ReturnType<TruelineError['toJSON']>
}

/** What became of some rows. */
export interface RowCounts {
  readonly received: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly deleted: number
}

/** The states of all sources that have one. */
export async function readStates({ database }: Metadata): Promise<Map<string, SourceState>> {
  const rows = await database.selectFrom('source_states').selectAll().execute()
  return new Map(rows.map(({ source, state }) => [source, JSON.parse(state) as SourceState]))
}

export async function saveState(
  database: Metadata['database'] | MetadataTransaction,
  source: string,
  state: SourceState,
): Promise<void> {
  const text = canonicalJson(state)
  await database
    .insertInto('source_states')
    .values({ source, state: text })
    .onConflict((conflict) => conflict.column('source').doUpdateSet({ state: text }))
    .execute()
}

/** Positions of a source by part. */
export async function readPositions({ database }: Metadata, source: string): Promise<Map<string, unknown>> {
  const rows = await database.selectFrom('source_positions').selectAll().where('source', '=', source).execute()
  return new Map(rows.map(({ part, position }) => [part, JSON.parse(position)]))
}

export async function savePosition(
  transaction: MetadataTransaction,
  source: string,
  part: string,
  value: unknown,
): Promise<void> {
  const position = canonicalJson(value)
  await transaction
    .insertInto('source_positions')
    .values({ source, part, position })
    .onConflict((conflict) => conflict.columns(['source', 'part']).doUpdateSet({ position }))
    .execute()
}

export async function forgetPositions(transaction: MetadataTransaction, source: string): Promise<void> {
  await transaction.deleteFrom('source_positions').where('source', '=', source).execute()
}

/** Begins a run. */
export async function startRun(
  { database, clock }: Metadata,
  source: string,
  kind: RunKind,
  range: { readonly from?: number; readonly to?: number } = {},
): Promise<SourceRun> {
  const counts = { turns: 0, received: 0, accepted: 0, duplicates: 0, rejected: 0, deleted: 0 }
  const row = await database
    .insertInto('source_runs')
    .values({
      source,
      kind,
      status: 'running',
      started_at: clock.now(),
      ...counts,
      from_time: range.from ?? null,
      to_time: range.to ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return runOf(row)
}

/** Writes what a run has come to. */
export async function saveRun(database: Metadata['database'] | MetadataTransaction, run: SourceRun): Promise<void> {
  const { number, status, finishedAt, turns, received, accepted, duplicates, rejected, deleted, watermark, error } = run
  const [first, last] = run.offsets ?? [null, null]
  await database
    .updateTable('source_runs')
    .set({
      status,
      finished_at: finishedAt ?? null,
      ...{ turns, received, accepted, duplicates, rejected, deleted },
      watermark: watermark ?? null,
      ...{ first_offset: first, last_offset: last },
      error: error === undefined ? null : canonicalJson(error),
    })
    .where('number', '=', number)
    .execute()
}

/** The last runs of a source, newest first; those before a run where its number is given. */
export async function listRuns(
  { database }: Metadata,
  source: string,
  limit: number,
  before?: number,
): Promise<SourceRun[]> {
  let query = database.selectFrom('source_runs').selectAll().where('source', '=', source)
  if (before !== undefined) query = query.where('number', '<', before)
  const rows = await query.orderBy('number', 'desc').limit(limit).execute()
  return rows.map(runOf)
}

/** The run that has not ended, if there is one. */
export async function openRun({ database }: Metadata, source: string): Promise<SourceRun | undefined> {
  const query = database.selectFrom('source_runs').selectAll().where('source', '=', source)
  const row = await query.where('status', '=', 'running').executeTakeFirst()
  return row === undefined ? undefined : runOf(row)
}

/** New rows of the runs that ended in [from, to), microseconds. */
export async function acceptedBetween(
  { database }: Metadata,
  source: string,
  from: number,
  to: number,
): Promise<number> {
  const { sum } = await database
    .selectFrom('source_runs')
    .select((run) => run.fn.sum<number | null>('accepted').as('sum'))
    .where('source', '=', source)
    .where('finished_at', '>=', from)
    .where('finished_at', '<', to)
    .executeTakeFirstOrThrow()
  return sum ?? 0
}

/** Forgets the runs that ended before a time, microseconds. */
export async function forgetRuns({ database }: Metadata, before: number): Promise<void> {
  await database.deleteFrom('source_runs').where('finished_at', '<', before).execute()
}

/** A run with some more rows. */
export function withRows(run: SourceRun, counts: RowCounts): SourceRun {
  return {
    ...run,
    received: run.received + counts.received,
    accepted: run.accepted + counts.accepted,
    duplicates: run.duplicates + counts.duplicates,
    rejected: run.rejected + counts.rejected,
    deleted: run.deleted + counts.deleted,
  }
}

function runOf(row: Selectable<SourceRunRow>): SourceRun {
  const { number, source, kind, status, turns, received, accepted, duplicates, rejected, deleted } = row
  return {
    ...{ number, source, kind, status, turns, received, accepted, duplicates, rejected, deleted },
    startedAt: row.started_at,
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    ...(row.from_time === null ? {} : { from: row.from_time }),
    ...(row.to_time === null ? {} : { to: row.to_time }),
    ...(row.watermark === null ? {} : { watermark: row.watermark }),
    ...(row.first_offset === null || row.last_offset === null ? {} : { offsets: [row.first_offset, row.last_offset] }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) }),
  }
}
