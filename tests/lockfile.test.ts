import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const file = join(import.meta.dirname, '../package-lock.json')
const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockedPackage> }

/** Where a package finds a dependency: in its own node_modules, or in that of a folder above. */
function isLocked(from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true
    if (folder === '') return false
  }
}

// A registry that lacks the packages of other platforms leaves them out of the lockfile, and `npm ci` then refuses it.
test('every dependency that a locked package names is locked, those of other platforms included', () => {
  const missing = Object.entries(packages).flatMap(([from, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(from, name))
      .map((name) => `${from === '' ? 'the package' : from} names ${name}`),
  )
  expect(missing).toEqual([])
})

test("the lockfile names no registry's host", () => {
  expect(Object.entries(packages).filter(([, { resolved }]) => resolved?.includes('://'))).toEqual([])
})
