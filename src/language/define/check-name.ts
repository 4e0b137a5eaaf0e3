import type { Mistakes } from './mistakes.ts'

/** Names stand in addresses, file names and metrics. */
const shape = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/

/** Checks the name of a definition or of a feature. */
export function checkName(name: string, place: string, mistakes: Mistakes): void {
  if (!shape.test(name))
    mistakes.add('definition_invalid', place, `'${name}' is not a name: letters, digits, _ and -, a letter first.`)
}
