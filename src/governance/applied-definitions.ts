import { canonicalJson } from '../core/canonical.ts'
import { type Digest, digestOf } from '../core/digest.ts'
import type { ProjectDefinition } from '../language/define/definitions.ts'
import { readDefinition, saveDefinition } from '../stores/metadata/definitions.ts'
import type { Metadata, MetadataTransaction } from '../stores/metadata/metadata.ts'
import { registerName } from '../stores/metadata/registered-names.ts'
import { recordAct } from './audit-log.ts'
import type { Identity } from './identity.ts'

/** The definitions that a data directory is run with. */
export interface AppliedDefinitions {
  /** Digest of their canonical JSON, prose included. */
  readonly digest: Digest
  readonly definition: ProjectDefinition
  readonly by: Identity
  /** Microseconds. */
  readonly at: number
}

/** The definitions in force; undefined before any were applied. */
export async function definitionsInForce({
  database,
}: Pick<Metadata, 'database'>): Promise<AppliedDefinitions | undefined> {
  const last = database.selectFrom('applied_definitions').selectAll().orderBy('sequence', 'desc').limit(1)
  const row = await last.executeTakeFirst()
  if (row === undefined) return undefined
  const definition = await readDefinition(database, row.digest)
  const by = { name: row.by_name, asserted: row.by_asserted === 1 }
  return { digest: row.digest as Digest, definition, by, at: row.at }
}

/** The definitions that were in force before those that are; undefined where there were none. */
export async function definitionsBefore({
  database,
}: Pick<Metadata, 'database'>): Promise<Pick<AppliedDefinitions, 'digest' | 'definition'> | undefined> {
  const rows = database.selectFrom('applied_definitions').select('digest').orderBy('sequence', 'desc')
  const [, before] = await rows.limit(2).execute()
  if (before === undefined) return undefined
  return { digest: before.digest as Digest, definition: await readDefinition(database, before.digest) }
}

/**
 * Puts definitions in force, with an entry in the audit log; the names of their models are registered then. Nothing
 * happens when they are in force already.
 * @param also what is done in the same transaction, once they are in force
 * @returns the definitions in force
 */
export async function applyDefinitions(
  { database, clock }: Metadata,
  { definition, by }: { readonly definition: ProjectDefinition; readonly by: Identity },
  also?: (transaction: MetadataTransaction, applied: AppliedDefinitions) => Promise<void>,
): Promise<AppliedDefinitions> {
  return await database.transaction().execute(async (transaction) => {
    const before = await definitionsInForce({ database: transaction })
    if (before?.digest === digestOf(canonicalJson(definition))) return before
    const at = clock.now()
    const digest = await saveDefinition(transaction, definition, at)
    const row = { digest, by_name: by.name, by_asserted: by.asserted ? 1 : 0, at }
    await transaction.insertInto('applied_definitions').values(row).execute()
    for (const model of Object.keys(definition.models)) await registerName(transaction, model, { by, at })
    const act = { by, at, action: 'definitions.apply', target: 'project', after: { digest } }
    await recordAct(transaction, before === undefined ? act : { ...act, before: { digest: before.digest } })
    const applied = { digest, definition, by, at }
    await also?.(transaction, applied)
    return applied
  })
}
