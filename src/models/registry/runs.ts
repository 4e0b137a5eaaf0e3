import { type Kysely, type Selectable, sql } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import { type Identity, platformIdentity } from '../../governance/identity.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit, pageOf } from '../../stores/metadata/page.ts'
import type { MetadataTables, RunRow } from '../../stores/metadata/tables.ts'
import { trackTraining, trackTrainingEnd } from '../experiments/training-runs.ts'
import type { TrackedTrial } from '../experiments/training-trials.ts'

export type RunStatus = 'running' | 'succeeded' | 'failed'

/** One training of a model: what it was given, and what came out. */
export interface Run {
  /** `run-` and a number that rises. */
  readonly id: string
  readonly model: string
  readonly kind: 'train'
  readonly status: RunStatus
  /** Microseconds. */
  readonly startedAt: number
  readonly finishedAt: number | null
  readonly parameters: Readonly<Record<string, unknown>>
  readonly seed: number
  /** Null until it has succeeded. */
  readonly metrics: Readonly<Record<string, number | null>> | null
  /** The manifest of the data it was trained on, as training wrote it. */
  readonly data: unknown
  /** Versions and settings that could change the result, as training wrote them. */
  readonly environment: unknown
  readonly error: { readonly code: string; readonly message: string } | null
  readonly author: Identity
}

/** What a run is started with. */
export interface RunStart {
  readonly model: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** A safe integer. */
  readonly seed: number
  readonly author: Identity
}

/** How a run ended; all of it plain JSON data. */
export type RunOutcome =
  | {
      readonly status: 'succeeded'
      readonly metrics: Readonly<Record<string, number | null>>
      readonly data: unknown
      readonly environment: unknown
      /** What its trainer chose by itself, by the parameters' names: `chosen.NAME` of its run. */
      readonly chosen?: Readonly<Record<string, number>>
      /** Of its search for parameters: runs of the experiment below its own. */
      readonly trials?: readonly TrackedTrial[]
    }
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string } }

/**
 * Starts a run; it is a run of the experiment of the model's name too.
 * @param also what is written in the same transaction: there is no run without it
 */
export async function startRun(
  { database, clock }: Metadata,
  start: RunStart,
  also?: (transaction: MetadataTransaction, run: Run) => Promise<void>,
): Promise<Run> {
  return await database.transaction().execute(async (transaction) => {
    const run = await startRunWithin(transaction, start, clock.now())
    await also?.(transaction, run)
    return run
  })
}

