import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { type Digest, digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { errorCode, fileError, renameDurably, syncFolder, writeSynced } from '../durable-file.ts'

const BLOCK = 1 << 20
/** More than this is not left to the end: whoever waits for an answer to a large file would wait for the whole disk. */
const SYNCED_AT_ONCE = 1 << 26

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
  /** Reads a blob in bounded memory and says whether its bytes are what its digest says. */
  check(digest: string): Promise<'whole' | 'missing' | 'corrupt'>
  /** Every blob that there is, in the order of digests. */
  list(): AsyncIterable<StoredBlob>
  /**
   * Takes a blob away for good, unless it is gone or was put again since it was listed.
   * @returns whether it was taken away
   */
  discard(blob: StoredBlob): Promise<boolean>
}

/** A blob as it was found. */
export interface StoredBlob {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** Another text whenever it is put again. */
  readonly put: string
}

/**
 * Opens a folder of blobs, created when missing. What a process that ended in the middle of writing left behind is
 * removed, so the caller owns the folder.
 */
export async function openArtifacts(path: string): Promise<Artifacts> {
  const folder = resolve(path)
  const unfinished = join(folder, 'unfinished')
  let count = 0

  async function put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Digest> {
    const temporary = join(unfinished, `${process.pid}-${count++}`)
    const chunks = content instanceof Uint8Array ? [content] : content
    const hash = createHash('sha256')
    await writeSynced(temporary, 0o444, async (file) => {
      // One block is written while the next one comes and is hashed. Both promises are awaited above or below; until then
      // nobody else hears of their failure.
      let written: Promise<void> = Promise.resolve()
      let synced: Promise<void> = Promise.resolve()
      let unsynced = 0
      for await (const block of blocksOf(chunks)) {
        hash.update(block)
        await written
        if (unsynced >= SYNCED_AT_ONCE) {
          await synced
          synced = file.datasync()
          synced.catch(() => undefined)
          unsynced = 0
        }
        written = file.writeFile(block)
        written.catch(() => undefined)
        unsynced += block.length
      }
      await Promise.all([written, synced])
    })
    const digest: Digest = `sha256:${hash.digest('hex')}`
    await moveInto(folder, temporary, digest)
    return digest
  }

  await mkdir(unfinished, { recursive: true })
  await settleUnfinished(folder, unfinished)
  return {
    put,
    get: (digest) => readChecked(blobPath(folder, digest), digest),
    has: async (digest) => existsSync(blobPath(folder, digest)),
    path: (digest) => blobPath(folder, digest),
    check: (digest) => checkBlob(blobPath(folder, digest), digest),
    list: () => listBlobs(folder),
    discard: (blob) => discardBlob(blobPath(folder, blob.digest), join(unfinished, `${blob.digest}.aside`), blob),
  }
}

/** Chunks put together to blocks that are worth a write each. */
async function* blocksOf(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    held.push(chunk)
    size += chunk.length
    if (size < BLOCK) continue
    yield held.length === 1 ? chunk : Buffer.concat(held, size)
    held = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(held, size)
}

/** Reads a folder of blobs that another process owns. */
export function artifactReader(path: string): Pick<Artifacts, 'get' | 'path' | 'check' | 'list'> {
  const folder = resolve(path)
  return {
    get: (digest) => readChecked(blobPath(folder, digest), digest),
    path: (digest) => blobPath(folder, digest),
    check: (digest) => checkBlob(blobPath(folder, digest), digest),
    list: () => listBlobs(folder),
  }
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

/** What was half written goes; what was taken aside goes back, as whether it was to go is not known any more. */
async function settleUnfinished(folder: string, unfinished: string): Promise<void> {
  for (const name of await readdir(unfinished)) {
    const digest = /^(sha256:[0-9a-f]{64})\.aside$/.exec(name)?.[1]
    if (digest === undefined) await rm(join(unfinished, name), { recursive: true, force: true })
    else await moveInto(folder, join(unfinished, name), digest as Digest)
  }
}

async function checkBlob(path: string, digest: string): Promise<'whole' | 'missing' | 'corrupt'> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Uint8Array)
  } catch (thrown) {
    if (errorCode(thrown) !== 'ENOENT') throw thrown
    return 'missing'
  }
  return `sha256:${hash.digest('hex')}` === digest ? 'whole' : 'corrupt'
}

async function* listBlobs(folder: string): AsyncIterable<StoredBlob> {
  if (!existsSync(folder)) return
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name))
  for (const name of names.sort())
    for (const rest of (await readdir(join(folder, name))).sort()) {
      const digest: Digest = `sha256:${name}${rest}`
      const found = await statBlob(join(folder, name, rest))
      if (found !== undefined) yield { digest, ...found }
    }
}

async function statBlob(path: string): Promise<Pick<StoredBlob, 'size' | 'put'> | undefined> {
  try {
    const { size, ino, mtimeNs } = await stat(path, { bigint: true })
    return { size: Number(size), put: `${ino}-${mtimeNs}` }
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return undefined
    throw thrown
  }
}

/**
 * The file is taken aside before it is looked at: one that is put at the same time has its name afterwards, and one that
 * was put just before goes back.
 */
async function discardBlob(path: string, aside: string, blob: StoredBlob): Promise<boolean> {
  if ((await statBlob(path))?.put !== blob.put) return false
  try {
    await rename(path, aside)
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return false
    throw thrown
  }
  const isSame = (await statBlob(aside))?.put === blob.put
  if (isSame) await rm(aside)
  else await renameDurably(aside, path)
  return isSame
}

/** Only a digest leads to a path, so none leaves the folder. */
function blobPath(folder: string, digest: string): string {
  const match = /^sha256:([0-9a-f]{2})([0-9a-f]{62})$/.exec(digest)
  if (match === null) throw new TruelineError('invalid_parameter', `'${digest}' is not a digest.`, { path: 'digest' })
  return join(folder, match[1] as string, match[2] as string)
}
