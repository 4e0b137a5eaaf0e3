import type { Clock } from '../../core/clock.ts'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import type { Identity } from '../../governance/identity.ts'
import type { GoldenPredictions } from '../../models/inference/golden-predictions.ts'
import { decideVersion, standingOf } from '../../models/registry/decisions.ts'
import { loggedOrigin } from '../../models/registry/import-origin.ts'
import { withoutContract } from '../../models/registry/logged-versions.ts'
import { type ModelVersion as RegisteredVersion, versionStanding } from '../../models/registry/model-version.ts'
import {
  currentServing,
  promoteVersion,
  requireApproved,
  rollbackModel,
  rollbackTargets,
} from '../../models/registry/serving-history.ts'
import { requireSignature } from '../../models/registry/signing/signature-store.ts'
import { listVersions, readVersion, readVersionDefinition, versionsFrom } from '../../models/registry/versions.ts'
import { breachSentence } from '../../operate/releases/contract-verdict.ts'
import { checkGolden } from '../../operate/serving/check-golden.ts'
import { loadVersion } from '../../operate/serving/load-version.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { ModelVersion, ModelVersionPage } from '../api/contract.ts'
import type { ReleaseAnswer, ReleaseOptions } from '../api/training-answers.ts'
import { breachesOfRelease, type ContractParts, contractBreaking } from './contracts.ts'
import type { Monitors } from './monitors.ts'
import { type Servings, servingOf } from './predicting.ts'
import { refuseBadData } from './quality-release.ts'
import { cannotServe, codesOfOneVersion, namingParts } from './unservable.ts'

export interface ReleasingParts extends ContractParts {
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly servings: Servings
  readonly clock: Clock
  readonly monitors: Monitors
}

/**
 * Loads what the registry says serves into every model's serving side: at the start. A version that reads features whose
 * definitions have changed, or whose artifacts are damaged, cannot serve; that is told, also to whoever asks the model, which
 * waits for a release.
 */
export async function restoreServing(parts: ReleasingParts, onNote?: (text: string) => void): Promise<void> {
  for (const [model, serving] of parts.servings) {
    const current = await currentServing(parts.metadata, model)
    if (current === undefined) continue
    try {
      const loaded = await loadForServing(parts, model, current.version)
      const serve = serving.prepare(loaded)
      const watch = await parts.monitors.prepare(loaded, { recover: true })
      watch()
      serve()
    } catch (thrown) {
      const error = asTruelineError(thrown)
      if (!codesOfOneVersion.has(error.code)) throw thrown
      const fault = await cannotServe(parts.metadata, model, current.version, error)
      serving.cannotServe(fault)
      onNote?.(`${fault.message} ${fault.remedy}`)
    }
  }
}

export async function approveVersion(
  parts: ReleasingParts,
  model: string,
  version: number,
  by: Identity,
  reason?: string,
): Promise<ModelVersion> {
  servingOf(parts.servings, model)
  const decided = await decideVersion(parts.metadata, { model, version, decision: 'approve', by, reason })
  const { needed, missing, open } = await standingOf(parts.metadata, decided)
  return { ...describe(parts, decided), lacking: { needed, missing, ...(open === null ? {} : { open: [...open] }) } }
}

export async function rejectVersion(
  parts: ReleasingParts,
  model: string,
  version: number,
  by: Identity,
  reason: string,
): Promise<ModelVersion> {
  servingOf(parts.servings, model)
  return describe(parts, await decideVersion(parts.metadata, { model, version, decision: 'reject', by, reason }))
}

/**
 * Retires a version: it never serves again, and a rollback passes over it.
 * @throws TruelineError `unknown_version`, `already_decided`, `version_serving`
 */
export async function retireVersion(
  parts: ReleasingParts,
  model: string,
  version: number,
  by: Identity,
  reason: string,
): Promise<ModelVersion> {
  servingOf(parts.servings, model)
  return describe(parts, await decideVersion(parts.metadata, { model, version, decision: 'retire', by, reason }))
}

/**
 * Lets an approved version serve, unless the data speaks against it, or it would break those who call the model and that
 * is not meant.
 * @throws TruelineError `quality_gate_failed`, `contract_breaking`, `reason_required`, `unknown_version`, `not_approved`, `model_changed`, `definitions_changed`, `artifact_missing`,
 *   `artifact_corrupt`
 */
export async function promote(
  parts: ReleasingParts,
  model: string,
  version: number,
  by: Identity,
  reason?: string,
  { breaking = false, expected }: ReleaseOptions = {},
): Promise<ReleaseAnswer> {
  servingOf(parts.servings, model)
  // Before all else that speaks against it: the rest can be mended in vain.
  requireApproved(await readVersion(parts.metadata, model, version))
  await refuseBadData(parts, model, version)
  const breaches = await breachesOfRelease(parts, model, version)
  if (breaches.length > 0 && !breaking) throw contractBreaking(parts, model, version, breaches)
  if (breaches.length > 0 && reason === undefined)
    throw new TruelineError('reason_required', 'To break the contract with callers takes a reason.', { path: 'reason' })
  const broken = breaches.map(breachSentence)
  return await release(parts, model, version, (serving) =>
    promoteVersion(parts.metadata, { model, version, by, reason, expected: seen(expected, serving), broken }),
  )
}

/**
 * Lets the version that served before serve again. Where what was promoted last cannot serve, the first of those before it
 * that can.
 * @throws TruelineError `no_previous_version`, and as `promote` does
 */
