import { readOwner } from '../../stores/directory/owner.ts'
import type { DefinitionsNow } from '../api/definition-answers.ts'
import { callOwner } from './connection.ts'
import { directoryOf } from './directory.ts'
import { printNote } from './output.ts'
import type { GlobalOptions } from './verb.ts'

/**
 * Says, where a platform runs, that the project file means something else than the definitions that it goes by: whoever has just edited
 * the file would take its answer for one by the file. A file that cannot be read is no news to the platform, and says nothing here.
 */
export async function noteOtherDefinitions(options: GlobalOptions): Promise<void> {
  const owner = await readOwner(directoryOf(options))
  if (owner?.url === undefined) return
  const { loadProject } = await import('../app/load-project.ts')
  const project = await loadProject(options.config).catch(() => undefined)
  if (project === undefined) return
  const { planDefinitions } = await import('../app/definition-plan.ts')
  const { changes } = planDefinitions((await callOwner(owner.url, 'definitions', {})) as DefinitionsNow, project)
  if (changes.length === 0) return
  const names = changes.map(({ kind, name }) => `${kind} ${name}`).join(', ')
  printNote(
    `note: the platform that runs goes by other definitions than the project file (${names}), and so does this. \`trueline plan\` says how they differ, \`trueline apply\` brings the file into force.`,
  )
}
