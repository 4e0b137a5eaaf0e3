import type { ProjectDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'
import { definitionsOf, valueKinds } from './reads.ts'

/** Names stand in addresses, file names and metrics. */
const shape = /^[A-Za-z][A-Za-z0-9_-]*$/
const MOST_LETTERS = 100

/** Checks the name of a definition or of a feature. */
export function checkName(name: string, place: string, mistakes: Mistakes): void {
  if (!shape.test(name))
    mistakes.add('definition_invalid', place, `'${name}' is not a name: letters, digits, _ and -, a letter first.`)
  else if (name.length > MOST_LETTERS)
    mistakes.add('definition_invalid', place, `The name is ${name.length} letters long; ${MOST_LETTERS} are the most.`)
}

/** Checks that a definition whose values can be read by its name shares the name with none of some other kinds. */
export function checkOwnName(
  name: string,
  others: readonly (keyof typeof valueKinds)[],
  project: ProjectDefinition,
  mistakes: Mistakes,
): void {
  for (const kind of others)
    if (Object.hasOwn(definitionsOf(kind, project), name))
      mistakes.add(
        'definition_invalid',
        '',
        `There is a ${valueKinds[kind]} of this name.`,
        'Give it a name of its own.',
      )
}
