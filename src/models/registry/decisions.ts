import { TruelineError } from '../../core/errors.ts'
import { checkDecision, type DecisionKind } from '../../governance/approval-policy.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
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
 * Approves, rejects or retires a version, by the rules of `checkDecision`.
 * @returns the version as decided
 * @throws TruelineError `unknown_version`, `already_decided`, `approval_by_author`, `gate_failed`, `reason_required`,
 *   `version_serving` when a version that serves would be retired
 */
export async function decideVersion({ database, clock }: Metadata, proposed: NewDecision): Promise<ModelVersion> {
  const { model, version, decision, by, reason } = proposed
  const target = versionName(model, version)
  return await database.transaction().execute(async (transaction) => {
    const before = await readVersion({ database: transaction }, model, version)
    const decided = before.decisions.map((one) => ({ decision: one.decision, by: one.by.name, at: one.at }))
    checkDecision({ decision, target, author: before.author, by, reason, gate: before.gate?.verdict ?? null, decided })
    const serving = decision === 'retire' ? await currentServing({ database: transaction }, model) : undefined
    if (serving?.version === version) throw new TruelineError('version_serving', `${target} serves right now.`)
    const at = clock.now()
    await transaction
      .insertInto('version_decisions')
      .values({
        model,
        version,
        sequence: decided.length + 1,
        decision,
        reason: reason ?? null,
        by_name: by.name,
        by_asserted: by.asserted ? 1 : 0,
        at,
      })
      .execute()
    const after = await readVersion({ database: transaction }, model, version)
    const states = { before: { state: before.state }, after: { state: after.state } }
    await recordAct(transaction, { by, at, action: `version.${decision}`, target, reason, ...states })
    return after
  })
}
