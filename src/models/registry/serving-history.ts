import type { Kysely } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit, pageOf } from '../../stores/metadata/page.ts'
import type { MetadataTables, ServingRow } from '../../stores/metadata/tables.ts'
import { requireJudgedByGate } from './judgements.ts'
import { type ModelVersion, versionName } from './model-version.ts'
import { readVersion } from './versions.ts'

/** A change of what serves: from then on, this version. */
export interface ServingRecord {
  readonly model: string
  readonly version: number
  /** Microseconds; never falls from one record of a model to the next. */
  readonly from: number
  readonly change: 'promote' | 'rollback'
  readonly reason: string | null
  readonly by: Identity
}

/** A change of what serves, asked for by somebody who saw what serves now. */
export interface ServingChange {
  readonly model: string
  /** The version that was seen serving; null when none was. */
  readonly expected: number | null
  readonly by: Identity
  readonly reason?: string | undefined
  /** What of the contract with callers it breaks on purpose, in words: for the audit log. */
  readonly broken?: readonly string[] | undefined
}

/**
 * Makes an approved version the one that serves. Nothing happens when it serves already.
 * @throws TruelineError `model_changed` when another version serves than the expected one, `unknown_version`,
 *   `not_approved`, `gate_changed`; of one that was judged again since its approval `gate_failed`, `reason_required`
 */
export async function promoteVersion(
  { database, clock }: Metadata,
  asked: ServingChange & { readonly version: number },
): Promise<ServingRecord> {
  const { model, version } = asked
  return await database.transaction().execute(async (transaction) => {
    const last = await lastAsExpected(transaction, asked)
    const promoted = await readVersion({ database: transaction }, model, version)
    requireApproved(promoted)
    if (last?.version === version) return recordOf(last)
    await requireJudgement(transaction, promoted, asked.reason)
    return await append(transaction, last, asked, { version, change: 'promote' }, clock.now())
  })
}

/** What was approved by another gate's word is promoted by that of the gate as it is. */
async function requireJudgement(transaction: MetadataTransaction, version: ModelVersion, reason: string | undefined) {
  await requireJudgedByGate(transaction, version)
  const again = version.judgements.at(-1)?.result
  if (again === undefined || again.verdict === 'pass') return
  const target = versionName(version.model, version.version)
  if (again.verdict === 'fail')
    throw new TruelineError('gate_failed', `${target} was judged again, and failed its gate: ${again.sentence}`)
  if (reason === undefined || reason.trim() === '')
    throw new TruelineError('reason_required', `The gate as it is did not decide on ${target}: to promote it, say why.`)
}

/**
 * Refuses a version that is not approved, and says so when it never will be.
 * @throws TruelineError `not_approved`
 */
export function requireApproved({ model, version, state, gate }: ModelVersion): void {
  if (state === 'approved') return
  const target = versionName(model, version)
  const standing = state === 'candidate' ? 'still a candidate' : state
  const failed = state === 'candidate' && gate?.verdict === 'fail'
  throw new TruelineError(
    'not_approved',
    `${target} is not approved: it is ${standing}${failed ? `, and failed its gate: ${gate.sentence}` : '.'}`,
    failed
      ? { remedy: `It will not be approved: see \`trueline models show ${model} ${version}\`, and train another.` }
      : {},
  )
}

/**
 * The versions that `rollbackModel` may go back to, the first of them before the others: so that it can be loaded before
 * anything changes.
 * @param isBroken what serves by the registry cannot serve: those that were rolled back from come last then
 * @throws TruelineError `no_previous_version`
 */
export async function rollbackTargets(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  isBroken = false,
): Promise<readonly [number, ...number[]]> {
  return await database
    .transaction()
    .execute(async (transaction) =>
      previousVersions(
        transaction,
        model,
        await servingRows(transaction, model).orderBy('sequence').execute(),
        isBroken,
      ),
    )
}

/**
 * Goes back to the version that served before, skipping those that were retired since. Each promotion is undone once:
 * after 1, 2, rollback, a further rollback does not return to 2, unless 1 cannot serve and nothing else is left.
 * @param asked with the version to go back to, when it was looked up before, and whether what serves by the registry cannot
 * @throws TruelineError `model_changed` when another version serves than the expected one or has served before,
 *   `no_previous_version`
 */
export async function rollbackModel(
  { database, clock }: Metadata,
  asked: ServingChange & { readonly to?: number; readonly isBroken?: boolean },
): Promise<ServingRecord> {
  return await database.transaction().execute(async (transaction) => {
    const last = await lastAsExpected(transaction, asked)
    const history = await servingRows(transaction, asked.model).orderBy('sequence').execute()
    const { model, to, isBroken = false } = asked
    const targets = await previousVersions(transaction, model, history, isBroken)
    const version = to ?? targets[0]
    if (isBroken ? !targets.includes(version) : version !== targets[0])
      throw new TruelineError('model_changed', `${model} goes back to version ${targets[0]}, not ${version}.`)
    return await append(transaction, last, asked, { version, change: 'rollback' }, clock.now())
  })
}

