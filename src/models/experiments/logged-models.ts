import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { activeExperiment, lastOfEach, milliseconds, type Tag } from './experiments.ts'
import { checkKey, invalid, paramValue, tagValue } from './limits.ts'
import { findLoggedModelRow, type LoggedModel, type LoggedModelStatus, loadLoggedModels } from './logged-model.ts'
import { newId } from './tracked-runs.ts'

/** What a logged model begins with. */
export interface NewLoggedModel {
  /** Id of an experiment. */
  readonly experiment: string
  readonly name?: string | undefined
  /** Id of the run that makes it. */
  readonly sourceRun?: string | undefined
  readonly modelType?: string | undefined
  readonly params?: readonly Tag[] | undefined
  readonly tags?: readonly Tag[] | undefined
}

/**
 * Begins a logged model: it is PENDING until its files are there and it is finalized.
 * @throws TruelineError `unknown_experiment`, `not_active`, `invalid_parameter`
 */
export async function createLoggedModel({ database, clock }: Metadata, given: NewLoggedModel): Promise<LoggedModel> {
  const params = lastOfEach(given.params ?? [])
  const tags = lastOfEach(given.tags ?? [])
  if (given.name !== undefined) checkModelName(given.name)
  for (const [index, { key }] of params.entries()) checkKey(key, `params[${index}].key`)
  for (const [index, { key }] of tags.entries()) checkKey(key, `tags[${index}].key`)
  return await database.transaction().execute(async (transaction) => {
    const experiment = await activeExperiment(transaction, given.experiment)
    const now = milliseconds(clock.now())
    const id = `m-${newId()}`
    const { number: model } = await transaction
      .insertInto('logged_models')
      .values({
        ...{ id, experiment: Number(experiment.id), name: given.name || `untitled-${id.slice(2, 10)}` },
        ...{ model_type: given.modelType ?? null, status: 'PENDING', source_run: given.sourceRun ?? null },
        ...{ lifecycle: 'active', created_ms: now, updated_ms: now },
      })
      .returning('number')
      .executeTakeFirstOrThrow()
    if (params.length > 0)
      await transaction
        .insertInto('logged_model_params')
        .values(params.map(({ key, value }) => ({ model, key, value: paramValue(value) })))
        .execute()
    if (tags.length > 0)
      await transaction
        .insertInto('logged_model_tags')
        .values(tags.map(({ key, value }) => ({ model, key, value: tagValue(value) })))
        .execute()
    return (await loadLoggedModels(transaction, [model]))[0]!
  })
}

/**
 * Adds parameters to a logged model; one that is there stands, and may be logged again with the same value.
 * @throws TruelineError `unknown_logged_model`, `parameter_changed`, `invalid_parameter`
 */
export async function logLoggedModelParams({ database }: Metadata, id: string, given: readonly Tag[]): Promise<void> {
  const params = given.map(({ key, value }) => ({ key, value: paramValue(value) }))
  for (const [index, { key }] of params.entries()) checkKey(key, `params[${index}].key`)
  await database.transaction().execute(async (transaction) => {
    const { number: model } = await findLoggedModelRow(transaction, id)
    const there = await transaction.selectFrom('logged_model_params').selectAll().where('model', '=', model).execute()
    const before = new Map(there.map(({ key, value }) => [key, value]))
    const added: { model: number; key: string; value: string }[] = []
    for (const { key, value } of params) {
      const known = before.get(key)
      if (known !== undefined && known !== value) {
        const message = `Changing param values is not allowed: of model ${id}, '${key}' is '${known}' and not '${value}'.`
        throw new TruelineError('parameter_changed', message, { path: 'params' })
      }
      if (known === undefined) added.push({ model, key, value })
      before.set(key, value)
    }
    if (added.length > 0) await transaction.insertInto('logged_model_params').values(added).execute()
  })
}

/**
 * Says that a logged model is ready, or has failed.
 * @throws TruelineError `unknown_logged_model`
 */
export async function finalizeLoggedModel(
  { database, clock }: Metadata,
  id: string,
  status: LoggedModelStatus,
): Promise<LoggedModel> {
  return await database.transaction().execute(async (transaction) => {
    const { number } = await findLoggedModelRow(transaction, id)
    await transaction
      .updateTable('logged_models')
      .set({ status, updated_ms: milliseconds(clock.now()) })
      .where('number', '=', number)
      .execute()
    return (await loadLoggedModels(transaction, [number]))[0]!
  })
}

/**
 * Sets tags of a logged model, each in place of what it was.
 * @throws TruelineError `unknown_logged_model`, `invalid_parameter`
 */
export async function setLoggedModelTags({ database }: Metadata, id: string, tags: readonly Tag[]): Promise<void> {
  for (const [index, { key }] of tags.entries()) checkKey(key, `tags[${index}].key`)
  await database.transaction().execute((transaction) => putLoggedModelTags(transaction, id, tags))
}

/**
 * Sets tags of a logged model in a transaction that does more.
 * @param tags whose keys were checked
 * @throws TruelineError `unknown_logged_model`
 */
export async function putLoggedModelTags(
  transaction: MetadataTransaction,
  id: string,
  tags: readonly Tag[],
): Promise<void> {
  const { number: model } = await findLoggedModelRow(transaction, id)
  if (tags.length === 0) return
  await transaction
    .insertInto('logged_model_tags')
    .values(lastOfEach(tags).map(({ key, value }) => ({ model, key, value: tagValue(value) })))
    .onConflict((conflict) =>
      conflict.columns(['model', 'key']).doUpdateSet(({ ref }) => ({ value: ref('excluded.value') })),
    )
    .execute()
}

/**
 * Takes a tag off a logged model.
 * @throws TruelineError `unknown_logged_model`, `unknown_tag`
 */
export async function deleteLoggedModelTag({ database }: Metadata, id: string, key: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { number } = await findLoggedModelRow(transaction, id)
    const { numDeletedRows } = await transaction
      .deleteFrom('logged_model_tags')
      .where('model', '=', number)
      .where('key', '=', key)
      .executeTakeFirst()
    if (numDeletedRows === 0n)
      throw new TruelineError('unknown_tag', `No tag with key '${key}' found for model with ID '${id}'.`, {
        path: 'key',
      })
  })
}

/**
 * Marks a logged model as deleted; its row and files stay.
 * @throws TruelineError `unknown_logged_model`
 */
export async function deleteLoggedModel({ database, clock }: Metadata, id: string, by: Identity): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { number, lifecycle } = await findLoggedModelRow(transaction, id)
    if (lifecycle === 'deleted') return
    const at = clock.now()
    await transaction
      .updateTable('logged_models')
      .set({ lifecycle: 'deleted', updated_ms: milliseconds(at) })
      .where('number', '=', number)
      .execute()
    await recordAct(transaction, { by, at, action: 'logged_model.delete', target: id })
  })
}

/** Names become part of paths and of addresses such as `models:/NAME/1`. */
function checkModelName(name: string): void {
  if (name.trim() === '' || /[/:.%"']/.test(name))
    throw invalid(
      'name',
      `Invalid model name (${JSON.stringify(name)}) provided. It must be a non-empty string and cannot contain / : . % " '.`,
    )
}
