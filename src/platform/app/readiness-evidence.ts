import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { type Act, listAudit, recordAct } from '../../governance/audit-log.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { type ModelVersion, versionName } from '../../models/registry/model-version.ts'
import { readVersion } from '../../models/registry/versions.ts'
import { alertKinds } from '../../operate/monitoring/alert-kinds.ts'
import type { Drill, ReadinessFacts } from '../../operate/readiness/requirements.ts'
import type { Actor } from '../api/actor.ts'
import type { DrillEvidence, ImageEvidence, PackageEvidence, RebuildEvidence } from '../api/readiness-answers.ts'
import type { Parts } from './assemble-platform.ts'

type EvidenceParts = Pick<Parts, 'metadata' | 'clock'>

/** Acts that are evidence of the audit log. */
export const EVIDENCE = {
  rebuilt: 'version.rebuild',
  packed: 'version.package',
  image: 'version.image',
  drilled: 'runbook.drill',
} as const

/** What the platform itself found when it made a version again. */
export interface OwnRebuild extends RebuildEvidence {
  readonly isOurs: true
  /** Of a version that could not be made: how many of the inputs on its record are gone. */
  readonly gone?: number
}

/** Newest rebuilds that are looked through for one of the platform's own. */
const REBUILDS = 100
/** Newest drills that are looked through for one of each runbook. */
const DRILLS = 1000

/**
 * Keeps what somebody found out about a version, or the platform itself as somebody asked.
 * @throws TruelineError `unknown_version`; `invalid_arguments` for another digest than that of the version
 */
export async function keepOfVersion(
  { metadata, clock }: EvidenceParts,
  action: (typeof EVIDENCE)['rebuilt' | 'packed' | 'image'],
  model: string,
  { version, ...after }: OwnRebuild | RebuildEvidence | PackageEvidence | ImageEvidence,
  { name }: Actor,
  reason?: string,
): Promise<{ readonly kept: true }> {
  const { digest } = await readVersion(metadata, model, version)
  if (after.digest !== digest)
    throw new TruelineError('invalid_arguments', `${versionName(model, version)} is ${digest}, not ${after.digest}.`, {
      path: 'digest',
    })
  const target = versionName(model, version)
  return await keep(metadata, { by: assertedIdentity(name), at: clock.now(), action, target, reason, after })
}

/**
 * Keeps that a runbook was gone through.
 * @throws TruelineError `not_found` for a runbook that there is not
 */
export async function keepDrill(
  { metadata, clock }: EvidenceParts,
  { runbook, went, reason }: DrillEvidence,
  { name }: Actor,
): Promise<{ readonly kept: true }> {
  if (!Object.hasOwn(alertKinds, runbook)) throw unknownName('not_found', 'runbook', runbook, Object.keys(alertKinds))
  const act = { by: assertedIdentity(name), at: clock.now(), action: EVIDENCE.drilled, target: runbook, reason }
  return await keep(metadata, { ...act, after: { went } })
}

async function keep({ database }: Parts['metadata'], act: Act): Promise<{ readonly kept: true }> {
  await database.transaction().execute(async (transaction) => {
    await recordAct(transaction, act)
  })
  return { kept: true }
}

/** What is kept of a version as it is: of each kind the newest, and what was found here before what somebody says. */
export async function evidenceOf(
  { metadata }: EvidenceParts,
  { model, version, digest }: ModelVersion,
): Promise<Pick<ReadinessFacts, 'rebuild' | 'packed' | 'image'>> {
  const kept = async <After extends { readonly digest: string }>(action: string, limit = 1) => {
    const { items } = await listAudit(metadata.database, { target: versionName(model, version), action, limit })
    const all = items.map(({ at, by, after }) => ({ at, by: by.name, after: after as After }))
    return all.filter(({ after }) => after.digest === digest)
  }
  const newest = async <After extends { readonly digest: string }>(action: string) => (await kept<After>(action))[0]
  const rebuilds = await kept<RebuildEvidence & Partial<OwnRebuild>>(EVIDENCE.rebuilt, REBUILDS)
  const rebuilt = rebuilds.find(({ after }) => after.isOurs) ?? rebuilds[0]
  const packed = await newest<PackageEvidence>(EVIDENCE.packed)
  const started = await newest<ImageEvidence>(EVIDENCE.image)
  return {
    ...(rebuilt === undefined
      ? {}
      : {
          rebuild: {
            ...{ at: rebuilt.at, by: rebuilt.by, verdict: rebuilt.after.verdict },
            isOurs: rebuilt.after.isOurs === true,
            ...(rebuilt.after.gone === undefined ? {} : { gone: rebuilt.after.gone }),
          },
        }),
    ...(packed === undefined ? {} : { packed: { at: packed.at, by: packed.by } }),
    ...(started === undefined
      ? {}
      : { image: { at: started.at, by: started.by, image: started.after.image, verdict: started.after.verdict } }),
  }
}

/** Of each runbook that was drilled the newest drill. */
export async function drillsOf({ metadata }: EvidenceParts): Promise<readonly Drill[]> {
  const { items } = await listAudit(metadata.database, { action: EVIDENCE.drilled, limit: DRILLS })
  const newest = new Map<string, Drill>()
  for (const { target, at, by, after } of items)
    if (!newest.has(target))
      newest.set(target, { runbook: target, at, by: by.name, went: (after as Pick<Drill, 'went'>).went })
  return [...newest.values()]
}
