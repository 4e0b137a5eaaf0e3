import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalJson } from '../../../core/canonical.ts'
import type { Digest } from '../../../core/digest.ts'
import { settleFile, syncFolder, writeFileDurably } from '../../../stores/durable-file.ts'
import { digestOfFile } from '../../../stores/lake/file-digest.ts'
import type { StepName } from './step-names.ts'

/** A file that a step gave. */
export interface StepFile {
  readonly digest: Digest
  readonly bytes: number
}

/** What a step gave: files by name, and figures as plain JSON. */
export interface StepOutput {
  readonly step: StepName
  readonly key: Digest
  /** The run that made it. */
  readonly run: string
  /** When it was made, and when it was last taken; microseconds. */
  readonly at: number
  readonly usedAt: number
  readonly files: Readonly<Record<string, StepFile>>
  readonly figures: unknown
}

/** Where the outputs of steps are kept. */
export interface StepKeeping {
  /** Folder of the outputs: all of it may be removed at any time, and is then made again. */
  readonly folder: string
  /** Who keeps, such as `run-12`. */
  readonly run: string
  /** The platform's time, microseconds. */
  readonly at: number
  /** Whether outputs of other runs are taken: those of the same run always are. */
  readonly reads: boolean
}

/** Outputs of steps by the digest of what they were made from. */
export interface StepCache {
  /**
   * The output under a key, of any run or of the same one only. Each of its files is held to its digest first: one that is
   * gone or damaged is no output, and `onLost` is told which.
   */
  find(key: Digest, onLost: (sentence: string) => void, ofSameRun?: boolean): Promise<StepOutput | undefined>
  /** Keeps files, which are moved, under a key; all is on disk when the promise resolves. */
  keep(made: Pick<StepOutput, 'step' | 'key' | 'figures'>, files: Readonly<Record<string, string>>): Promise<StepOutput>
  /** Absolute path of a file. */
  path(file: StepFile): string
}

/** Opens a folder of outputs, which is created when missing. One process keeps in it at a time. */
export function openStepCache({ folder, run, at, reads }: StepKeeping): StepCache {
  const path = ({ digest }: StepFile): string => blobPath(folder, digest)
  return {
    path,
    async find(key, onLost, ofSameRun = false) {
      const output = await readEntry(entryPath(folder, key))
      if (output === undefined || ((!reads || ofSameRun) && output.run !== run)) return undefined
      for (const [name, file] of Object.entries(output.files)) {
        const state = await stateOf(path(file), file)
        if (state === 'whole') continue
        onLost(`What ${output.run} kept of this step cannot be taken: its file ${name} is ${state}.`)
        await rm(entryPath(folder, key), { force: true })
        await rm(path(file), { force: true })
        return undefined
      }
      await writeFileDurably(entryPath(folder, key), canonicalJson({ ...output, usedAt: at }))
      return output
    },
    async keep(made, files) {
      const kept: Record<string, StepFile> = {}
      for (const [name, from] of Object.entries(files)) {
        const file = { digest: await digestOfFile(from), bytes: (await stat(from)).size }
        await mkdir(dirname(path(file)), { recursive: true })
        await settleFile(from, path(file))
        kept[name] = file
      }
      const output: StepOutput = { ...made, run, at, usedAt: at, files: kept }
      const entry = entryPath(folder, made.key)
      if ((await mkdir(dirname(entry), { recursive: true })) !== undefined) await syncFolder(folder)
      await writeFileDurably(entry, canonicalJson(output))
      return output
    },
  }
}

/**
 * Removes the outputs that were not taken for longest, so many that the others fit into so many bytes; those of a run stay.
 * @returns how many outputs were removed
 */
export async function trimStepCache(folder: string, mostBytes: number, run: string): Promise<number> {
  const entries = join(folder, 'steps')
  if (!existsSync(entries)) return 0
  const outputs: StepOutput[] = []
  for (const name of await readdir(entries)) {
    const output = await readEntry(join(entries, name))
    if (output !== undefined) outputs.push(output)
  }
  outputs.sort((a, b) => b.usedAt - a.usedAt)
  const kept = new Set<Digest>()
  let bytes = 0
  let removed = 0
  for (const output of [...outputs.filter((one) => one.run === run), ...outputs.filter((one) => one.run !== run)]) {
    const files = Object.values(output.files).filter(({ digest }) => !kept.has(digest))
    const more = files.reduce((sum, file) => sum + file.bytes, 0)
    if (output.run === run || bytes + more <= mostBytes) {
      bytes += more
      for (const { digest } of files) kept.add(digest)
    } else {
      await rm(entryPath(folder, output.key), { force: true })
      removed += 1
    }
  }
  await removeBlobs(folder, kept)
  return removed
}

async function removeBlobs(folder: string, kept: ReadonlySet<Digest>): Promise<void> {
  const blobs = join(folder, 'files')
  if (!existsSync(blobs)) return
  for (const name of await readdir(blobs)) if (!kept.has(`sha256:${name}`)) await rm(join(blobs, name))
}

async function stateOf(path: string, { digest, bytes }: StepFile): Promise<'whole' | 'gone' | 'damaged'> {
  if (!existsSync(path)) return 'gone'
  if ((await stat(path)).size !== bytes) return 'damaged'
  return (await digestOfFile(path)) === digest ? 'whole' : 'damaged'
}

/** Undefined for one that is not there, or cannot be read: it is made again then. */
async function readEntry(path: string): Promise<StepOutput | undefined> {
  if (!path.endsWith('.json') || !existsSync(path)) return undefined
  try {
    return JSON.parse(await readFile(path, 'utf8')) as StepOutput
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}

function entryPath(folder: string, key: Digest): string {
  return join(folder, 'steps', `${key.slice('sha256:'.length)}.json`)
}

function blobPath(folder: string, digest: Digest): string {
  return join(folder, 'files', digest.slice('sha256:'.length))
}
