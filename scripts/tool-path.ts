import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Path of the command that a development dependency brings. */
export function toolPath(name: string): string {
  const folder = join(import.meta.dirname, '..', 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>
  }
  const relative = typeof bin === 'string' ? bin : Object.values(bin)[0]
  if (relative === undefined) throw new Error(`${name} has no command`)
  return join(folder, relative)
}