async function lastAsExpected(transaction: MetadataTransaction, asked: ServingChange): Promise<ServingRow | undefined> {
  const { model, expected } = asked
  const last = await servingRows(transaction, model).orderBy('sequence', 'desc').limit(1).executeTakeFirst()
  const serving = last?.version ?? null
  if (serving === expected) return last
  const name = (version: number | null) => (version === null ? 'nothing' : `version ${version}`)
  throw new TruelineError('model_changed', `${name(serving)} of ${model} serves, not ${name(expected)}.`)
}

/** Promotions put a version on a stack, rollbacks go back to one that lies below, or to one that they took away. */
async function previousVersions(
  transaction: MetadataTransaction,
  model: string,
  history: readonly ServingRow[],
  isBroken: boolean,
): Promise<readonly [number, ...number[]]> {
  const stack: number[] = []
  for (const { version, change } of history) {
    if (change === 'rollback' && stack.includes(version)) stack.length = stack.lastIndexOf(version)
    stack.push(version)
  }
  const current = stack.at(-1)
  const below = stack.reverse().filter((version) => version !== current)
  const served = history.map(({ version }) => version).reverse()
  const others = new Set(served.filter((version) => version !== current && !below.includes(version)))
  const approved: number[] = []
  for (const version of new Set(isBroken ? [...below, ...others] : below))
    if ((await readVersion({ database: transaction }, model, version)).state === 'approved') approved.push(version)
  const [first, ...rest] = approved
  if (first !== undefined) return [first, ...rest]
  throw new TruelineError('no_previous_version', nothingBefore(model, [...new Set([...below, ...others])], [...others]))
}

/** What served before, and why a rollback does not go there. */
function nothingBefore(model: string, served: readonly number[], rolledBack: readonly number[]): string {
  const before = served.toSorted((a, b) => a - b)
  if (before.length === 0) return `No version of ${model} served before.`
  const words = before.map(
    (version) => `${version} was ${rolledBack.includes(version) ? 'rolled back from' : 'retired'}`,
  )
  return `There is no version of ${model} to go back to: ${words.join(', ')}.`
}

async function append(
  transaction: MetadataTransaction,
  last: ServingRow | undefined,
  { model, by, reason, broken = [] }: ServingChange,
  { version, change }: Pick<ServingRow, 'version' | 'change'>,
  now: number,
): Promise<ServingRecord> {
  const at = Math.max(now, last?.at ?? now)
  const row: ServingRow = {
    model,
    sequence: (last?.sequence ?? 0) + 1,
    version,
    change,
    reason: reason ?? null,
    by_name: by.name,
    by_asserted: by.asserted ? 1 : 0,
    at,
  }
  await transaction.insertInto('serving_history').values(row).execute()
  const states = {
    before: { version: last?.version ?? null },
    after: broken.length === 0 ? { version } : { version, broken },
  }
  await recordAct(transaction, { by, at, action: `model.${change}`, target: model, reason, ...states })
  return recordOf(row)
}

/** What serves now; undefined when nothing does. */
export async function currentServing(
  { database }: Pick<Metadata, 'database'>,
  model: string,
): Promise<ServingRecord | undefined> {
  const row = await servingRows(database, model).orderBy('sequence', 'desc').limit(1).executeTakeFirst()
  return row === undefined ? undefined : recordOf(row)
}

/** What served at a time, microseconds; undefined when nothing did. */
export async function servedAt(
  { database }: Metadata,
  model: string,
  time: number,
): Promise<ServingRecord | undefined> {
  const query = servingRows(database, model).where('at', '<=', time)
  const row = await query.orderBy('at', 'desc').orderBy('sequence', 'desc').limit(1).executeTakeFirst()
  return row === undefined ? undefined : recordOf(row)
}

/** When what served at a time ended, microseconds; null while it serves. */
export async function servedUntil(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  time: number,
): Promise<number | null> {
  const later = servingRows(database, model).where('at', '>', time).orderBy('at').orderBy('sequence').limit(1)
  return (await later.executeTakeFirst())?.at ?? null
}

/** Changes of what serves, newest first; within [from, until) when these are given. */
export async function listServing(
  { database }: Metadata,
  model: string,
  request: PageRequest & { readonly from?: number; readonly until?: number } = {},
): Promise<Page<ServingRecord>> {
  const limit = pageLimit(request)
  const before = cursorNumbers(request, 1)?.[0]
  let query = servingRows(database, model)
  if (request.from !== undefined) query = query.where('at', '>=', request.from)
  if (request.until !== undefined) query = query.where('at', '<', request.until)
  if (before !== undefined) query = query.where('sequence', '<', before)
  const rows = await query
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, (row) => [row.sequence], recordOf)
}

function servingRows(database: Kysely<MetadataTables>, model: string) {
  return database.selectFrom('serving_history').selectAll().where('model', '=', model)
}

function recordOf(row: ServingRow): ServingRecord {
  const by = { name: row.by_name, asserted: row.by_asserted === 1 }
  return { model: row.model, version: row.version, from: row.at, change: row.change, reason: row.reason, by }
}
