import type { Selectable } from 'kysely'
import { canonicalJson } from '../../../core/canonical.ts'
import { TruelineError } from '../../../core/errors.ts'
import { recordAct } from '../../../governance/audit-log.ts'
import type { Identity } from '../../../governance/identity.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import type { BatchRunRow } from '../../../stores/metadata/tables.ts'
import type { BatchReport } from './batch-job.ts'

/** A run of a batch, or over files that somebody named. Times are microseconds. */
export interface BatchRun {
  /** `b` and a number that rises; each prediction's id begins with it. */
  readonly id: string
  /** Name of the definition; empty of a run over files. */
  readonly batch: string
  readonly model: string
  readonly version: number
  readonly kind: BatchRunRow['kind']
  /** `held` when the output breached its checks, and was not published. */
  readonly status: BatchRunRow['status']
  /** As of when the population was scored, and up to which event of the log. */
  readonly at: number
  readonly offset: number
  readonly startedAt: number
  readonly finishedAt?: number
  /** Where the rows came from and the scores went, in words. */
  readonly population: string
  readonly destination: string
  readonly by: Identity
  readonly report?: BatchReport
  readonly error?: ReturnType<TruelineError['toJSON']>
}

export type BatchStart = Pick<
  BatchRun,
  'batch' | 'model' | 'version' | 'kind' | 'at' | 'offset' | 'population' | 'destination' | 'by'
>

/** How a run ended. */
export type BatchEnd =
  | { readonly status: 'succeeded' | 'held'; readonly report: BatchReport }
  | { readonly status: 'failed' | 'cancelled'; readonly error: TruelineError }

/** Begins a run. */
export async function beginBatchRun({ database, clock }: Metadata, start: BatchStart): Promise<BatchRun> {
  const { batch, model, version, kind, at, offset, population, destination, by } = start
  return await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .insertInto('batch_runs')
      .values({
        ...{ batch, model, version, kind, at, population, destination, status: 'running', log_offset: offset },
        ...{ started_at: clock.now(), by_name: by.name, by_asserted: by.asserted ? 1 : 0 },
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const run = runOf(row)
    const after = { batch, model, version, at, population, destination }
    await recordAct(transaction, { by, at: clock.now(), action: 'batch.start', target: run.id, after })
    return run
  })
}

/**
 * Ends a run that is under way.
 * @throws TruelineError `unknown_batch`, `run_finished`
 */
export async function endBatchRun({ database, clock }: Metadata, id: string, end: BatchEnd): Promise<BatchRun> {
  return await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('batch_runs')
      .set({
        status: end.status,
        finished_at: clock.now(),
        report: 'report' in end ? canonicalJson(end.report) : null,
        error: 'error' in end ? canonicalJson(end.error.toJSON()) : null,
      })
      .where('number', '=', numberOf(id))
      .where('status', '=', 'running')
      .returningAll()
      .executeTakeFirst()
    if (row === undefined) throw new TruelineError('run_finished', `No run ${id} is under way.`, { path: id })
    const run = runOf(row)
    const after = { status: end.status }
    await recordAct(transaction, { by: run.by, at: clock.now(), action: 'batch.finish', target: id, after })
    return run
  })
}

/** Takes a run that failed up again. */
export async function resumeBatchRun({ database }: Metadata, id: string): Promise<BatchRun> {
  const row = await database
    .updateTable('batch_runs')
    .set({ status: 'running', finished_at: null, error: null })
    .where('number', '=', numberOf(id))
    .returningAll()
    .executeTakeFirstOrThrow()
  return runOf(row)
}

/** Which runs, newest first. */
export interface BatchRunQuery {
  readonly batch?: string | undefined
  readonly model?: string | undefined
  readonly status?: BatchRun['status'] | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

export async function listBatchRuns(
  { database }: Metadata,
  { batch, model, status, limit = 20, offset = 0 }: BatchRunQuery = {},
): Promise<BatchRun[]> {
  let query = database.selectFrom('batch_runs').selectAll()
  if (batch !== undefined) query = query.where('batch', '=', batch)
  if (model !== undefined) query = query.where('model', '=', model)
  if (status !== undefined) query = query.where('status', '=', status)
  const rows = await query.orderBy('number', 'desc').limit(limit).offset(offset).execute()
  return rows.map(runOf)
}

/** As of which moment the last run of a batch began that its schedule asked for, microseconds. */
export async function lastScheduled({ database }: Metadata, batch: string): Promise<number | undefined> {
  const runs = database.selectFrom('batch_runs').where('batch', '=', batch).where('kind', '=', 'schedule')
  const { at } = await runs.select(({ fn }) => fn.max('at').as('at')).executeTakeFirstOrThrow()
  return at ?? undefined
}

/** @throws TruelineError `unknown_batch` */
export async function readBatchRun({ database }: Metadata, id: string): Promise<BatchRun> {
  const row = await database.selectFrom('batch_runs').selectAll().where('number', '=', numberOf(id)).executeTakeFirst()
  if (row === undefined) throw new TruelineError('unknown_batch', `There is no run '${id}'.`, { path: id })
  return runOf(row)
}

function numberOf(id: string): number {
  return /^b[1-9]\d{0,14}$/.test(id) ? Number(id.slice(1)) : -1
}

function runOf(row: Selectable<BatchRunRow>): BatchRun {
  const { number, batch, model, version, kind, status, at, population, destination } = row
  return {
    ...{ id: `b${number}`, batch, model, version, kind, status, at, population, destination },
    ...{ offset: row.log_offset, startedAt: row.started_at },
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    by: { name: row.by_name, asserted: row.by_asserted === 1 },
    ...(row.report === null ? {} : { report: JSON.parse(row.report) as BatchReport }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as NonNullable<BatchRun['error']> }),
  }
}
