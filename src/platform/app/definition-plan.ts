import { existsSync } from 'node:fs'
import { type Clock, systemClock } from '../../core/clock.ts'
import { digestOfJson } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { localTimeRemedy, localTimeWords } from '../../data/sources/local-times.ts'
import { readStates } from '../../data/sources/source-store.ts'
import { definitionsInForce } from '../../governance/applied-definitions.ts'
import type { Identity } from '../../governance/identity.ts'
import { emptyProject } from '../../language/define/collect-project.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { openDirectory } from '../../stores/directory/directory.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { type Metadata, openMetadata } from '../../stores/metadata/metadata.ts'
import type { DefinitionPlan, DefinitionsNow, VersionReads } from '../api/definition-answers.ts'
import { definitionChanges } from './definition-changes.ts'
import { fallbackWarnings } from './fallback-warnings.ts'
import { governanceChanges } from './governance-changes.ts'
import { neededDefinitions, ownDefinitions, versionsThatMayServe } from './kept-definitions.ts'
import { memberChanges } from './member-changes.ts'
import { restartFor } from './restart-for.ts'
import { type DefinedStores, settleDefinitions } from './settle-definitions.ts'

/** What differs between the definitions in force and those of a project. */
export function planDefinitions(now: DefinitionsNow | undefined, project: ProjectDefinition): DefinitionPlan {
  const before = now?.digest ?? null
  const after = digestOfJson(project)
  const restart = now === undefined ? undefined : restartFor(now.definition, project)
  const { keeps, stops } = versionsAfter(now?.versions ?? [], project)
  return {
    plan: digestOfJson({ before, after }),
    ...{ before, after, keeps, stops },
    ...(restart === undefined ? {} : { restart: restart.words }),
    static: Object.values(project.tables).flatMap((table) => (table.static ? [table.name] : [])),
    changes: definitionChanges(now?.definition ?? emptyProject(), project),
    members: memberChanges(now?.definition ?? emptyProject(), project),
    governance: governanceChanges(now?.definition ?? emptyProject(), project),
    warnings: [...fallbackWarnings(project), ...zoneWarnings(now?.localTimes ?? {}, project)],
  }
}

/** Sources of the project that name no zone, and brought times that name none. */
function zoneWarnings(localTimes: DefinitionsNow['localTimes'], { sources = {} }: ProjectDefinition): string[] {
  return Object.values(sources).flatMap(({ name, zone }) => {
    const told = localTimes[name]
    return told === undefined || zone !== undefined ? [] : [`source ${name}: ${told}.`]
  })
}

/** Which versions go on by what they were trained with, and which cannot. */
function versionsAfter(
  versions: DefinitionsNow['versions'],
  project: ProjectDefinition,
): Pick<DefinitionPlan, 'keeps' | 'stops'> {
  const { groups, tables } = ownDefinitions(project)
  const own = new Set([...groups, ...tables].map(({ digest }) => digest))
  const keeps: VersionReads[] = []
  const stops: VersionReads[] = []
  for (const one of versions) {
    const { model, version } = one
    const needed = neededDefinitions(one, project)
    const kept = [...needed.groups, ...needed.tables].filter(({ digest }) => !own.has(digest))
    const isGone = project.models[model] === undefined
    if (isGone || needed.missed.length > 0) stops.push({ model, version, features: isGone ? [] : needed.missed })
    else if (kept.length > 0) keeps.push({ model, version, features: kept.map(({ definition }) => definition.name) })
  }
  return { keeps, stops }
}

/** The definitions in force, with the versions that may serve by them; undefined before any were applied. */
export async function definitionsNow(metadata: Metadata): Promise<DefinitionsNow | undefined> {
  const inForce = await definitionsInForce(metadata)
  if (inForce === undefined) return undefined
  const versions = await versionsThatMayServe(metadata, Object.keys(inForce.definition.models))
  const localTimes: Record<string, string> = {}
  for (const [source, { localTime }] of await readStates(metadata))
    if (localTime !== undefined) localTimes[source] = `${localTimeWords(localTime)}; ${localTimeRemedy}`
  return { digest: inForce.digest, definition: inForce.definition, versions, localTimes }
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
