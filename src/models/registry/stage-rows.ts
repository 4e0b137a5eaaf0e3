import { type Kysely, sql } from 'kysely'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { MetadataTransaction } from '../../stores/metadata/metadata.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'
import type { StandingAlias } from './alias-rows.ts'
import { versionName } from './model-version.ts'
import type { Named } from './version-number.ts'

/** What a version is in, in the words of the MLflow protocol. */
export type Stage = 'None' | 'Staging' | 'Production' | 'Archived'

/** Two of the stages are aliases under other names. */
export const aliasOfStage: Readonly<Partial<Record<Stage, string>>> = { Staging: 'staging', Production: 'production' }

/** The stage of a version, by the aliases that stand for it; of both, the higher. */
export function stageOf(aliases: readonly string[], isArchived: boolean): Stage {
  for (const stage of ['Production', 'Staging'] as const) if (aliases.includes(aliasOfStage[stage]!)) return stage
  return isArchived ? 'Archived' : 'None'
}

/** The names of the aliases of each version. */
export function aliasesByVersion(standing: readonly StandingAlias[]): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, string[]>()
  for (const { alias, version } of standing) names.set(version, [...(names.get(version) ?? []), alias])
  return names
}

/** The archived versions of a registered model, by its number. */
export async function archivedVersions(database: Kysely<MetadataTables>, model: number): Promise<ReadonlySet<number>> {
  return (await archivedVersionsOf(database, [model])).get(model)!
}

/** The archived versions of registered models, by their numbers. */
export async function archivedVersionsOf(
  database: Kysely<MetadataTables>,
  models: readonly number[],
): Promise<ReadonlyMap<number, ReadonlySet<number>>> {
  const { rows } = await sql<{ model: number; version: number; archived: number }>`SELECT model, version, archived
    FROM version_archivals WHERE model IN (SELECT value FROM json_each(${JSON.stringify(models)}))
    ORDER BY sequence`.execute(database)
  const archived = new Map<number, Set<number>>(models.map((model) => [model, new Set()]))
  for (const row of rows)
    if (row.archived === 1) archived.get(row.model)!.add(row.version)
    else archived.get(row.model)!.delete(row.version)
  return archived
}

/** Archives a version, or takes it out of the archive; nothing happens when it is so already. */
export async function archiveVersion(
  transaction: MetadataTransaction,
  { number, name }: Named,
  version: number,
  archived: boolean,
  { by, reason, at: now }: { readonly by: Identity; readonly reason?: string | undefined; readonly at: number },
): Promise<void> {
  if ((await archivedVersions(transaction, number)).has(version) === archived) return
  const of = transaction.selectFrom('version_archivals').where('model', '=', number).where('version', '=', version)
  const last = await of.select(['sequence', 'at']).orderBy('sequence', 'desc').limit(1).executeTakeFirst()
  const at = Math.max(now, last?.at ?? now)
  await transaction
    .insertInto('version_archivals')
    .values({
      ...{ model: number, version, sequence: (last?.sequence ?? 0) + 1, archived: archived ? 1 : 0 },
      ...{ reason: reason ?? null, by_name: by.name, by_asserted: by.asserted ? 1 : 0, at },
    })
    .execute()
  const action = archived ? 'version.archive' : 'version.unarchive'
  await recordAct(transaction, { by, at, action, target: versionName(name, version), reason })
}