export async function rollback(
  parts: ReleasingParts,
  model: string,
  by: Identity,
  reason: string,
  { expected }: Pick<ReleaseOptions, 'expected'> = {},
): Promise<ReleaseAnswer> {
  const isBroken = servingOf(parts.servings, model).fault !== undefined
  const [first, ...others] = await rollbackTargets(parts.metadata, model, isBroken)
  const goBack = (to: number): Promise<ReleaseAnswer> =>
    release(parts, model, to, (serving) =>
      rollbackModel(parts.metadata, { model, by, reason, expected: seen(expected, serving), to, isBroken }),
    )
  if (!isBroken) return await goBack(first)
  let failure: unknown
  for (const to of [first, ...others])
    try {
      return await goBack(to)
    } catch (thrown) {
      if (!codesOfOneVersion.has(asTruelineError(thrown).code)) throw thrown
      failure ??= thrown
    }
  throw failure
}

/** What was seen serving: what whoever asks says, else what serves when it is asked. */
function seen(expected: number | null | undefined, serving: number | null): number | null {
  return expected === undefined ? serving : expected
}

/**
 * Changes what serves. All that can fail comes before the record in the registry, and nothing but assignments after it:
 * registry and memory cannot differ, and no request meets a half-changed model.
 */
async function release(
  parts: ReleasingParts,
  model: string,
  version: number,
  record: (expected: number | null) => Promise<unknown>,
): Promise<ReleaseAnswer> {
  const { metadata, monitors, servings, clock } = parts
  const started = clock.elapsed()
  const serving = servingOf(servings, model)
  const loaded = await loadForServing(parts, model, version)
  const serve = serving.prepare(loaded)
  // Where nothing could serve since the start, what was answered before it is still to be read back.
  const watch = await monitors.prepare(loaded, { recover: serving.fault !== undefined })
  const before = await currentServing(metadata, model)
  await record(before?.version ?? null)
  const previous = serving.served?.version
  watch()
  serve()
  const seconds = (clock.elapsed() - started) / 1e6
  return { model, version, ...(previous === undefined ? {} : { previous }), digest: loaded.digest, seconds }
}

/** Versions of one model or of all, newest first. */
export async function listModels(parts: ReleasingParts, model?: string): Promise<ModelVersion[]> {
  if (model !== undefined) servingOf(parts.servings, model)
  const all: ModelVersion[] = []
  for (const name of model === undefined ? parts.servings.keys() : [model]) {
    let cursor: string | null | undefined
    while (cursor !== null) {
      const page = await listVersions(parts.metadata, name, {
        limit: 1000,
        ...(cursor === undefined ? {} : { cursor }),
      })
      for (const item of page.items) all.push(await listed(parts, item))
      cursor = page.next
    }
  }
  return all
}

/** A page of a model's versions, newest first. */
export async function pageVersions(
  parts: ReleasingParts,
  model: string,
  { limit = 50, offset = 0 }: { limit?: number; offset?: number },
): Promise<ModelVersionPage> {
  servingOf(parts.servings, model)
  const { total, items } = await versionsFrom(parts.metadata, model, { limit, offset })
  const versions: ModelVersion[] = []
  for (const item of items) versions.push(await listed(parts, item))
  return { total, versions, logged: [...(await withoutContract(parts.metadata, model))] }
}

/** A version as lists show it, with who logged it where it was logged. */
async function listed(parts: ReleasingParts, version: RegisteredVersion): Promise<ModelVersion> {
  const logged = await loggedOrigin(parts.metadata.database, version.model, version.version)
  return { ...describe(parts, version), ...(logged === undefined ? {} : { loggedBy: logged.by.name }) }
}

/**
 * A version that is signed where its model asks for it, and gives the predictions that it gave when it was trained: those
 * of before there were golden ones have none. What served before is ready, and its predictions were made when it was loaded.
 * @throws TruelineError `unknown_version`, `signature_missing`, `golden_mismatch`, and what `loadVersion` does
 */
export async function loadForServing(parts: ReleasingParts, model: string, number: number): Promise<ServedVersion> {
  const { metadata, artifacts, servings } = parts
  const version = await readVersion(metadata, model, number)
  await requireSignature(metadata, version, parts.project.models[model]?.signedBy)
  const ready = servings.get(model)?.before
  if (ready?.digest === version.digest && ready.version === number) return ready
  const project = await readVersionDefinition(metadata, version)
  return await namingParts(version, artifacts, async () => {
    const loaded = await loadVersion(version, project, artifacts)
    const { golden } = version.attachments
    if (golden !== undefined) {
      const text = new TextDecoder().decode(await artifacts.get(golden))
      checkGolden(loaded, JSON.parse(text) as GoldenPredictions)
    }
    return loaded
  })
}

/** A registered version as lists show it. */
function describe({ servings, project }: ReleasingParts, version: RegisteredVersion): ModelVersion {
  const { metrics } = (version.evaluation ?? {}) as { metrics?: Partial<Record<string, { value: number }>> }
  const name = project.models[version.model]?.gate.metric
  const value = name === undefined ? undefined : metrics?.[name]?.value
  const auc = metrics?.['auc']?.value
  return {
    model: version.model,
    version: version.version,
    digest: version.digest,
    variant: version.variant,
    state: version.state,
    standing: versionStanding(version),
    serving: servings.get(version.model)?.served?.version === version.version,
    author: version.author.name,
    ...(version.approvals.length === 0 ? {} : { approvedBy: version.approvals.map(({ by }) => by.name).join(', ') }),
    createdAt: version.createdAt,
    ...(auc === undefined ? {} : { auc }),
    ...(name === undefined || value === undefined ? {} : { metric: { name, value } }),
    ...(version.gate === null ? {} : { gate: version.gate.verdict, gateSentence: version.gate.sentence }),
  }
}
