import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TruelineError } from '../../core/errors.ts'
import { packageFile } from './package-folder.ts'

/** How the examples name the package inside this repository. */
const ownSources = /'(?:\.\.\/)+src\/index\.ts'/g

/**
 * Copies an example that the package carries; its imports then name the package as `specifier` says.
 * @returns the names of the files written
 * @throws TruelineError `file_exists` rather than overwrite anything
 */
export async function copyExample(name: string, folder: string, specifier: string): Promise<string[]> {
  const source = packageFile('examples', name)
  const names = (await readdir(source)).filter((file) => !file.startsWith('.') && !file.endsWith('.test.ts'))
  const taken = names.find((file) => existsSync(join(folder, file)))
  if (taken !== undefined)
    throw new TruelineError('file_exists', `${join(folder, taken)} exists already.`, { path: join(folder, taken) })
  await mkdir(folder, { recursive: true })
  for (const file of names) {
    if (file.endsWith('.ts')) {
      const text = await readFile(join(source, file), 'utf8')
      await writeFile(join(folder, file), text.replaceAll(ownSources, `'${specifier}'`))
    } else await cp(join(source, file), join(folder, file), { recursive: true })
  }
  return names
}
