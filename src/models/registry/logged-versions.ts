import { type Kysely, sql } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import { fixTree } from '../../stores/artifacts/logged-trees.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'
import { appendAlias, standingAliases, standingAliasesOf } from './alias-rows.ts'
import { checkTag, checkText } from './check-names.ts'
import { requireFree } from './model-policy.ts'
import { versionName } from './model-version.ts'
import { registeredRow, touchRegisteredModel } from './registered-models.ts'
import { aliasesByVersion, archivedVersionsOf, type Stage, stageOf } from './stage-rows.ts'
import { nextVersion } from './version-number.ts'
import { type VersionRow, versionRows } from './version-rows.ts'

/** A version of a registered model, whether it was logged from outside or trained here. */
export interface RegisteredVersion {
  readonly model: string
  readonly version: number
  /** Whether it was logged; what is trained here was not, and its source is its own address. */
  readonly logged: boolean
  /** Whether it is a version that can serve, once it is approved: trained here, or given a contract. */
  readonly servable: boolean
  /** Where its files are, as whoever logged it said. */
  readonly source: string
  /** The run that it came from; null when nobody said. */
  readonly run: string | null
  readonly loggedModel: string | null
  readonly runLink: string | null
  /** What it takes and gives, as whoever logged it said; undefined when nobody did. */
  readonly signature: unknown
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  /** Names, sorted. */
  readonly aliases: readonly string[]
  readonly stage: Stage
  readonly author: Identity
  /** Microseconds. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** What is logged under a name; it stays as it is. */
export interface NewLoggedVersion {
  readonly model: string
  readonly source: string
  readonly run?: string | undefined
  readonly loggedModel?: string | undefined
  readonly runLink?: string | undefined
  /** Folder of the artifacts where its files are; absent where they are elsewhere. */
  readonly folder?: string | undefined
  /** Plain JSON data. */
  readonly signature?: unknown
  readonly description?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly by: Identity
}

/** An act on a version, and who does it. */
interface ActOn {
  readonly model: string
  readonly version: number
  readonly by: Identity
}

/**
 * Logs a version under a registered name, also one of the project: it gets the next number, and cannot serve before it is
 * given a contract. Its files stay as they are from here on.
 * @param also what is written in the same transaction: there is no version without it
 * @throws TruelineError `unknown_registered_model`, `invalid_parameter`
 */
export async function logVersion(
  { database, clock }: Metadata,
  logged: NewLoggedVersion,
  also?: (transaction: MetadataTransaction, version: number) => Promise<void>,
): Promise<RegisteredVersion> {
  const { model, source, signature, description = '', tags = {}, by } = logged
  checkText('source', source)
  checkText('description', description)
  for (const [key, value] of Object.entries(tags)) checkTag(key, value)
  return await database.transaction().execute(async (transaction) => {
    const named = await registeredRow(transaction, model)
    const version = await nextVersion(transaction, named)
    const at = clock.now()
    const row = {
      ...{ model: named.number, version, source },
      run: logged.run ?? null,
      logged_model: logged.loggedModel ?? null,
      run_link: logged.runLink ?? null,
      signature: signature === undefined ? null : canonicalJson(signature),
      ...{ author_name: by.name, author_asserted: by.asserted ? 1 : 0, created_at: at },
    }
    await transaction.insertInto('logged_versions').values(row).execute()
    const tree = await fixTree(transaction, row, logged.folder)
    await writeNote(transaction, named.number, version, description, at)
    for (const [key, value] of Object.entries(tags)) await putTag(transaction, named.number, version, key, value)
    await touchRegisteredModel(transaction, named, at)
    const files = tree.digest === null ? {} : { files: tree.files, digest: tree.digest }
    const after = { source, run: row.run, loggedModel: row.logged_model, ...files }
    await recordAct(transaction, { by, at, action: 'version.log', target: versionName(model, version), after })
    await also?.(transaction, version)
    return await readRegisteredVersion({ database: transaction }, model, version)
  })
}

/**
 * A version by its number, logged or trained here.
 * @throws TruelineError `unknown_registered_model`, `unknown_version`
 */
export async function readRegisteredVersion(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  version: number,
): Promise<RegisteredVersion> {
  await registeredRow(database, model)
  const rows = await versionRows(database).where('name', '=', model).where('version', '=', version).execute()
  const [found] = await describeVersions(database, rows)
  if (found !== undefined) return found
  throw new TruelineError('unknown_version', `There is no version ${version} of the model '${model}'.`)
}

/** Versions of a model that were logged and have no contract yet, newest first. */
export async function withoutContract(
  { database }: Pick<Metadata, 'database'>,
  model: string,
): Promise<readonly { readonly version: number; readonly author: string; readonly createdAt: number }[]> {
  const rows = versionRows(database).where('name', '=', model).where('servable', '=', 0)
  return (await rows.orderBy('version', 'desc').execute()).map(({ version, author_name, created_at }) => ({
    ...{ version, author: author_name, createdAt: created_at },
  }))
}

/** Versions from their rows, in the same order. */
export async function describeVersions(
  database: Kysely<MetadataTables>,
  rows: readonly VersionRow[],
): Promise<RegisteredVersion[]> {
  const tagsOf = await tagsByVersion(database, rows)
  const models = [...new Map(rows.map(({ model: number, name }) => [number, name]))]
  const standing = await standingAliasesOf(
    database,
    models.map(([number, name]) => ({ number, name })),
  )
  const archived = await archivedVersionsOf(
    database,
    models.map(([number]) => number),
  )
  const aliases = new Map([...standing].map(([number, ofModel]) => [number, aliasesByVersion(ofModel)]))
  return rows.map((row) => {
    const names = aliases.get(row.model)?.get(row.version) ?? []
    return {
      model: row.name,
      version: row.version,
      logged: row.logged === 1,
      servable: row.servable === 1,
      source: row.source,
      run: row.run,
      loggedModel: row.logged_model,
      runLink: row.run_link,
      signature: row.signature === null ? undefined : JSON.parse(row.signature),
      description: row.description,
      tags: tagsOf.get(`${row.model}/${row.version}`) ?? {},
      aliases: names,
      stage: stageOf(names, archived.get(row.model)!.has(row.version)),
      author: { name: row.author_name, asserted: row.author_asserted === 1 },
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }
  })
}

async function tagsByVersion(
  database: Kysely<MetadataTables>,
  rows: readonly VersionRow[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const found = new Map<string, Record<string, string>>()
  const wanted = JSON.stringify(rows.map(({ model, version }) => [model, version]))
  const tags = await sql<{ model: number; version: number; key: string; value: string }>`SELECT tags.*
    FROM json_each(${wanted}) AS wanted JOIN version_tags AS tags
      ON tags.model = wanted.value ->> 0 AND tags.version = wanted.value ->> 1
    ORDER BY tags.key`.execute(database)
  for (const { model, version, key, value } of tags.rows) {
    const name = `${model}/${version}`
    found.set(name, { ...found.get(name), [key]: value })
  }
  return found
}

/**
 * Writes a version's description.
 * @throws TruelineError `unknown_registered_model`, `unknown_version`, `invalid_parameter`
 */
export async function describeVersion(
  metadata: Metadata,
  { model, version, description, by }: ActOn & { readonly description: string },
): Promise<RegisteredVersion> {
  checkText('description', description)
  return await change(metadata, model, version, async (transaction, number, before, at) => {
    await writeNote(transaction, number, version, description, Math.max(at, before.updatedAt))
    const states = { before: { description: before.description }, after: { description } }
    await recordAct(transaction, { by, at, action: 'version.describe', target: versionName(model, version), ...states })
  })
}

/**
 * Puts a tag on a version, in place of one with that key.
 * @throws TruelineError `unknown_registered_model`, `unknown_version`, `invalid_parameter`
 */
export async function tagVersion(
  metadata: Metadata,
  { model, version, key, value, by }: ActOn & { readonly key: string; readonly value: string },
): Promise<void> {
  checkTag(key, value)
  await change(metadata, model, version, async (transaction, number, _, at) => {
    await putTag(transaction, number, version, key, value)
    const target = versionName(model, version)
    await recordAct(transaction, { by, at, action: 'version.tag', target, after: { [key]: value } })
  })
}

/**
 * Takes a tag of a version away; nothing happens where there is none.
 * @throws TruelineError `unknown_registered_model`, `unknown_version`
 */
export async function untagVersion(
  metadata: Metadata,
  { model, version, key, by }: ActOn & { readonly key: string },
): Promise<void> {
  await change(metadata, model, version, async (transaction, number, before, at) => {
    if (!Object.hasOwn(before.tags, key)) return
    const tags = transaction.deleteFrom('version_tags').where('model', '=', number).where('version', '=', version)
    await tags.where('key', '=', key).execute()
    const target = versionName(model, version)
    await recordAct(transaction, { by, at, action: 'version.untag', target, before: { [key]: before.tags[key] } })
  })
}

/**
 * Deletes a logged version of a model that is free of policy; its number is not given again.
 * @throws TruelineError `unknown_registered_model`, `unknown_version`, `model_governed`
 */
export async function deleteLoggedVersion({ database, clock }: Metadata, asked: ActOn): Promise<void> {
  const { model, version, by } = asked
  await database.transaction().execute(async (transaction) => {
    const named = await registeredRow(transaction, model)
    await readRegisteredVersion({ database: transaction }, model, version)
    await requireFree(transaction, model, 'deleted, nor can a version of it be')
    const at = clock.now()
    for (const { alias } of (await standingAliases(transaction, named)).filter((one) => one.version === version))
      await appendAlias(transaction, named.number, { alias, version: null, reason: null, by }, at)
    const row = transaction.updateTable('logged_versions').set({ deleted_at: at }).where('model', '=', named.number)
    await row.where('version', '=', version).execute()
    await touchRegisteredModel(transaction, named, at)
    await recordAct(transaction, { by, at, action: 'version.delete', target: versionName(model, version) })
  })
}

/** Words about a version are none about its model, whose time stays as it is. */
async function change(
  { database, clock }: Metadata,
  model: string,
  version: number,
  act: (transaction: MetadataTransaction, number: number, before: RegisteredVersion, at: number) => Promise<void>,
): Promise<RegisteredVersion> {
  return await database.transaction().execute(async (transaction) => {
    const named = await registeredRow(transaction, model)
    const before = await readRegisteredVersion({ database: transaction }, model, version)
    const at = clock.now()
    await act(transaction, named.number, before, at)
    return await readRegisteredVersion({ database: transaction }, model, version)
  })
}

async function writeNote(
  transaction: MetadataTransaction,
  model: number,
  version: number,
  description: string,
  at: number,
): Promise<void> {
  await transaction
    .insertInto('version_notes')
    .values({ model, version, description, updated_at: at })
    .onConflict((conflict) => conflict.columns(['model', 'version']).doUpdateSet({ description, updated_at: at }))
    .execute()
}

/** Marks a version as changed at a time; a clock that goes back does not make it older. */
export async function touchVersion(
  transaction: MetadataTransaction,
  model: number,
  { version, description, updatedAt }: RegisteredVersion,
  at: number,
): Promise<void> {
  await writeNote(transaction, model, version, description, Math.max(at, updatedAt))
}

async function putTag(
  transaction: MetadataTransaction,
  model: number,
  version: number,
  key: string,
  value: string,
): Promise<void> {
  await transaction
    .insertInto('version_tags')
    .values({ model, version, key, value })
    .onConflict((conflict) => conflict.columns(['model', 'version', 'key']).doUpdateSet({ value }))
    .execute()
}
