import { existsSync } from 'node:fs'
import { type Clock, systemClock } from '../../core/clock.ts'
import { type Digest, digestOfJson } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { planVector, sequencesOf } from '../../data/features/vector.ts'
import { definitionsInForce } from '../../governance/applied-definitions.ts'
import type { Identity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { digestOfFeatures, digestOfTable } from '../../language/define/digest.ts'
import { currentServing } from '../../models/registry/serving-history.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import { sequenceDigestsOf } from '../../operate/serving/served-version.ts'
import { openDirectory } from '../../stores/directory/directory.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { type Metadata, openMetadata } from '../../stores/metadata/metadata.ts'
import type { DefinitionsNow } from '../api/platform.ts'
import { type DefinitionChange, definitionChanges } from './definition-changes.ts'
import { type DefinedStores, settleDefinitions } from './settle-definitions.ts'

/** What would change if the definitions of a project file came into force. */
export interface DefinitionPlan {
  /** Names this plan: the definitions before and after it, prose included. */
  readonly plan: Digest
  /** Null when none are in force yet. */
  readonly before: Digest | null
  readonly after: Digest
  /** Everything that means something else then, dependents included; empty when only prose differs. */
  readonly changes: readonly DefinitionChange[]
  /** Reference tables without history: training sees their rows of today in rows of long ago. */
  readonly static: readonly string[]
  /** Versions that serve and could not any more, with the groups of features that they would miss. */
  readonly stops: readonly { readonly model: string; readonly version: number; readonly features: readonly string[] }[]
}

/** What differs between the definitions in force and those of a project. */
export function planDefinitions(now: DefinitionsNow | undefined, project: ProjectDefinition): DefinitionPlan {
  const before = now?.digest ?? null
  const after = digestOfJson(project)
  const nothing: ProjectDefinition = {
    streams: {},
    entities: {},
    features: {},
    requests: {},
    derived: {},
    tables: {},
    models: {},
  }
  const known = new Set([
    ...Object.values(project.features).map((definition) => digestOfFeatures(definition, project)),
    ...Object.values(project.tables).map((definition) => digestOfTable(definition, project)),
  ])
  const stops = (now?.serving ?? []).flatMap(({ model, version, features }) => {
    const missed = Object.keys(features).filter((name) => !known.has(features[name]!))
    return missed.length === 0 && project.models[model] !== undefined ? [] : [{ model, version, features: missed }]
  })
  return {
    plan: digestOfJson({ before, after }),
    ...{ before, after, stops },
    static: Object.values(project.tables).flatMap((table) => (table.static ? [table.name] : [])),
    changes: definitionChanges(now?.definition ?? nothing, project),
  }
}

/** The definitions in force, with what serves by them; undefined before any were applied. */
export async function definitionsNow(metadata: Metadata): Promise<DefinitionsNow | undefined> {
  const inForce = await definitionsInForce(metadata)
  if (inForce === undefined) return undefined
  const serving: DefinitionsNow['serving'][number][] = []
  for (const model of Object.keys(inForce.definition.models)) {
    const current = await currentServing(metadata, model)
    if (current === undefined) continue
    const version = await readVersion(metadata, model, current.version)
    const definition = await readVersionDefinition(metadata, version)
    const plan = planVector(definition.models[model]!, definition, version.variant)
    const digests = sequenceDigestsOf(plan, definition)
    const features = sequencesOf(plan).map(({ name }, index) => [name, digests[index]!] as const)
    serving.push({ model, version: version.version, features: Object.fromEntries(features) })
  }
  return { digest: inForce.digest, definition: inForce.definition, serving }
}

/** The same of a directory that nobody runs; undefined when it does not exist. */
export async function definitionsOfDirectory(directory: string): Promise<DefinitionsNow | undefined> {
  if (!existsSync(directory)) return undefined
  return await withMetadata(directory, ({ metadata }) => definitionsNow(metadata))
}

/**
 * Brings the definitions of a project into force in a directory that nobody runs.
 * @param expected the plan that was looked at; whatever the plan is now when absent
 * @throws TruelineError `directory_in_use`; `definitions_changed` when the plan is another one by now, or events that are
 *   there could not be read any more
 */
export async function applyToDirectory(
  directory: string,
  project: ProjectDefinition,
  by: Identity,
  expected?: string,
): Promise<DefinitionPlan> {
  return await withMetadata(directory, async ({ metadata, paths }, clock) => {
    const plan = planDefinitions(await definitionsNow(metadata), project)
    if (expected !== undefined && expected !== plan.plan)
      throw new TruelineError('definitions_changed', `The plan is ${plan.plan} by now, not ${expected}.`, {
        path: 'plan',
        remedy: 'Look at `trueline plan` again, and apply the plan that it names.',
      })
    const log = await openLog(paths.log, { clock })
    try {
      await settleDefinitions({ metadata, log, paths }, project, { apply: true, by })
    } finally {
      await log.close()
    }
    return plan
  })
}

async function withMetadata<Result>(
  path: string,
  work: (stores: Omit<DefinedStores, 'log'>, clock: Clock) => Promise<Result>,
): Promise<Result> {
  const clock = systemClock()
  const directory = await openDirectory(path, { clock })
  try {
    const metadata = await openMetadata(directory.paths.metadata, { clock })
    try {
      return await work({ metadata, paths: directory.paths }, clock)
    } finally {
      await metadata.close()
    }
  } finally {
    await directory.close()
  }
}
