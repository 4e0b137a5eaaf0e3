import { join } from 'node:path'

/** The package's own folder, from the sources as from the built files: three levels above this file. */
const packageFolder = join(import.meta.dirname, '..', '..', '..')

/** Path of a file that the package carries, such as a runbook or an example. */
export function packageFile(...parts: string[]): string {
  return join(packageFolder, ...parts)
}
