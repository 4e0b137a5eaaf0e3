import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { TruelineError } from '../../../core/errors.ts'
import type { TreeFile } from '../../../stores/artifacts/artifact-trees.ts'
import type { Artifacts } from '../../../stores/artifacts/artifacts.ts'

/** Files up to this size are checked before the first byte goes out. */
const CHECKED_BEFORE = 1 << 20
const CHUNK = 1 << 18

/**
 * The content of a file, read in bounded memory and checked against its digest. Of a large file that was tampered with,
 * the last chunk is held back and the stream fails, so that no client takes it for whole.
 * @throws TruelineError `artifact_missing`, `artifact_corrupt`
 */
export async function contentOf(artifacts: Artifacts, file: TreeFile): Promise<Uint8Array | Readable> {
  if (file.size <= CHECKED_BEFORE) return await artifacts.get(file.digest)
  if (!(await artifacts.has(file.digest)))
    throw new TruelineError('artifact_missing', `There is no artifact ${file.digest}.`, { path: file.path })
  return Readable.from(checkedChunks(artifacts.path(file.digest), file), { objectMode: false, highWaterMark: CHUNK })
}

async function* checkedChunks(path: string, file: TreeFile): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let held: Buffer | undefined
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    if (held !== undefined) yield held
    held = chunk
  }
  if (`sha256:${hash.digest('hex')}` !== file.digest)
    throw new TruelineError('artifact_corrupt', `The content of ${path} does not match its digest.`, {
      path: file.path,
    })
  if (held !== undefined) yield held
}
