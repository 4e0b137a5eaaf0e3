import type { Kysely, Selectable } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { findRegisteredName, registerName } from '../../stores/metadata/registered-names.ts'
import type { RegisteredModelRow } from '../../stores/metadata/registry-tables.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'
import { checkModelName, checkTag, checkText } from './check-names.ts'
import { governedAmong, policyOf, requireFree } from './model-policy.ts'

/** A name under which versions are registered: each model of the project, and every name that somebody gave. */
export interface RegisteredModel {
  readonly name: string
  /** Empty when nobody wrote one. */
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  /** Whether the project's policy holds for it; otherwise nothing of it can serve, and everybody may rename or delete it. */
  readonly governed: boolean
  readonly by: Identity
  /** Microseconds. */
  readonly createdAt: number
  /** When its name, description or versions, or the stages of these, changed last; tags and aliases are not counted. */
  readonly updatedAt: number
}

export interface NewRegisteredModel {
  readonly name: string
  readonly description?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly by: Identity
}

/** An act on a registered model, and who does it. */
interface ActOn {
  readonly name: string
  readonly by: Identity
}

/**
 * Registers a name that is free of the project's policy; the project's models have theirs from their definitions.
 * @throws TruelineError `model_name_taken`, `invalid_parameter` for a name that cannot be one
 */
export async function createRegisteredModel(
  { database, clock }: Metadata,
  { name, description = '', tags = {}, by }: NewRegisteredModel,
): Promise<RegisteredModel> {
  checkModelName(name)
  checkText('description', description)
  for (const [key, value] of Object.entries(tags)) checkTag(key, value)
  return await database.transaction().execute(async (transaction) => {
    await requireUnused(transaction, name)
    const at = clock.now()
    const model = await registerName(transaction, name, { by, at }, description)
    for (const [key, value] of Object.entries(tags)) await putTag(transaction, model, key, value)
    await recordAct(transaction, { by, at, action: 'model.register', target: name, after: { description, tags } })
    return await readRegisteredModel({ database: transaction }, name)
  })
}

/**
 * A registered model by its name.
 * @throws TruelineError `unknown_registered_model`
 */
export async function readRegisteredModel(
  { database }: Pick<Metadata, 'database'>,
  name: string,
): Promise<RegisteredModel> {
  const [model] = await describeModels(database, [await registeredRow(database, name)])
  return model!
}

/** Registered models from their rows, in the same order. */
export async function describeModels(
  database: Kysely<MetadataTables>,
  rows: readonly Selectable<RegisteredModelRow>[],
): Promise<RegisteredModel[]> {
  const numbers = rows.map((row) => row.number)
  const tags = await database.selectFrom('registered_model_tags').selectAll().where('model', 'in', numbers).execute()
  const governed = await governedAmong(
    database,
    rows.map((row) => row.name),
  )
  return rows.map((row) => ({
    name: row.name,
    description: row.description,
    tags: Object.fromEntries(tags.filter(({ model }) => model === row.number).map(({ key, value }) => [key, value])),
    governed: governed.has(row.name),
    by: { name: row.by_name, asserted: row.by_asserted === 1 },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }))
}

/**
 * Writes a registered model's description.
 * @throws TruelineError `unknown_registered_model`, `invalid_parameter`
 */
export async function describeRegisteredModel(
  metadata: Metadata,
  { name, description, by }: ActOn & { readonly description: string },
): Promise<RegisteredModel> {
  checkText('description', description)
  return await change(metadata, name, async (transaction, row, at) => {
    await transaction.updateTable('registered_models').set({ description }).where('number', '=', row.number).execute()
    const states = { before: { description: row.description }, after: { description } }
    await recordAct(transaction, { by, at, action: 'model.describe', target: name, ...states })
    return name
  })
}

/**
 * Gives a model that is free of policy another name; its versions, aliases and tags go with it.
 * @throws TruelineError `unknown_registered_model`, `model_governed`, `model_name_taken`, `invalid_parameter`
 */
