import type { Kysely, Selectable } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { ExperimentRow } from '../../stores/metadata/experiment-tables.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'
import { checkExperimentName, checkExperimentTag, invalid } from './limits.ts'

export type Lifecycle = 'active' | 'deleted'

/** Where runs are gathered. Times are milliseconds since 1970, as the tracking protocol has them. */
export interface Experiment {
  /** A whole number as text; "0" is the one that is there from the start. */
  readonly id: string
  readonly name: string
  readonly artifactLocation: string
  readonly lifecycle: Lifecycle
  readonly createdMs: number
  readonly updatedMs: number
  /** Sorted by key. */
  readonly tags: readonly Tag[]
}

/** A name and what is said under it: of an experiment, a run or a model; of a parameter too. */
export interface Tag {
  readonly key: string
  readonly value: string
}

/** What an experiment is made of. */
export interface NewExperiment {
  /** At most 500 characters; no other experiment has it. */
  readonly name: string
  /** A URI; the platform's own place unless given. */
  readonly artifactLocation?: string | undefined
  readonly tags?: readonly Tag[] | undefined
  readonly by: Identity
}

/**
 * Makes an experiment.
 * @returns it with its id, a whole number that rises
 * @throws TruelineError `experiment_exists`, also when a deleted one has the name; `invalid_parameter` over a limit
 */
export async function createExperiment({ database, clock }: Metadata, given: NewExperiment): Promise<Experiment> {
  checkExperimentName(given.name)
  const tags = lastOfEach(given.tags ?? [])
  for (const { key, value } of tags) checkExperimentTag(key, value)
  return await database.transaction().execute(async (transaction) => {
    const at = clock.now()
    const id = await insertExperiment(transaction, given.name, at, given.artifactLocation)
    if (tags.length > 0)
      await transaction
        .insertInto('experiment_tags')
        .values(tags.map(({ key, value }) => ({ experiment: id, key, value })))
        .execute()
    const after = { name: given.name }
    await recordAct(transaction, { by: given.by, at, action: 'experiment.create', target: `experiment-${id}`, after })
    return await findExperiment(transaction, String(id))
  })
}

/**
 * The id of the experiment of a name, made when it is missing, and restored when it was deleted.
 * @param at microseconds
 */
export async function ensureExperiment(transaction: MetadataTransaction, name: string, at: number): Promise<number> {
  const row = await transaction
    .selectFrom('experiments')
    .select(['id', 'lifecycle'])
    .where('name', '=', name)
    .executeTakeFirst()
  if (row === undefined) return await insertExperiment(transaction, name, at)
  if (row.lifecycle === 'deleted') await changeLifecycle(transaction, row.id, 'active', at)
  return row.id
}

