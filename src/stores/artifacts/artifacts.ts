import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { type Digest, digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { errorCode, fileError, renameDurably, syncFolder, writeSynced } from '../durable-file.ts'

/** Blobs that are kept for ever under the digest of their bytes. */
export interface Artifacts {
  /**
   * Keeps bytes; the same bytes are kept once. They are on disk when the promise resolves.
   * @throws TruelineError `disk_full`
   */
  put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Digest>
  /**
   * The bytes of a digest, checked against it.
   * @throws TruelineError `artifact_missing`, `artifact_corrupt`, `invalid_parameter` when it is not a digest
   */
  get(digest: string): Promise<Uint8Array>
  /** Whether there are bytes under the digest; they are not checked. */
  has(digest: string): Promise<boolean>
  /** Absolute path of the blob's file, there or not, for a library that reads files itself. */
  path(digest: string): string
}

/**
 * Opens a folder of blobs, created when missing. What a process that ended in the middle of writing left behind is
 * removed, so the caller owns the folder.
 */
export async function openArtifacts(path: string): Promise<Artifacts> {
  const folder = resolve(path)
  const unfinished = join(folder, 'unfinished')
  let written = 0

  async function put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Digest> {
    const temporary = join(unfinished, `${process.pid}-${written++}`)
    const chunks = content instanceof Uint8Array ? [content] : content
    const hash = createHash('sha256')
    await writeSynced(temporary, 0o444, async (file) => {
      for await (const chunk of chunks) {
        hash.update(chunk)
        await file.writeFile(chunk)
      }
    })
    const digest: Digest = `sha256:${hash.digest('hex')}`
    await moveInto(folder, temporary, digest)
    return digest
  }

  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  return {
    put,
    get: (digest) => readChecked(blobPath(folder, digest), digest),
    has: async (digest) => existsSync(blobPath(folder, digest)),
    path: (digest) => blobPath(folder, digest),
  }
}

/** Reads a folder of blobs that another process owns. */
export function artifactReader(path: string): Pick<Artifacts, 'get'> {
  const folder = resolve(path)
  return { get: (digest) => readChecked(blobPath(folder, digest), digest) }
}

/** A blob that is there already is replaced by the same bytes, which mends it if it was damaged. */
async function moveInto(folder: string, temporary: string, digest: Digest): Promise<void> {
  const target = blobPath(folder, digest)
  try {
    const created = await mkdir(dirname(target), { recursive: true })
    if (created !== undefined) await syncFolder(folder)
    await renameDurably(temporary, target)
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw fileError(thrown, target)
  }
}

async function readChecked(path: string, digest: string): Promise<Uint8Array> {
  let content: Uint8Array
  try {
    content = await readFile(path)
  } catch (thrown) {
    if (errorCode(thrown) !== 'ENOENT') throw thrown
    throw new TruelineError('artifact_missing', `There is no artifact ${digest}.`, { path, cause: thrown })
  }
  if (digestOf(content) === digest) return content
  throw new TruelineError('artifact_corrupt', `The content of ${path} does not match its digest.`, { path })
}

/** Only a digest leads to a path, so none leaves the folder. */
function blobPath(folder: string, digest: string): string {
  const match = /^sha256:([0-9a-f]{2})([0-9a-f]{62})$/.exec(digest)
  if (match === null) throw new TruelineError('invalid_parameter', `'${digest}' is not a digest.`, { path: 'digest' })
  return join(folder, match[1] as string, match[2] as string)
}
