import { canonicalJson } from '../../core/canonical.ts'
import { columnsAsked, planVector, type Variant } from '../../data/features/vector.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { ModelVersion } from '../../models/registry/model-version.ts'
import { currentServing } from '../../models/registry/serving-history.ts'
import { listVersions, readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import { inputDigests } from '../../models/training/input-digests.ts'
import type { Rival, RivalVectors } from '../../models/training/training-job.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { neededDefinitions } from './kept-definitions.ts'

export interface RivalParts {
  readonly project: ProjectDefinition
  readonly metadata: Metadata
  readonly artifacts: Artifacts
}

/** The models that a candidate of a variant is compared with: the baseline, and what serves. */
export async function rivalsOf(parts: RivalParts, model: string, variant: Variant): Promise<Rival[]> {
  const rivals: Rival[] = []
  const baseline = variant === 'full' ? await baselineOf(parts, model) : undefined
  if (baseline !== undefined) rivals.push(await rivalOf(parts, 'baseline', baseline, variant))
  const serving = await currentServing(parts.metadata, model)
  if (serving !== undefined) {
    const champion = await readVersion(parts.metadata, model, serving.version)
    rivals.push(await rivalOf(parts, 'champion', champion, variant))
  }
  return rivals
}

/**
 * The first model without windows is the baseline, for as long as the streams can feed what it reads; a rejected one is
 * none.
 */
export async function baselineOf(parts: RivalParts, model: string): Promise<ModelVersion | undefined> {
  const { items } = await listVersions(parts.metadata, model, { variant: 'without_windows', limit: 1000 })
  for (const version of items.toReversed())
    if (version.state !== 'rejected' && (await vectorsOf(parts, version, 'full')).kind !== 'lost') return version
  return undefined
}

async function rivalOf(
  parts: RivalParts,
  role: Rival['role'],
  version: ModelVersion,
  variant: Variant,
): Promise<Rival> {
  const scorer = parts.artifacts.path(version.manifest.scorer)
  const encoders = parts.artifacts.path(version.manifest.encoders)
  const { calibration } = version.manifest
  const calibrated = calibration === undefined ? {} : { calibration: parts.artifacts.path(calibration) }
  return {
    role,
    version: version.version,
    scorer,
    encoders,
    ...calibrated,
    vectors: await vectorsOf(parts, version, variant),
  }
}

/** Where a version's vectors of a candidate's rows come from. */
async function vectorsOf(
  { project, metadata }: RivalParts,
  version: ModelVersion,
  variant: Variant,
): Promise<RivalVectors> {
  const definition = await readVersionDefinition(metadata, version)
  const { classes } = project.models[version.model]!.label
  if (canonicalJson(definition.models[version.model]!.label.classes ?? null) !== canonicalJson(classes ?? null))
    return { kind: 'lost' }
  if (holdsInputsOf(version, definition, project, variant)) return { kind: 'shared' }
  if (!canFeed(project, version, definition)) return { kind: 'lost' }
  const streams = { ...definition.streams, ...project.streams }
  return { kind: 'own', project: { ...definition, streams }, variant: version.variant }
}

/** Whether a candidate's vectors hold all that a version reads, with the meaning that it had. */
function holdsInputsOf(
  { model, variant: trained, manifest }: ModelVersion,
  definition: ProjectDefinition,
  project: ProjectDefinition,
  variant: Variant,
): boolean {
  const plan = planVector(project.models[model]!, project, variant)
  const names = new Set(plan.inputs.map(({ name }) => name))
  const now = inputDigests(plan, project, model)
  const sameMeaning = Object.entries(manifest.features).every(([name, digest]) => now[name] === digest)
  return (
    sameMeaning &&
    planVector(definition.models[model]!, definition, trained).inputs.every(({ name }) => names.has(name))
  )
}

/** Whether the streams of a project have all that a version reads, asked by the same rows at the same t. */
function canFeed(
  project: ProjectDefinition,
  { model, version, variant }: ModelVersion,
  definition: ProjectDefinition,
): boolean {
  const [then, now] = [definition.models[model]!, project.models[model]!]
  if (then.at !== now.at || then.time !== now.time) return false
  if (neededDefinitions({ model, version, variant, definition }, project).missed.length > 0) return false
  const typeIn = ({ streams }: ProjectDefinition, column: string): string =>
    canonicalJson(streams[then.at]!.schema[column] ?? null)
  return columnsAsked(planVector(then, definition, variant)).every(
    (column) => typeIn(definition, column) === typeIn(project, column),
  )
}
