import type { AppliedDefinitions } from '../../governance/applied-definitions.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { findRegisteredName } from '../../stores/metadata/registered-names.ts'
import { appendAlias, type StandingAlias, setAliases } from './alias-rows.ts'
import { readRegisteredVersion } from './logged-versions.ts'
import { CHAMPION, policyOf } from './model-policy.ts'
import type { Named } from './version-number.ts'
import { readVersion } from './versions.ts'

const REASON = 'The project protects it now, and it was set before by no rule.'

/**
 * Takes away the aliases that were set while a name was free, or the alias was, and that the rules of the project would not
 * have let stand: `champion`, which is what serves, and protected ones of versions that are not approved. To be called in
 * the transaction that puts definitions in force.
 * @returns what was taken away, a sentence each
 */
export async function withdrawAliases(
  transaction: MetadataTransaction,
  { definition, by, at: now }: Pick<AppliedDefinitions, 'definition' | 'by' | 'at'>,
): Promise<readonly string[]> {
  const told: string[] = []
  for (const model of Object.keys(definition.models)) {
    const named = await findRegisteredName(transaction, model)
    const policy = await policyOf(transaction, model)
    if (named === undefined || policy === undefined) continue
    for (const standing of await setAliases(transaction, named.number)) {
      const { alias, version } = standing
      if (!policy.protectedAliases.has(alias.toLowerCase()) || (await mayStand(transaction, named, standing))) continue
      const change = { alias, version: null, reason: REASON, by }
      const { from: at } = await appendAlias(transaction, named.number, change, now)
      const states = { before: { version }, after: { version: null } }
      const act = { by, at, action: 'alias.remove', target: `${model}@${alias}`, reason: REASON, ...states }
      await recordAct(transaction, act)
      told.push(`'${alias}' of ${model} no longer stands for version ${version}: the project protects it now.`)
    }
  }
  return told
}

async function mayStand(
  transaction: MetadataTransaction,
  { name }: Named,
  { alias, version }: StandingAlias,
): Promise<boolean> {
  if (alias.toLowerCase() === CHAMPION || alias !== alias.toLowerCase()) return false
  const { servable } = await readRegisteredVersion({ database: transaction }, name, version)
  return servable && (await readVersion({ database: transaction }, name, version)).state === 'approved'
}
