import type { Kysely } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit, pageOf } from '../../stores/metadata/page.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'
import {
  type AliasRecord,
  aliasRecordOf,
  aliasRows,
  appendAlias,
  type StandingAlias,
  standingAliases,
} from './alias-rows.ts'
import { checkAlias } from './check-names.ts'
import { readRegisteredVersion } from './logged-versions.ts'
import { CHAMPION, policyOf } from './model-policy.ts'
import { versionName } from './model-version.ts'
import { registeredRow } from './registered-models.ts'
import type { Named } from './version-number.ts'
import { readVersion } from './versions.ts'

/** A move of an alias, and who wants it. */
export interface AliasChange {
  readonly model: string
  readonly alias: string
  readonly by: Identity
  readonly reason?: string | undefined
  /**
   * The version that it was seen at, null when it was seen nowhere: the move is refused when it stands elsewhere now.
   * Who moves a protected alias without saying means that it was seen nowhere; other aliases move from wherever they are.
   */
  readonly expected?: number | null | undefined
}

/**
 * Lets an alias stand for a version. A protected alias of a governed model takes an approved version and what was seen
 * before; `champion` moves by promotion alone. Nothing happens when it stands there already.
 * @throws TruelineError `unknown_registered_model`, `unknown_version`, `invalid_parameter`, `alias_protected`,
 *   `alias_changed`
 */
export async function setAlias(
  { database, clock }: Metadata,
  asked: AliasChange & { readonly version: number },
): Promise<AliasRecord> {
  checkAlias(asked.alias)
  return await database.transaction().execute(async (transaction) => {
    const named = await registeredRow(transaction, asked.model)
    await readRegisteredVersion({ database: transaction }, asked.model, asked.version)
    return await moveAlias(transaction, named, asked, clock.now())
  })
}

/**
 * Takes an alias away.
 * @throws TruelineError `unknown_registered_model`, `unknown_alias`, `alias_protected`, `alias_changed`
 */
export async function removeAlias({ database, clock }: Metadata, asked: AliasChange): Promise<AliasRecord> {
  return await database.transaction().execute(async (transaction) => {
    const named = await registeredRow(transaction, asked.model)
    await readAlias({ database: transaction }, asked.model, asked.alias)
    return await moveAlias(transaction, named, { ...asked, version: null }, clock.now())
  })
}

/**
 * Moves an alias in a transaction, by the rules of `setAlias`.
 * @param asked with null for the version to take it away
 */
export async function moveAlias(
  transaction: MetadataTransaction,
  named: Named,
  asked: AliasChange & { readonly version: number | null },
  now: number,
): Promise<AliasRecord> {
  const { model, alias, version, by, reason } = asked
  const standing = await standingAlias(transaction, named, alias)
  if (standing !== undefined && standing.version === version) return standing
  const isProtected = await isProtectedAlias(transaction, model, alias)
  const before = standing?.version ?? null
  const expected = asked.expected === undefined && !isProtected ? before : (asked.expected ?? null)
  if (expected !== before) throw aliasChanged(model, alias, before, expected)
  if (isProtected && version !== null) await requireApproved(transaction, model, alias, version)
  const record = await appendAlias(transaction, named.number, { alias, version, reason: reason ?? null, by }, now)
  const action = version === null ? 'alias.remove' : 'alias.set'
  const states = { before: { version: before }, after: { version } }
  await recordAct(transaction, { by, at: record.from, action, target: `${model}@${alias}`, reason, ...states })
  return record
}

/** Whether the alias is protected; `champion` of a governed model, and one that differs by case alone, never get there. */
async function isProtectedAlias(transaction: MetadataTransaction, model: string, alias: string): Promise<boolean> {
  const policy = await policyOf(transaction, model)
  const name = alias.toLowerCase()
  if (policy === undefined || !policy.protectedAliases.has(name)) return false
  if (name === CHAMPION)
    throw new TruelineError(
      'alias_protected',
      `'${CHAMPION}' of ${model} is what serves: it moves by promotion and rollback alone.`,
      { remedy: `Have the version approved, then let it serve: \`trueline promote ${model} VERSION\`.` },
    )
  if (name !== alias)
    throw new TruelineError('invalid_parameter', `'${alias}' is too like '${name}', which is protected.`, {
      path: 'alias',
      remedy: `Write it as '${name}'.`,
    })
  return true
}

async function requireApproved(
  transaction: MetadataTransaction,
  model: string,
  alias: string,
  version: number,
): Promise<void> {
  const target = versionName(model, version)
  const { servable } = await readRegisteredVersion({ database: transaction }, model, version)
  const state = servable ? (await readVersion({ database: transaction }, model, version)).state : 'logged'
  if (state === 'approved') return
  const why = state === 'logged' ? 'was logged and has no contract yet' : `is ${state}, not approved`
  const remedy =
    state === 'logged'
      ? `Give it one: \`trueline models import ${model} --version ${version}\`; then have it approved.`
      : undefined
  throw new TruelineError(
    'alias_protected',
    `'${alias}' of ${model} takes approved versions alone, and ${target} ${why}.`,
    remedy === undefined ? {} : { remedy },
  )
}

function aliasChanged(model: string, alias: string, before: number | null, expected: number | null): TruelineError {
  const place = (version: number | null): string => (version === null ? 'nowhere' : `at version ${version}`)
  return new TruelineError('alias_changed', `'${alias}' of ${model} stands ${place(before)}, not ${place(expected)}.`)
}

/**
 * Where an alias stands.
 * @throws TruelineError `unknown_registered_model`, `unknown_alias`
 */
export async function readAlias(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  alias: string,
): Promise<StandingAlias> {
  const standing = await standingAlias(database, await registeredRow(database, model), alias)
  if (standing !== undefined) return standing
  throw new TruelineError('unknown_alias', `The model '${model}' has no alias '${alias}'.`)
}

/**
 * Where the aliases of a model stand, by name; `champion` of a governed one is what serves.
 * @throws TruelineError `unknown_registered_model`
 */
export async function listAliases(
  { database }: Pick<Metadata, 'database'>,
  model: string,
): Promise<readonly StandingAlias[]> {
  return await standingAliases(database, await registeredRow(database, model))
}

/**
 * Changes of a model's aliases, newest first; of one alias when it is given. What served is told by `listServing`.
 * @throws TruelineError `unknown_registered_model`
 */
export async function aliasHistory(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  request: PageRequest & { readonly alias?: string | undefined } = {},
): Promise<Page<AliasRecord>> {
  const limit = pageLimit(request)
  const before = cursorNumbers(request, 1)?.[0]
  const { number } = await registeredRow(database, model)
  let query = aliasRows(database, number)
  if (request.alias !== undefined) query = query.where('alias', '=', request.alias)
  if (before !== undefined) query = query.where('sequence', '<', before)
  const rows = await query
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, (row) => [row.sequence], aliasRecordOf)
}

async function standingAlias(
  database: Kysely<MetadataTables>,
  named: Named,
  alias: string,
): Promise<StandingAlias | undefined> {
  return (await standingAliases(database, named)).find((one) => one.alias === alias)
}
