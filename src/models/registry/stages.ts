import type { Identity } from '../../governance/identity.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { standingAliases } from './alias-rows.ts'
import { moveAlias } from './aliases.ts'
import { type RegisteredVersion, readRegisteredVersion, touchVersion } from './logged-versions.ts'
import { registeredRow, touchRegisteredModel } from './registered-models.ts'
import { aliasesByVersion, aliasOfStage, archivedVersions, archiveVersion, type Stage, stageOf } from './stage-rows.ts'
import { versionRows } from './version-rows.ts'

/** A version's move to a stage, and who wants it. */
export interface StageChange {
  readonly model: string
  readonly version: number
  readonly stage: Stage
  /** Whether the version that was in the stage is archived; otherwise it is in no stage then. */
  readonly archiveExisting?: boolean | undefined
  readonly by: Identity
  readonly reason?: string | undefined
  /** As with `setAlias`: the version that was seen in the stage. */
  readonly expected?: number | null | undefined
}

/**
 * Brings a version into a stage. Staging and Production are the aliases `staging` and `production`: one version is in
 * each, and the rules of `setAlias` hold.
 * @returns the version as it is then
 * @throws TruelineError as `setAlias` does
 */
export async function changeStage({ database, clock }: Metadata, asked: StageChange): Promise<RegisteredVersion> {
  const { model, version, stage, by, reason, expected } = asked
  return await database.transaction().execute(async (transaction) => {
    const named = await registeredRow(transaction, model)
    const before = await readRegisteredVersion({ database: transaction }, model, version)
    if (before.stage === stage) return before
    const at = clock.now()
    const move = { model, by, reason }
    const entered = aliasOfStage[stage]
    for (const left of Object.values(aliasOfStage))
      if (left !== entered && before.aliases.includes(left))
        await moveAlias(transaction, named, { ...move, alias: left, version: null, expected: version }, at)
    if (entered !== undefined) {
      const existing = (await standingAliases(transaction, named)).find(({ alias }) => alias === entered)
      await moveAlias(transaction, named, { ...move, alias: entered, version, expected }, at)
      if (asked.archiveExisting === true && existing !== undefined)
        await archiveVersion(transaction, named, existing.version, true, { by, reason, at })
    }
    await archiveVersion(transaction, named, version, stage === 'Archived', { by, reason, at })
    await touchVersion(transaction, named.number, before, at)
    await touchRegisteredModel(transaction, named, at)
    return await readRegisteredVersion({ database: transaction }, model, version)
  })
}

/**
 * The newest version of each of the stages; of all of them unless told.
 * @throws TruelineError `unknown_registered_model`
 */
export async function latestVersions(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  stages: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'],
): Promise<readonly RegisteredVersion[]> {
  const named = await registeredRow(database, model)
  const aliases = aliasesByVersion(await standingAliases(database, named))
  const archived = await archivedVersions(database, named.number)
  const numbers = versionRows(database).clearSelect().select('version').where('name', '=', model)
  const latest = new Map<Stage, number>()
  for (const { version } of await numbers.orderBy('version').execute())
    latest.set(stageOf(aliases.get(version) ?? [], archived.has(version)), version)
  const wanted = stages.flatMap((stage) => latest.get(stage) ?? [])
  return await Promise.all(wanted.map((version) => readRegisteredVersion({ database }, model, version)))
}
