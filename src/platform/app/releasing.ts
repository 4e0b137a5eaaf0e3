import type { Clock } from '../../core/clock.ts'
import { asTruelineError } from '../../core/errors.ts'
import type { Identity } from '../../governance/identity.ts'
import { decideVersion } from '../../models/registry/decisions.ts'
import type { ModelVersion as RegisteredVersion } from '../../models/registry/model-version.ts'
import {
  currentServing,
  promoteVersion,
  rollbackModel,
  type ServingRecord,
} from '../../models/registry/serving-history.ts'
import { listVersions, readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import { loadVersion } from '../../operate/serving/load-version.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { ModelVersion, ModelVersionPage } from '../api/contract.ts'
import type { ReleaseAnswer } from '../api/platform.ts'
import type { Monitors } from './monitors.ts'
import { type Servings, servingOf } from './predicting.ts'

export interface ReleasingParts {
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly servings: Servings
  readonly clock: Clock
  readonly monitors: Monitors
}

/**
 * Loads what the registry says serves into every model's serving side: at the start. A version that reads features whose
 * definitions have changed cannot serve; that is told, and the model waits for a version trained on the new ones.
 */
export async function restoreServing(parts: ReleasingParts, onNote?: (text: string) => void): Promise<void> {
  for (const [model, serving] of parts.servings) {
    const current = await currentServing(parts.metadata, model)
    if (current === undefined) continue
    try {
      const loaded = await load(parts, model, current.version)
      const activate = serving.prepare(loaded)
      await parts.monitors.prepare(loaded, { recover: true })
      activate()
    } catch (thrown) {
      const error = asTruelineError(thrown)
      if (error.code !== 'definitions_changed') throw thrown
      onNote?.(`${model} v${current.version} cannot serve: ${error.message} ${error.remedy}`)
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
  return await describe(parts, await decideVersion(parts.metadata, { model, version, decision: 'approve', by, reason }))
}

export async function rejectVersion(
  parts: ReleasingParts,
  model: string,
  version: number,
  by: Identity,
  reason: string,
): Promise<ModelVersion> {
  servingOf(parts.servings, model)
  return await describe(parts, await decideVersion(parts.metadata, { model, version, decision: 'reject', by, reason }))
}

/** Lets an approved version serve; it is loaded before anything changes, so that no request meets a half-changed model. */
export async function promote(
  parts: ReleasingParts,
  model: string,
  version: number,
  by: Identity,
  reason?: string,
): Promise<ReleaseAnswer> {
  const started = parts.clock.elapsed()
  const serving = servingOf(parts.servings, model)
  const previous = serving.served?.version
  const loaded = await load(parts, model, version)
  const activate = serving.prepare(loaded)
  await promoteVersion(parts.metadata, { model, version, by, reason, expected: previous ?? null })
  await parts.monitors.prepare(loaded, { recover: false })
  activate()
  return released(model, version, previous, loaded.digest, parts.clock.elapsed() - started)
}

/** Lets the version that served before serve again. */
export async function rollback(
  parts: ReleasingParts,
  model: string,
  by: Identity,
  reason: string,
): Promise<ReleaseAnswer> {
  const started = parts.clock.elapsed()
  const serving = servingOf(parts.servings, model)
  const previous = serving.served?.version
  const record: ServingRecord = await rollbackModel(parts.metadata, { model, by, reason, expected: previous ?? null })
  const loaded = await load(parts, model, record.version)
  const activate = serving.prepare(loaded)
  await parts.monitors.prepare(loaded, { recover: false })
  activate()
  return released(model, record.version, previous, loaded.digest, parts.clock.elapsed() - started)
}

/** Versions of one model or of all, newest first. */
export async function listModels(parts: ReleasingParts, model?: string): Promise<ModelVersion[]> {
  if (model !== undefined) servingOf(parts.servings, model)
  const all: ModelVersion[] = []
  for (const name of model === undefined ? parts.servings.keys() : [model]) {
    const { items } = await listVersions(parts.metadata, name, { limit: 1000 })
    for (const item of items) all.push(await describe(parts, item))
  }
  return all
}

/** A page of a model's versions, newest first. */
export async function pageVersions(
  parts: ReleasingParts,
  model: string,
  { limit = 50, offset = 0 }: { limit?: number; offset?: number },
): Promise<ModelVersionPage> {
  const versions = await listModels(parts, model)
  return { total: versions.length, versions: versions.slice(offset, offset + limit) }
}

async function load({ metadata, artifacts }: ReleasingParts, model: string, number: number) {
  const version = await readVersion(metadata, model, number)
  return await loadVersion(version, await readVersionDefinition(metadata, version), artifacts)
}

function released(
  model: string,
  version: number,
  previous: number | undefined,
  digest: string,
  microseconds: number,
): ReleaseAnswer {
  return { model, version, ...(previous === undefined ? {} : { previous }), digest, seconds: microseconds / 1e6 }
}

/** A registered version as lists show it. */
async function describe({ servings }: ReleasingParts, version: RegisteredVersion): Promise<ModelVersion> {
  const approval = version.decisions.find((one) => one.decision === 'approve')
  const auc = (version.evaluation as { metrics?: { auc?: { value: number } } } | null)?.metrics?.auc?.value
  return {
    model: version.model,
    version: version.version,
    digest: version.digest,
    variant: version.variant,
    state: version.state,
    serving: servings.get(version.model)?.served?.version === version.version,
    author: version.author.name,
    ...(approval === undefined ? {} : { approvedBy: approval.by.name }),
    createdAt: version.createdAt,
    ...(auc === undefined ? {} : { auc }),
    ...(version.gate === null ? {} : { gate: version.gate.verdict, gateSentence: version.gate.sentence }),
  }
}
