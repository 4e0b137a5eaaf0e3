import type { Selectable } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit, pageOf } from '../../stores/metadata/page.ts'
import type { HandRuleRow, PredictionOverrideRow } from '../../stores/metadata/tables.ts'
import type { HandRule } from './hand-rules.ts'

/** What somebody decided in the place of a prediction, after the fact. */
export interface PredictionOverride {
  readonly prediction: string
  readonly model: string
  readonly decision: string
  readonly reason: string
  readonly by: Identity
  /** Microseconds. */
  readonly at: number
}

/** Keeps a new rule, and who made it in the audit log. */
export async function keepHandRule(
  { database }: Metadata,
  { model, key, decision, reason, by, at, until }: Omit<HandRule, 'number' | 'revoked'>,
): Promise<HandRule> {
  return await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .insertInto('hand_rules')
      .values({
        ...{ model, decision, reason, at, until: until ?? null, key: canonicalJson(key) },
        ...{ by_name: by.name, by_asserted: by.asserted ? 1 : 0 },
        ...{ revoked_at: null, revoked_by_name: null, revoked_by_asserted: null, revoked_reason: null },
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const after = { key, decision, until }
    await recordAct(transaction, { by, at, action: 'decision.rule', target: `${model}/${row.number}`, reason, after })
    return handRuleOf(row)
  })
}

/**
 * Ends a rule, and keeps who did in the audit log.
 * @throws TruelineError `unknown_hand_rule`, `hand_rule_ended`
 */
export async function endHandRule(
  { database }: Metadata,
  number: number,
  { by, at, reason }: NonNullable<HandRule['revoked']>,
): Promise<HandRule> {
  return await database.transaction().execute(async (transaction) => {
    const before = await readHandRule({ database: transaction }, number)
    if (before.revoked !== undefined)
      throw new TruelineError('hand_rule_ended', `Rule ${number} was revoked by ${before.revoked.by.name} before.`)
    const row = await transaction
      .updateTable('hand_rules')
      .set({
        revoked_at: at,
        revoked_by_name: by.name,
        revoked_by_asserted: by.asserted ? 1 : 0,
        revoked_reason: reason,
      })
      .where('number', '=', number)
      .returningAll()
      .executeTakeFirstOrThrow()
    const target = `${before.model}/${number}`
    await recordAct(transaction, { by, at, action: 'decision.revoke', target, reason, before: { key: before.key } })
    return handRuleOf(row)
  })
}

/**
 * A rule, in force or not.
 * @throws TruelineError `unknown_hand_rule`
 */
export async function readHandRule({ database }: Pick<Metadata, 'database'>, number: number): Promise<HandRule> {
  const row = await database.selectFrom('hand_rules').selectAll().where('number', '=', number).executeTakeFirst()
  if (row === undefined) throw new TruelineError('unknown_hand_rule', `There is no rule ${number}.`)
  return handRuleOf(row)
}

/** Which rules by hand. */
export interface HandRuleQuery {
  readonly model?: string | undefined
  /** Those alone that decide at this time, microseconds; unless given, all that were ever made. */
  readonly inForceAt?: number | undefined
  /** Most rules; all unless given. */
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** Rules by hand, newest first. */
export async function listHandRules(
  { database }: Pick<Metadata, 'database'>,
  { model, inForceAt, limit, offset = 0 }: HandRuleQuery,
): Promise<readonly HandRule[]> {
  let query = database.selectFrom('hand_rules').selectAll().orderBy('number', 'desc')
  if (model !== undefined) query = query.where('model', '=', model)
  if (inForceAt !== undefined)
    query = query
      .where('revoked_at', 'is', null)
      .where((where) => where.or([where('until', 'is', null), where('until', '>', inForceAt)]))
  if (limit !== undefined) query = query.limit(limit).offset(offset)
  return (await query.execute()).map(handRuleOf)
}

/** Keeps what somebody decided in the place of a prediction, and who in the audit log. */
export async function keepPredictionOverride(
  { database }: Metadata,
  override: PredictionOverride,
  before: { readonly decision: string | undefined },
): Promise<void> {
  const { prediction, model, decision, reason, by, at } = override
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('prediction_overrides')
      .values({ prediction, model, decision, reason, by_name: by.name, by_asserted: by.asserted ? 1 : 0, at })
      .execute()
    const act = { by, at, action: 'decision.override', target: `${model}/${prediction}`, reason }
    await recordAct(transaction, { ...act, before, after: { decision } })
  })
}

/** What was decided in the place of predictions, newest first; of one model, or one prediction, where it is named. */
export async function listOverrides(
  { database }: Pick<Metadata, 'database'>,
  request: PageRequest & { readonly model?: string | undefined; readonly prediction?: string | undefined },
): Promise<Page<PredictionOverride>> {
  const limit = pageLimit(request)
  const before = cursorNumbers(request, 1)?.[0]
  let query = database.selectFrom('prediction_overrides').selectAll()
  if (request.model !== undefined) query = query.where('model', '=', request.model)
  if (request.prediction !== undefined) query = query.where('prediction', '=', request.prediction)
  if (before !== undefined) query = query.where('number', '<', before)
  const rows = await query
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, ({ number }) => [number], overrideOf)
}

/** What was decided in the place of a prediction, oldest first. */
export async function predictionOverrides(
  { database }: Metadata,
  prediction: string,
): Promise<readonly PredictionOverride[]> {
  const query = database.selectFrom('prediction_overrides').selectAll().orderBy('number')
  return (await query.where('prediction', '=', prediction).execute()).map(overrideOf)
}

function overrideOf(row: Selectable<PredictionOverrideRow>): PredictionOverride {
  const { prediction, model, decision, reason, at } = row
  return { prediction, model, decision, reason, at, by: { name: row.by_name, asserted: row.by_asserted === 1 } }
}

function handRuleOf(row: Selectable<HandRuleRow>): HandRule {
  const { number, model, decision, reason, at, until, revoked_at, revoked_by_name, revoked_reason } = row
  const by = { name: row.by_name, asserted: row.by_asserted === 1 }
  const revoked = {
    by: { name: revoked_by_name ?? '', asserted: row.revoked_by_asserted === 1 },
    at: revoked_at ?? 0,
    reason: revoked_reason ?? '',
  }
  return {
    ...{ number, model, decision, reason, at, by, key: JSON.parse(row.key) },
    ...(until === null ? {} : { until }),
    ...(revoked_at === null ? {} : { revoked }),
  }
}
