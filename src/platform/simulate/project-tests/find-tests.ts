import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TruelineError } from '../../../core/errors.ts'
import { collectTests, type ProjectTest } from '../../../language/define/scenario.ts'

/** A file of tests, loaded. */
export interface TestFile {
  /** Absolute. */
  readonly path: string
  readonly tests: readonly ProjectTest[]
}

/** The ending is one that no common test runner looks for. */
const ending = /\.trueline\.[jt]s$/

/**
 * Loads a project's tests: those of the files given, else of every `*.trueline.ts` and `*.trueline.js` in the folder and
 * below it.
 * @throws TruelineError `no_tests`, `file_not_found`, `tests_invalid` for a file that cannot be run
 */
export async function findTests(folder: string, given: readonly string[]): Promise<readonly TestFile[]> {
  const paths = given.length === 0 ? await testFilesBelow(folder) : given.map((path) => resolve(path))
  const files: TestFile[] = []
  for (const path of paths) files.push({ path, tests: await loadTests(path) })
  if (files.every(({ tests }) => tests.length === 0))
    throw new TruelineError('no_tests', `There is no test in ${given.length === 0 ? folder : given.join(', ')}.`, {
      path: folder,
    })
  return files
}

/** Paths of the files of tests in a folder and below it. */
export async function testFilesBelow(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await testFilesBelow(path)))
    else if (ending.test(entry.name)) found.push(path)
  }
  return found.sort()
}

async function loadTests(path: string): Promise<readonly ProjectTest[]> {
  if (!existsSync(path)) throw new TruelineError('file_not_found', `There is no file ${path}.`, { path })
  try {
    return await collectTests(() => import(pathToFileURL(path).href))
  } catch (cause) {
    const shown = relative(process.cwd(), path)
    const { message } = cause as Error
    if (cause instanceof TruelineError)
      throw new TruelineError(cause.code, `${shown}: ${message}`, { path, remedy: cause.remedy, cause })
    throw new TruelineError('tests_invalid', `${shown}: ${message}`, { path, cause })
  }
}
