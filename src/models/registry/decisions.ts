import { TruelineError } from '../../core/errors.ts'
import { checkDecision, type DecisionKind } from '../../governance/approval-policy.ts'
import { type ApprovalStanding, approvalStanding } from '../../governance/approvals.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { findRegisteredName } from '../../stores/metadata/registered-names.ts'
import { standingAliases } from './alias-rows.ts'
import { loggedOrigin } from './import-origin.ts'
import { requireJudgedByGate } from './judgements.ts'
import { type ModelPolicy, policyOf } from './model-policy.ts'
import { type ModelVersion, versionName } from './model-version.ts'
import { currentServing } from './serving-history.ts'
import { readVersion } from './versions.ts'

/** A decision on a version, with who takes it and why. */
export interface NewDecision {
  readonly model: string
  readonly version: number
  readonly decision: DecisionKind
  readonly by: Identity
  readonly reason?: string | undefined
}

/**
 * Approves, rejects or retires a version, by the rules of `checkDecision`. An approval decides when it is the last of those
 * that are needed; until then the version stays a candidate.
 * @returns the version as it is then
 * @throws TruelineError `unknown_version`, `already_decided`, `approval_by_author`, `approver_not_named`,
 *   `approved_before`, `gate_changed`, `gate_failed`, `reason_required`, `version_serving` when a version that serves or has a
 *   protected alias would be retired
 */
export async function decideVersion({ database, clock }: Metadata, proposed: NewDecision): Promise<ModelVersion> {
  const { model, version, decision, by, reason } = proposed
  const target = versionName(model, version)
  return await database.transaction().execute(async (transaction) => {
    const before = await readVersion({ database: transaction }, model, version)
    const decided = before.decisions.map((one) => ({ decision: one.decision, by: one.by.name, at: one.at }))
    const makers = await makersOf({ database: transaction }, before)
    const policy = await policyOf(transaction, model)
    const approvals = policy?.approvals
    checkDecision({
      ...{ decision, target, author: before.author, makers, by, reason, gate: before.gate?.verdict ?? null, decided },
      ...{ approvals, given: before.approvals, gateSentence: before.gate?.sentence },
    })
    if (decision === 'approve') await requireJudgedByGate(transaction, before)
    if (decision === 'retire') await requireUnneeded(transaction, model, version, policy)
    const at = Math.max(clock.now(), lastTime(before))
    if (decision === 'approve') await addApproval(transaction, proposed, before.approvals.length + 1, at)
    const standing = approvalStanding(approvals, makers, [...before.approvals, { by, reason: reason ?? null, at }])
    if (decision !== 'approve' || standing.missing === 0)
      await addDecision(transaction, proposed, decided.length + 1, at)
    const after = await readVersion({ database: transaction }, model, version)
    const counted = decision === 'approve' ? { approvals: standing.given.length, needed: standing.needed } : {}
    const states = { before: { state: before.state }, after: { state: after.state, ...counted } }
    await recordAct(transaction, { by, at, action: `version.${decision}`, target, reason, ...states })
    return after
  })
}

/** How the approvals of a version stand, by what its model says now. */
export async function standingOf(
  { database }: Pick<Metadata, 'database'>,
  version: ModelVersion,
): Promise<ApprovalStanding> {
  const approvals = (await policyOf(database, version.model))?.approvals
  return approvalStanding(approvals, await makersOf({ database }, version), version.approvals)
}

/** Everybody who made a version: its author, and who logged what was given a contract. */
async function makersOf({ database }: Pick<Metadata, 'database'>, version: ModelVersion): Promise<readonly Identity[]> {
  const logged = await loggedOrigin(database, version.model, version.version)
  return logged === undefined ? [version.author] : [version.author, logged.by]
}

/** The time of the last thing said about a version: a clock that goes back does not reorder them. */
function lastTime({ approvals, decisions, createdAt }: ModelVersion): number {
  return Math.max(createdAt, ...[...approvals, ...decisions].map(({ at }) => at))
}

/** What serves, or has an alias that takes approved versions alone, is not retired. */
async function requireUnneeded(
  transaction: MetadataTransaction,
  model: string,
  version: number,
  policy: ModelPolicy | undefined,
): Promise<void> {
  const target = versionName(model, version)
  const serving = await currentServing({ database: transaction }, model)
  if (serving?.version === version) throw new TruelineError('version_serving', `${target} serves right now.`)
  const named = await findRegisteredName(transaction, model)
  const standing = named === undefined ? [] : await standingAliases(transaction, named)
  const held = standing.find((one) => one.version === version && policy?.protectedAliases.has(one.alias) === true)
  if (held !== undefined)
    throw new TruelineError('version_serving', `${target} is '${held.alias}', which is an approved version.`, {
      remedy: `Move the alias first: \`trueline models alias ${model} ${held.alias} VERSION --expected ${version}\`.`,
    })
}

async function addApproval(
  transaction: MetadataTransaction,
  { model, version, by, reason }: NewDecision,
  sequence: number,
  at: number,
): Promise<void> {
  const who = { by_name: by.name, by_asserted: by.asserted ? 1 : 0 }
  const row = { model, version, sequence, reason: reason ?? null, ...who, at }
  await transaction.insertInto('version_approvals').values(row).execute()
}

async function addDecision(
  transaction: MetadataTransaction,
  { model, version, decision, by, reason }: NewDecision,
  sequence: number,
  at: number,
): Promise<void> {
  const who = { by_name: by.name, by_asserted: by.asserted ? 1 : 0 }
  const row = { model, version, sequence, decision, reason: reason ?? null, ...who, at }
  await transaction.insertInto('version_decisions').values(row).execute()
}
