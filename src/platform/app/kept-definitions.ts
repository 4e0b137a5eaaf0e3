import { TruelineError } from '../../core/errors.ts'
import type { DefinedGroup, EngineGroup } from '../../data/features/feature-engine.ts'
import type { DefinedTable } from '../../data/features/reference-tables.ts'
import { planVector, type Variant } from '../../data/features/vector.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { digestOfFeatures, digestOfTable } from '../../language/define/digest.ts'
import { currentServing, rollbackTargets } from '../../models/registry/serving-history.ts'
import { listVersions, readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { Parts } from './assemble-platform.ts'

/** A version with the definitions that it was trained with. */
export interface TrainedVersion {
  readonly model: string
  readonly version: number
  readonly variant: Variant
  readonly definition: ProjectDefinition
}

/** What a version reads, by the streams of a project. */
export interface NeededDefinitions {
  readonly groups: readonly DefinedGroup[]
  readonly tables: readonly DefinedTable[]
  /** Groups and tables that a project's streams can no longer feed: a column went, or means something else. */
  readonly missed: readonly string[]
}

/** The groups and tables of a project itself. */
export function ownDefinitions(project: ProjectDefinition): Omit<NeededDefinitions, 'missed'> {
  return {
    groups: Object.values(project.features).map((definition) => ({
      digest: digestOfFeatures(definition, project),
      definition,
      stream: project.streams[definition.from]!,
      entity: project.entities[definition.entity]!,
    })),
    tables: Object.values(project.tables).map((definition) => ({
      digest: digestOfTable(definition, project),
      definition,
      stream: project.streams[definition.name]!,
    })),
  }
}

/** The groups of a project itself with their state; older ones of the same names may be kept beside them. */
export function groupsInForce({ project, engine }: Pick<Parts, 'project' | 'engine'>): readonly EngineGroup[] {
  return ownDefinitions(project).groups.map(({ digest }) => engine.group(digest)!)
}

/**
 * What a version reads, fed by the streams of a project: of these only what it reads must mean what it meant then, so that
 * a stream may gain columns while a version of long ago serves.
 */
export function neededDefinitions(
  { model, variant, definition: trained }: TrainedVersion,
  project: ProjectDefinition,
): NeededDefinitions {
  const plan = planVector(trained.models[model]!, trained, variant)
  const groups: DefinedGroup[] = []
  const tables: DefinedTable[] = []
  const missed: string[] = []
  for (const { definition } of plan.groups) {
    const stream = project.streams[definition.from]
    const digest = digestOfFeatures(definition, trained)
    if (stream === undefined || digestOfFeatures(definition, fedBy(trained, definition.from, project)) !== digest)
      missed.push(definition.name)
    else groups.push({ digest, definition, stream, entity: trained.entities[definition.entity]! })
  }
  for (const { definition } of plan.tables) {
    const stream = project.streams[definition.name]
    const digest = digestOfTable(definition, trained)
    if (stream === undefined || digestOfTable(definition, fedBy(trained, definition.name, project)) !== digest)
      missed.push(definition.name)
    else tables.push({ digest, definition, stream })
  }
  return { groups, tables, missed }
}

/** Definitions of then over a stream of now. */
function fedBy(trained: ProjectDefinition, stream: string, project: ProjectDefinition): ProjectDefinition {
  return { ...trained, streams: { ...trained.streams, [stream]: project.streams[stream]! } }
}

/**
 * The versions that may serve without another training: of each model the one that serves, the one that a rollback goes
 * back to, and what came after them and was not rejected.
 */
export async function versionsThatMayServe(
  metadata: Metadata,
  models: readonly string[],
): Promise<readonly TrainedVersion[]> {
  const versions: TrainedVersion[] = []
  for (const model of models) {
    const current = await currentServing(metadata, model)
    if (current === undefined) continue
    const [before] = await rollbackTargets(metadata, model).catch((thrown: unknown) => {
      if (thrown instanceof TruelineError && thrown.code === 'no_previous_version') return [current.version] as const
      throw thrown
    })
    const { items } = await listVersions(metadata, model)
    const later = items.filter(({ version, state }) => version > current.version && state !== 'rejected')
    for (const number of new Set([current.version, before, ...later.map(({ version }) => version)])) {
      const version = await readVersion(metadata, model, number)
      const definition = await readVersionDefinition(metadata, version)
      if (definition.models[model] === undefined) continue
      versions.push({ model, version: number, variant: version.variant, definition })
    }
  }
  return versions
}

/** A project's own groups and tables, and those that versions of its models still read as they were before. */
export async function definitionsInUse(
  metadata: Metadata,
  project: ProjectDefinition,
): Promise<Omit<NeededDefinitions, 'missed'>> {
  const own = ownDefinitions(project)
  const kept = (await versionsThatMayServe(metadata, Object.keys(project.models))).map((version) =>
    neededDefinitions(version, project),
  )
  const once = <One extends { readonly digest: string }>(all: readonly One[]): One[] =>
    [...new Map(all.toReversed().map((one) => [one.digest, one])).values()].toReversed()
  return {
    groups: once([...own.groups, ...kept.flatMap(({ groups }) => groups)]),
    tables: once([...own.tables, ...kept.flatMap(({ tables }) => tables)]),
  }
}
