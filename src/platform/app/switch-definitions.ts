import { TruelineError } from '../../core/errors.ts'
import type { DefinedGroup, ShadowGroup } from '../../data/features/feature-engine.ts'
import { applyDefinitions, definitionsBefore } from '../../governance/applied-definitions.ts'
import type { Identity } from '../../governance/identity.ts'
import { checkProject } from '../../language/define/check-project.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { SwitchAnswer, SwitchedGroup } from '../api/definition-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { compareGroups } from './compare-groups.ts'
import { definitionsNow, planDefinitions } from './definition-plan.ts'
import { definitionsInUse, ownDefinitions } from './kept-definitions.ts'
import type { PastVectors } from './past-vectors.ts'
import { restartFor } from './restart-for.ts'

export interface SwitchRequest {
  /** The definitions that are to be in force, as plain data; those before the ones in force when absent. */
  readonly definition?: unknown
  /** The plan that was looked at; whatever the plan is now when absent. */
  readonly plan?: string | undefined
  /** Builds and compares, and changes nothing. */
  readonly dry?: boolean | undefined
  readonly by: Identity
}

/**
 * Brings other definitions of features into force while the platform runs. What is new is filled from the log in the
 * shadow of what is there, compared with it value by value, and takes its place in one step, between two events: every
 * vector is of one version. What was there stays for the versions trained on it, and for the way back.
 * @throws TruelineError `needs_restart` when more changes than features; `definitions_changed` when the plan is another
 *   one by now; the codes of mistakes in the definitions
 */
export async function switchDefinitions(
  parts: Parts,
  past: PastVectors,
  { definition, plan: expected, dry = false, by }: SwitchRequest,
): Promise<SwitchAnswer> {
  const { metadata, engine, lake } = parts
  const project = definition === undefined ? await projectBefore(parts) : readProject(definition, parts.project)
  const restart = restartFor(parts.project, project)
  if (restart !== undefined) throw new TruelineError('needs_restart', restart.words, { path: restart.path })
  const plan = planDefinitions(await definitionsNow(metadata), project)
  if (expected !== undefined && expected !== plan.plan)
    throw new TruelineError('definitions_changed', `The plan is ${plan.plan} by now, not ${expected}.`, {
      path: 'plan',
      remedy: 'Look at `trueline plan` again, and apply the plan that it names.',
    })
  const wanted = ownDefinitions(project).groups
  const fillings = wanted
    .filter(({ digest }) => engine.group(digest) === undefined)
    .map((group) => fillingOf(parts, group))
  const groups: SwitchedGroup[] = []
  for (const filling of fillings) {
    const started = parts.clock.elapsed()
    await filling.catchUp()
    const { definition: after, digest } = filling.shadow.group
    const before = ownDefinitions(parts.project).groups.find((group) => group.definition.name === after.name)
    groups.push({
      name: after.name,
      digest,
      seconds: (parts.clock.elapsed() - started) / 1e6,
      entities: filling.shadow.group.live.memory().entities,
      ...(before === undefined ? {} : { comparison: await compareGroups(parts, past, before, filling.shadow.group) }),
    })
  }
  if (dry) return { ...plan, groups, inForce: false }
  const inUse = await definitionsInUse(metadata, project)
  const previous = ownDefinitions(parts.project).groups
  for (const { shadow } of fillings) shadow.follow()
  try {
    for (const filling of fillings) await filling.catchUp()
    await applyDefinitions(metadata, { definition: project, by })
    // One step for all of them: no turn is given away until the end, so nothing can come in between.
    for (const { shadow } of fillings) shadow.join()
  } finally {
    for (const { shadow } of fillings) shadow.unfollow()
  }
  parts.project = project
  for (const group of wanted) engine.redefine(group)
  const kept = new Set([...inUse.groups, ...previous].map(({ digest }) => digest))
  for (const { digest } of engine.groups()) if (!kept.has(digest)) engine.drop(digest)
  await lake.flush()
  return { ...plan, groups, inForce: true }
}

async function projectBefore({ metadata }: Parts): Promise<ProjectDefinition> {
  const before = await definitionsBefore(metadata)
  if (before === undefined)
    throw new TruelineError('invalid_request', 'No definitions were in force before these.', {
      remedy: 'Apply a project file.',
    })
  return before.definition
}

/** A group and how it gets what the log has by the moment that it is asked to. */
function fillingOf(
  { engine, lake, log }: Parts,
  group: DefinedGroup,
): { readonly shadow: ShadowGroup; catchUp(): Promise<void> } {
  const shadow = engine.shadow(group)
  let next = 0
  return {
    shadow,
    async catchUp() {
      const to = log.nextOffset - 1
      for await (const batch of lake.scanChanges(group.stream.name, { from: next, to })) shadow.apply(batch)
      next = to + 1
    },
  }
}

/** Definitions that came as JSON: only what can be changed while the platform runs is taken from it. */
function readProject(given: unknown, current: ProjectDefinition): ProjectDefinition {
  try {
    const project = { ...current, ...(given as ProjectDefinition) }
    checkProject(project)
    return project
  } catch (cause) {
    if (cause instanceof TruelineError) throw cause
    throw new TruelineError('invalid_request', 'These are no definitions of a project.', { path: 'definition', cause })
  }
}
