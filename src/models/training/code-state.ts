import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Digest } from '../../core/digest.ts'
import { digestOfFile } from '../../stores/lake/file-digest.ts'

/** Which state of its code a project is in, as far as git knows. */
export interface CodeState {
  /** Hash of the commit; absent before the first one. */
  readonly commit?: string
  /** Digest of what differs from the commit, and of files that git does not know yet; absent where nothing does. */
  readonly changes?: Digest
}

const MOST_DIFFERENCE_BYTES = 256 * 2 ** 20
const MOST_MILLISECONDS = 20_000

/**
 * The state of the code below a folder.
 * @returns undefined where the folder is in no repository, or git is not there
 */
export async function codeState(folder: string): Promise<CodeState | undefined> {
  const isInside = await git(folder, ['rev-parse', '--is-inside-work-tree'])
  if (isInside?.toString().trim() !== 'true') return undefined
  const commit = (await git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD']))?.toString().trim()
  const changed = await git(folder, [
    'diff',
    '--binary',
    '--no-ext-diff',
    '--no-color',
    ...(commit ? ['HEAD'] : []),
    '--',
    '.',
  ])
  const listed = await git(folder, ['ls-files', '--others', '--exclude-standard', '-z', '--', '.'])
  const unknown = (listed?.toString() ?? '').split('\0').filter((path) => path !== '')
  const isClean = changed?.length === 0 && unknown.length === 0
  return {
    ...(commit === undefined || commit === '' ? {} : { commit }),
    ...(isClean ? {} : { changes: await digestOfChanges(folder, changed, unknown.sort()) }),
  }
}

async function digestOfChanges(
  folder: string,
  changed: Buffer | undefined,
  unknown: readonly string[],
): Promise<Digest> {
  const hash = createHash('sha256').update(changed ?? 'a difference that is too large')
  for (const path of unknown) {
    const content = await digestOfFile(join(folder, path)).catch(() => 'unreadable')
    hash.update(`\0${path}\0${content}`)
  }
  return `sha256:${hash.digest('hex')}`
}

/** What git prints; undefined where it fails. */
async function git(folder: string, words: readonly string[]): Promise<Buffer | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, ...words], {
      ...{ encoding: 'buffer', maxBuffer: MOST_DIFFERENCE_BYTES, timeout: MOST_MILLISECONDS },
    })
    return stdout
  } catch {
    return undefined
  }
}