export async function renameRegisteredModel(
  metadata: Metadata,
  { name, to, by }: ActOn & { readonly to: string },
): Promise<RegisteredModel> {
  checkModelName(to)
  return await change(metadata, name, async (transaction, row, at) => {
    await requireFree(transaction, name, 'renamed')
    if (to !== name) await requireUnused(transaction, to)
    await transaction.updateTable('registered_models').set({ name: to }).where('number', '=', row.number).execute()
    await recordAct(transaction, { by, at, action: 'model.rename', target: name, after: { name: to } })
    return to
  })
}

/**
 * Deletes a model that is free of policy, with all that is registered under it; the name can be given again, and its
 * versions then start at 1.
 * @throws TruelineError `unknown_registered_model`, `model_governed`
 */
export async function deleteRegisteredModel({ database, clock }: Metadata, { name, by }: ActOn): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { number } = await registeredRow(transaction, name)
    await requireFree(transaction, name, 'deleted')
    const at = clock.now()
    await transaction.updateTable('registered_models').set({ deleted_at: at }).where('number', '=', number).execute()
    await recordAct(transaction, { by, at, action: 'model.delete', target: name })
  })
}

/**
 * Puts a tag on a registered model, in place of one with that key.
 * @throws TruelineError `unknown_registered_model`, `invalid_parameter`
 */
export async function tagRegisteredModel(
  { database, clock }: Metadata,
  { name, key, value, by }: ActOn & { readonly key: string; readonly value: string },
): Promise<void> {
  checkTag(key, value)
  await database.transaction().execute(async (transaction) => {
    await putTag(transaction, (await registeredRow(transaction, name)).number, key, value)
    const act = { by, at: clock.now(), action: 'model.tag', target: name, after: { [key]: value } }
    await recordAct(transaction, act)
  })
}

/**
 * Takes a tag away; nothing happens where there is none.
 * @throws TruelineError `unknown_registered_model`
 */
export async function untagRegisteredModel(
  { database, clock }: Metadata,
  { name, key, by }: ActOn & { readonly key: string },
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { number } = await registeredRow(transaction, name)
    const tag = transaction.deleteFrom('registered_model_tags').where('model', '=', number).where('key', '=', key)
    const { numDeletedRows } = await tag.executeTakeFirstOrThrow()
    const act = { by, at: clock.now(), action: 'model.untag', target: name, before: { key } }
    if (numDeletedRows > 0n) await recordAct(transaction, act)
  })
}

/**
 * The row of a registered model.
 * @throws TruelineError `unknown_registered_model`
 */
export async function registeredRow(
  database: Kysely<MetadataTables>,
  name: string,
): Promise<Selectable<RegisteredModelRow>> {
  const row = await findRegisteredName(database, name)
  if (row !== undefined) return row
  throw new TruelineError('unknown_registered_model', `No model is registered as '${name}'.`)
}

/** Marks a registered model as changed at a time; a clock that goes back does not make it older. */
export async function touchRegisteredModel(
  transaction: MetadataTransaction,
  { number, updated_at }: Pick<Selectable<RegisteredModelRow>, 'number' | 'updated_at'>,
  at: number,
): Promise<void> {
  const changed = { updated_at: Math.max(at, updated_at) }
  await transaction.updateTable('registered_models').set(changed).where('number', '=', number).execute()
}

async function change(
  { database, clock }: Metadata,
  name: string,
  act: (transaction: MetadataTransaction, row: Selectable<RegisteredModelRow>, at: number) => Promise<string>,
): Promise<RegisteredModel> {
  return await database.transaction().execute(async (transaction) => {
    const row = await registeredRow(transaction, name)
    const at = clock.now()
    const after = await act(transaction, row, at)
    await touchRegisteredModel(transaction, row, at)
    return await readRegisteredModel({ database: transaction }, after)
  })
}

async function requireUnused(transaction: MetadataTransaction, name: string): Promise<void> {
  const isTaken = (await findRegisteredName(transaction, name)) !== undefined
  if (isTaken || (await policyOf(transaction, name)) !== undefined)
    throw new TruelineError('model_name_taken', `A model is registered as '${name}' already.`)
}

async function putTag(transaction: MetadataTransaction, model: number, key: string, value: string): Promise<void> {
  await transaction
    .insertInto('registered_model_tags')
    .values({ model, key, value })
    .onConflict((conflict) => conflict.columns(['model', 'key']).doUpdateSet({ value }))
    .execute()
}