/** Starts a run as a part of what else a transaction does. */
export async function startRunWithin(transaction: MetadataTransaction, start: RunStart, at: number): Promise<Run> {
  const row = await transaction
    .insertInto('runs')
    .values({
      model: start.model,
      kind: 'train',
      status: 'running',
      started_at: at,
      parameters: canonicalJson(start.parameters),
      seed: start.seed,
      author_name: start.author.name,
      author_asserted: start.author.asserted ? 1 : 0,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const run = runOf(row)
  const after = { model: run.model, seed: run.seed, parameters: run.parameters }
  await recordAct(transaction, { by: start.author, at, action: 'run.start', target: run.id, after })
  await trackTraining(transaction, { ...start, training: row.number, author: start.author.name, at })
  return run
}

/**
 * Ends a run; nothing about it can change afterwards.
 * @param also what is written in the same transaction: the run has not ended without it
 * @throws TruelineError `unknown_run`, `run_finished` when it has ended before
 */
export async function finishRun(
  { database, clock }: Metadata,
  id: string,
  outcome: RunOutcome,
  also?: (transaction: MetadataTransaction) => Promise<void>,
): Promise<Run> {
  return await database.transaction().execute(async (transaction) => {
    const run = await findRun(transaction, id)
    if (run.status !== 'running') throw new TruelineError('run_finished', `${id} has ${run.status} before.`)
    await also?.(transaction)
    return await end(transaction, id, outcome, run.author, clock.now())
  })
}

/**
 * Ends as failed all runs that an earlier process did not live to finish: to be called when the platform starts.
 * @param resumable ids of runs that can go on, and are left as they are
 * @returns the ids of the others
 */
export async function failInterruptedRuns(
  { database, clock }: Metadata,
  resumable: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  return await database.transaction().execute(async (transaction) => {
    const rows = await transaction.selectFrom('runs').select('number').where('status', '=', 'running').execute()
    const ids = rows.map((row) => `run-${row.number}`).filter((id) => !resumable.has(id))
    const error = { code: 'training_failed', message: 'The platform stopped while the run was going on.' }
    for (const id of ids)
      await end(transaction, id, { status: 'failed', error }, platformIdentity('start'), clock.now())
    return ids
  })
}

async function end(
  transaction: MetadataTransaction,
  id: string,
  outcome: RunOutcome,
  by: Identity,
  at: number,
): Promise<Run> {
  const results =
    outcome.status === 'failed'
      ? { error: canonicalJson(outcome.error) }
      : {
          metrics: canonicalJson(outcome.metrics),
          data: canonicalJson(outcome.data),
          environment: canonicalJson(outcome.environment),
        }
  const row = await transaction
    .updateTable('runs')
    // A clock that goes back ends no run before it began.
    .set(({ ref }) => ({
      ...{ status: outcome.status, ...results },
      finished_at: sql<number>`max(${ref('started_at')}, ${at})`,
    }))
    .where('number', '=', runNumber(id))
    .returningAll()
    .executeTakeFirstOrThrow()
  await recordAct(transaction, { by, at, action: 'run.finish', target: id, after: { status: outcome.status } })
  await trackTrainingEnd(transaction, { training: row.number, model: row.model, at: row.finished_at! }, outcome)
  return runOf(row)
}

/**
 * A run by its id.
 * @throws TruelineError `unknown_run`
 */
export async function readRun({ database }: Metadata, id: string): Promise<Run> {
  return await findRun(database, id)
}

/** Runs, newest first; of one model or one status when these are given. */
export async function listRuns(
  { database }: Metadata,
  request: PageRequest & { readonly model?: string; readonly status?: RunStatus } = {},
): Promise<Page<Run>> {
  const limit = pageLimit(request)
  const before = cursorNumbers(request, 1)?.[0]
  let query = database.selectFrom('runs').selectAll()
  if (request.model !== undefined) query = query.where('model', '=', request.model)
  if (request.status !== undefined) query = query.where('status', '=', request.status)
  if (before !== undefined) query = query.where('number', '<', before)
  const rows = await query
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, (row) => [row.number], runOf)
}

async function findRun(database: Kysely<MetadataTables>, id: string): Promise<Run> {
  const row = await database.selectFrom('runs').selectAll().where('number', '=', runNumber(id)).executeTakeFirst()
  if (row === undefined) throw new TruelineError('unknown_run', `There is no run '${id}'.`)
  return runOf(row)
}

/**
 * The number of a run's id.
 * @throws TruelineError `unknown_run` when it is not an id
 */
export function runNumber(id: string): number {
  const match = /^run-([1-9]\d{0,14})$/.exec(id)
  if (match === null) throw new TruelineError('unknown_run', `There is no run '${id}'.`)
  return Number(match[1])
}

function runOf(row: Selectable<RunRow>): Run {
  return {
    id: `run-${row.number}`,
    model: row.model,
    kind: row.kind,
    status: row.status,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    parameters: JSON.parse(row.parameters),
    seed: row.seed,
    metrics: row.metrics === null ? null : JSON.parse(row.metrics),
    data: row.data === null ? null : JSON.parse(row.data),
    environment: row.environment === null ? null : JSON.parse(row.environment),
    error: row.error === null ? null : JSON.parse(row.error),
    author: { name: row.author_name, asserted: row.author_asserted === 1 },
  }
}