async function insertExperiment(
  transaction: MetadataTransaction,
  name: string,
  at: number,
  artifactLocation?: string,
): Promise<number> {
  await requireFreeName(transaction, name)
  const { id } = await transaction
    .insertInto('experiments')
    .values({
      name,
      artifact_location: artifactLocation ?? null,
      lifecycle: 'active',
      created_ms: milliseconds(at),
      updated_ms: milliseconds(at),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

async function requireFreeName(transaction: MetadataTransaction, name: string): Promise<void> {
  const taken = await transaction
    .selectFrom('experiments')
    .select('lifecycle')
    .where('name', '=', name)
    .executeTakeFirst()
  if (taken === undefined) return
  const state = taken.lifecycle === 'deleted' ? ' and was deleted' : ''
  throw new TruelineError('experiment_exists', `Experiment(name=${name}) already exists${state}.`, { path: 'name' })
}

/**
 * An experiment by its id, deleted or not.
 * @throws TruelineError `unknown_experiment`; `invalid_parameter` when the id is no whole number
 */
export async function readExperiment({ database }: Metadata, id: string): Promise<Experiment> {
  return await findExperiment(database, id)
}

/** An experiment by its name, deleted or not; undefined when none has it. */
export async function findExperimentByName({ database }: Metadata, name: string): Promise<Experiment | undefined> {
  const row = await database.selectFrom('experiments').select('id').where('name', '=', name).executeTakeFirst()
  return row === undefined ? undefined : await findExperiment(database, String(row.id))
}

/**
 * Gives an experiment another name.
 * @throws TruelineError `unknown_experiment`, `not_active`, `experiment_exists`, `invalid_parameter`
 */
export async function renameExperiment(
  { database, clock }: Metadata,
  id: string,
  name: string,
  by: Identity,
): Promise<Experiment> {
  checkExperimentName(name)
  return await database.transaction().execute(async (transaction) => {
    const before = await activeExperiment(transaction, id)
    if (before.name === name) return before
    await requireFreeName(transaction, name)
    const at = clock.now()
    await transaction
      .updateTable('experiments')
      .set({ name, updated_ms: milliseconds(at) })
      .where('id', '=', Number(before.id))
      .execute()
    const change = { before: { name: before.name }, after: { name } }
    await recordAct(transaction, { by, at, action: 'experiment.rename', target: `experiment-${id}`, ...change })
    return await findExperiment(transaction, id)
  })
}

/**
 * Marks an experiment with all its runs as deleted: nothing is lost.
 * @throws TruelineError `unknown_experiment` when there is none that is active; `run_recorded` where trainings of the
 *   platform are in it, which stay in sight
 */
export async function deleteExperiment(metadata: Metadata, id: string, by: Identity): Promise<void> {
  await mark(metadata, id, 'deleted', by)
}

/**
 * Brings a deleted experiment back, with the runs that were deleted with it.
 * @throws TruelineError `unknown_experiment` when there is none that is deleted
 */
export async function restoreExperiment(metadata: Metadata, id: string, by: Identity): Promise<void> {
  await mark(metadata, id, 'active', by)
}

async function mark({ database, clock }: Metadata, id: string, lifecycle: Lifecycle, by: Identity): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const experiment = await findExperiment(transaction, id)
    if (experiment.lifecycle === lifecycle)
      throw new TruelineError('unknown_experiment', `No Experiment with id=${id} exists that is not ${lifecycle}.`)
    if (lifecycle === 'deleted') await refuseWithTrainings(transaction, experiment)
    const at = clock.now()
    await changeLifecycle(transaction, Number(experiment.id), lifecycle, at)
    const action = lifecycle === 'deleted' ? 'experiment.delete' : 'experiment.restore'
    await recordAct(transaction, { by, at, action, target: `experiment-${id}` })
  })
}

async function refuseWithTrainings(transaction: MetadataTransaction, { id, name }: Experiment): Promise<void> {
  const { trainings } = await transaction
    .selectFrom('experiment_runs')
    .select(({ fn }) => fn.count<number>('training').as('trainings'))
    .where('experiment', '=', Number(id))
    .executeTakeFirstOrThrow()
  if (trainings === 0) return
  const message = `The experiment '${name}' holds trainings of the platform (${trainings}), and cannot be deleted.`
  throw new TruelineError('run_recorded', message, { path: 'experiment_id' })
}

async function changeLifecycle(
  transaction: MetadataTransaction,
  id: number,
  lifecycle: Lifecycle,
  at: number,
): Promise<void> {
  await transaction
    .updateTable('experiments')
    .set({ lifecycle, updated_ms: milliseconds(at) })
    .where('id', '=', id)
    .execute()
  const deleted = lifecycle === 'deleted'
  await transaction
    .updateTable('experiment_runs')
    .set({ lifecycle, deleted_with_experiment: deleted ? 1 : 0 })
    .where('experiment', '=', id)
    .where('lifecycle', '=', deleted ? 'active' : 'deleted')
    .where('deleted_with_experiment', '=', deleted ? 0 : 1)
    .execute()
}

