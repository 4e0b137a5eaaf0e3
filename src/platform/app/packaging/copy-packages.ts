import { cp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ProductionPackage } from './production-packages.ts'

/** What of the package itself a container needs; its other files are for who reads and tries it. */
const OWN_FILES = ['package.json', 'LICENSE', 'dist', join('docs', 'runbooks')]

/** Maps and declarations are for compilers. */
const FOR_COMPILERS = /\.(?:d\.[cm]?ts|map)$/

/**
 * Copies packages to their places below a folder of `node_modules`.
 * @param own name of the package itself
 */
export async function copyPackages(packages: readonly ProductionPackage[], own: string, folder: string): Promise<void> {
  for (const { name, folder: from, place } of packages) {
    const to = join(folder, place)
    if (name === own)
      for (const file of OWN_FILES)
        await cp(join(from, file), join(to, file), { recursive: true, filter: (path) => !FOR_COMPILERS.test(path) })
    else
      await cp(from, to, {
        recursive: true,
        dereference: true,
        // What a package brings below itself has its own place.
        filter: (path) => basename(path) !== 'node_modules' && !FOR_COMPILERS.test(path),
      })
  }
}
