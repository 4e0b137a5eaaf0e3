import { statSync } from 'node:fs'

/** Which file stands at a path, by its device and number; undefined for none. A file that is open stays it when it is removed from its path. */
export function fileIdentity(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? undefined : `${found.dev}:${found.ino}`
}