/**
 * Sets a tag of an experiment, in place of what it was.
 * @throws TruelineError `unknown_experiment`, `not_active`, `invalid_parameter`
 */
export async function setExperimentTag({ database }: Metadata, id: string, key: string, value: string): Promise<void> {
  checkExperimentTag(key, value)
  await database.transaction().execute(async (transaction) => {
    const experiment = Number((await activeExperiment(transaction, id)).id)
    await transaction
      .insertInto('experiment_tags')
      .values({ experiment, key, value })
      .onConflict((conflict) => conflict.columns(['experiment', 'key']).doUpdateSet({ value }))
      .execute()
  })
}

/**
 * Takes a tag off an experiment.
 * @throws TruelineError `unknown_experiment`, `not_active`, `unknown_tag`
 */
export async function deleteExperimentTag({ database }: Metadata, id: string, key: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const experiment = await activeExperiment(transaction, id)
    const { numDeletedRows } = await transaction
      .deleteFrom('experiment_tags')
      .where('experiment', '=', Number(experiment.id))
      .where('key', '=', key)
      .executeTakeFirst()
    if (numDeletedRows === 0n)
      throw new TruelineError('unknown_tag', `No tag with name: ${key} in experiment with id ${id}`, { path: 'key' })
  })
}

/**
 * An experiment that may be written to.
 * @throws TruelineError `unknown_experiment`, `not_active`, `invalid_parameter`
 */
export async function activeExperiment(database: Kysely<MetadataTables>, id: string): Promise<Experiment> {
  const experiment = await findExperiment(database, id)
  if (experiment.lifecycle === 'active') return experiment
  const message = `The experiment ${id} must be in the 'active' state. Current state is deleted.`
  throw new TruelineError('not_active', message)
}

/** Experiments of some numbers, in the order of these. */
export async function loadExperiments(
  database: Kysely<MetadataTables>,
  ids: readonly number[],
): Promise<readonly Experiment[]> {
  if (ids.length === 0) return []
  const rows = await database.selectFrom('experiments').selectAll().where('id', 'in', ids).execute()
  const tags = await database
    .selectFrom('experiment_tags')
    .selectAll()
    .where('experiment', 'in', ids)
    .orderBy('key')
    .execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  const tagsOf = Map.groupBy(tags, ({ experiment }) => experiment)
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row === undefined ? [] : [experimentOf(row, tagsOf.get(id) ?? [])]
  })
}

async function findExperiment(database: Kysely<MetadataTables>, id: string): Promise<Experiment> {
  const [experiment] = await loadExperiments(database, [experimentNumber(id)])
  if (experiment === undefined) throw new TruelineError('unknown_experiment', `No Experiment with id=${id} exists`)
  return experiment
}

/**
 * The number of an experiment's id.
 * @throws TruelineError `invalid_parameter` when it is none
 */
export function experimentNumber(id: string): number {
  if (/^\d{1,15}$/.test(id)) return Number(id)
  throw invalid('experiment_id', `Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`)
}

function experimentOf(row: Selectable<ExperimentRow>, tags: readonly Tag[]): Experiment {
  return {
    id: String(row.id),
    name: row.name,
    artifactLocation: row.artifact_location ?? ownArtifactLocation(row.id),
    lifecycle: row.lifecycle,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    tags: tags.map(({ key, value }) => ({ key, value })),
  }
}

/** Of what is given more than once under a key, the last. */
export function lastOfEach<T extends Tag>(tags: readonly T[]): readonly T[] {
  return [...new Map(tags.map((tag) => [tag.key, tag])).values()]
}

/** Where artifacts of an experiment are kept unless its maker said otherwise: by this server. */
function ownArtifactLocation(experiment: number): string {
  return `mlflow-artifacts:/${experiment}`
}

/** A time of the platform, which is in microseconds, as the tracking protocol has it. */
export function milliseconds(at: number): number {
  return Math.floor(at / 1000)
}
