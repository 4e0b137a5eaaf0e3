import { formatTime } from '../../core/time.ts'
import { definitionsInForce } from '../../governance/applied-definitions.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { loadProject } from './load-project.ts'

/** A project, or the path of its file. */
export type GivenProject = string | ProjectDefinition

/**
 * The project that is given: read of its file where it has one.
 * @throws TruelineError as `loadProject` does
 */
export async function givenProject(given: GivenProject): Promise<ProjectDefinition> {
  return typeof given === 'string' ? await loadProject(given) : given
}

/**
 * The definitions that are in force, whatever is given says by now and whether it can be read; what is given where none
 * ever were.
 * @param onNote told whose they are, and since when
 * @throws TruelineError as `loadProject` does
 */
export async function projectInForce(
  metadata: Metadata,
  given: GivenProject,
  onNote: ((text: string) => void) | undefined,
): Promise<ProjectDefinition> {
  const applied = await definitionsInForce(metadata)
  if (applied === undefined) return await givenProject(given)
  onNote?.(`Started with the definitions that ${applied.by.name} took into force at ${formatTime(applied.at)}.`)
  return applied.definition
}
