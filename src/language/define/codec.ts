import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import { checkProject } from './check-project.ts'
import type { ProjectDefinition } from './definitions.ts'

/** Version of the JSON below: raised, with a migration, when a stored definition would be read differently. */
const VERSION = 1

/**
 * A project as canonical JSON, from which `decodeProject` makes the same project without the code that defined it.
 */
export function encodeProject(project: ProjectDefinition): string {
  return canonicalJson({ version: VERSION, project })
}

/**
 * The project of a JSON text that `encodeProject` made.
 * @throws TruelineError `directory_newer` for one of a newer version, `directory_damaged` for any other text, and what
 *   `checkProject` throws
 */
export function decodeProject(text: string): ProjectDefinition {
  const { version, project } = parse(text)
  if (typeof version === 'number' && version > VERSION)
    throw new TruelineError('directory_newer', `The definitions are of version ${version}; this is version ${VERSION}.`)
  if (version !== VERSION || typeof project !== 'object' || project === null) throw damaged()
  // Definitions that were stored before there were derived features and tables have none.
  const complete = { derived: {}, tables: {}, ...project } as ProjectDefinition
  checkProject(complete)
  return complete
}

function parse(text: string): { version?: unknown; project?: unknown } {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch (cause) {
    throw damaged(cause)
  }
}

function damaged(cause?: unknown): TruelineError {
  return new TruelineError('directory_damaged', 'The stored definitions cannot be read.', { cause })
}
