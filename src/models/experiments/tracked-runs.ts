import { TruelineError } from '../../core/errors.ts'
import { secretBytes } from '../../core/random.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { activeExperiment, lastOfEach, milliseconds, type Tag } from './experiments.ts'
import { checkKey, checkWhole, invalid } from './limits.ts'
import { RUN_NAME_TAG, recordedError, setTags } from './log-batch.ts'
import { activeRunRow, findRunRow, loadTrackedRuns, type TrackedRun, type TrackedStatus } from './tracked-run.ts'

const ID_BYTES = 16

/** What a run is started with. */
export interface NewTrackedRun {
  /** Id of an experiment. */
  readonly experiment: string
  /** A name of its own unless given, or set as the tag `mlflow.runName`. */
  readonly name?: string | undefined
  /** Who runs it, as its client says. */
  readonly user?: string | undefined
  /** Milliseconds since 1970; now unless given. */
  readonly startedMs?: number | undefined
  readonly tags?: readonly Tag[] | undefined
}

/** What changes of a run; what is absent stays. */
export interface RunChange {
  readonly status?: TrackedStatus | undefined
  /** Milliseconds since 1970. */
  readonly endedMs?: number | undefined
  readonly name?: string | undefined
}

/**
 * Starts a run of an experiment.
 * @returns it with its id, 32 hexadecimal digits
 * @throws TruelineError `unknown_experiment`, `not_active`; `invalid_parameter` for a tag whose key is none, for a time
 *   that is no whole number, and when the name and the tag of the name differ
 */
export async function createRun({ database, clock }: Metadata, given: NewTrackedRun): Promise<TrackedRun> {
  const tags = lastOfEach(given.tags ?? [])
  for (const [index, { key }] of tags.entries()) checkKey(key, `tags[${index}].key`)
  if (given.startedMs !== undefined) checkWhole(given.startedMs, 'start_time')
  const tagged = tags.find(({ key }) => key === RUN_NAME_TAG)?.value
  if (given.name && tagged && given.name !== tagged) {
    const values = `(run_name='${given.name}', ${RUN_NAME_TAG}='${tagged}')`
    throw invalid(
      'run_name',
      `Both 'run_name' and the tag '${RUN_NAME_TAG}' are given, with different values ${values}.`,
    )
  }
  return await database.transaction().execute(async (transaction) => {
    const experiment = await activeExperiment(transaction, given.experiment)
    const id = newId()
    const name = given.name || tagged || `untitled-${id.slice(0, 8)}`
    const number = await insertRun(transaction, {
      id,
      experiment: Number(experiment.id),
      name,
      user: given.user ?? '',
      startedMs: given.startedMs ?? milliseconds(clock.now()),
      training: null,
    })
    await setTags(transaction, number, [...tags, { key: RUN_NAME_TAG, value: name }])
    return (await loadTrackedRuns(transaction, [number]))[0]!
  })
}

/** A new id: 32 hexadecimal digits that no other run or model has. */
export function newId(): string {
  return Buffer.from(secretBytes(ID_BYTES)).toString('hex')
}

/** Adds a run that goes on. */
export async function insertRun(
  transaction: MetadataTransaction,
  run: {
    readonly id: string
    readonly experiment: number
    readonly name: string
    readonly user: string
    readonly startedMs: number
    readonly training: number | null
    readonly trialOf?: number
  },
): Promise<number> {
  const { startedMs, trialOf = null, ...columns } = run
  const { number } = await transaction
    .insertInto('experiment_runs')
    .values({
      ...columns,
      status: 'RUNNING',
      started_ms: startedMs,
      ended_ms: null,
      lifecycle: 'active',
      deleted_with_experiment: 0,
      trial_of: trialOf,
    })
    .returning('number')
    .executeTakeFirstOrThrow()
  return number
}

/**
 * Changes the status, end or name of a run.
 * @throws TruelineError `unknown_run`, `not_active`, `invalid_parameter`; `run_recorded` for the status or end of a
 *   training
 */
export async function updateRun({ database }: Metadata, id: string, change: RunChange): Promise<TrackedRun> {
  if (change.endedMs !== undefined) checkWhole(change.endedMs, 'end_time')
  return await database.transaction().execute(async (transaction) => {
    const row = await activeRunRow(transaction, id)
    const { status = row.status, endedMs = row.ended_ms } = change
    const recorder = row.training ?? row.trial_of
    if (recorder !== null && (status !== row.status || endedMs !== row.ended_ms))
      throw recordedError(recorder, 'its status and end')
    await transaction
      .updateTable('experiment_runs')
      .set({ status, ended_ms: endedMs })
      .where('number', '=', row.number)
      .execute()
    if (change.name) await setTags(transaction, row.number, [{ key: RUN_NAME_TAG, value: change.name }])
    return (await loadTrackedRuns(transaction, [row.number]))[0]!
  })
}

/**
 * Marks a run as deleted: nothing is lost.
 * @throws TruelineError `unknown_run`; `run_recorded` for a training, which stays in sight
 */
export async function deleteRun(metadata: Metadata, id: string, by: Identity): Promise<void> {
  await mark(metadata, id, 'deleted', by)
}

/**
 * Brings a deleted run back.
 * @throws TruelineError `unknown_run`
 */
export async function restoreRun(metadata: Metadata, id: string, by: Identity): Promise<void> {
  await mark(metadata, id, 'active', by)
}

async function mark({ database, clock }: Metadata, id: string, lifecycle: 'active' | 'deleted', by: Identity) {
  await database.transaction().execute(async (transaction) => {
    const row = await findRunRow(transaction, id)
    const recorder = row.training ?? row.trial_of
    if (lifecycle === 'deleted' && recorder !== null) {
      const message = `The run is of run-${recorder}, a training of the platform, and cannot be deleted.`
      throw new TruelineError('run_recorded', message, { path: 'run_id' })
    }
    if (row.lifecycle === lifecycle) return
    await transaction
      .updateTable('experiment_runs')
      .set({ lifecycle, deleted_with_experiment: 0 })
      .where('number', '=', row.number)
      .execute()
    const action = lifecycle === 'deleted' ? 'tracked_run.delete' : 'tracked_run.restore'
    await recordAct(transaction, { by, at: clock.now(), action, target: id })
  })
}
