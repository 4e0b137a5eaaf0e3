import { existsSync, readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { type Digest, digestOf } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'

/** Files of a project that a program is made of, by their paths from its folder. */
export interface ProgramFiles {
  readonly digests: Readonly<Record<string, Digest>>
  /** Their content, base64; of larger ones the digest is all that is kept. */
  readonly contents: Readonly<Record<string, string>>
}

const MOST_FILES = 10_000
const MOST_KEPT_BYTES = 2 ** 20

/** What is made again, or is somebody else's. */
const leftOut = new Set(['__pycache__', 'node_modules'])

/**
 * The files that a command names, and those that are named beside it; of a folder all that lies in it, but what is hidden or made again.
 * @throws TruelineError `file_not_found` for one that is named beside the command and not there
 */
export async function readProgramFiles(
  run: readonly string[],
  named: readonly string[],
  folder: string,
): Promise<ProgramFiles> {
  const paths = new Set(run.flatMap((word) => (isFileBelow(folder, word) ? [resolve(folder, word)] : [])))
  for (const name of named) {
    const path = resolve(folder, name)
    if (!existsSync(path))
      throw new TruelineError('file_not_found', `The trainer names '${name}', which is not there.`, {
        path: 'trainer.files',
      })
    for (const one of filesBelow(path)) paths.add(one)
  }
  const digests: Record<string, Digest> = {}
  const contents: Record<string, string> = {}
  for (const path of [...paths].sort().slice(0, MOST_FILES)) {
    const content = await readFile(path)
    const name = relative(folder, path).split(sep).join('/')
    digests[name] = digestOf(content)
    if (content.length <= MOST_KEPT_BYTES) contents[name] = content.toString('base64')
  }
  return { digests, contents }
}

function isFileBelow(folder: string, word: string): boolean {
  const path = resolve(folder, word)
  const below = relative(folder, path)
  return below !== '' && !below.startsWith('..') && !isAbsolute(below) && existsSync(path) && statSync(path).isFile()
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || leftOut.has(entry.name)) return []
    if (entry.isDirectory()) return filesBelow(join(path, entry.name))
    return entry.isFile() ? [join(path, entry.name)] : []
  })
}
