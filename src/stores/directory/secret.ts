import { existsSync, readFileSync } from 'node:fs'
import { TruelineError } from '../../core/errors.ts'
import { secretBytes } from '../../core/random.ts'
import { writeFileDurably } from '../durable-file.ts'

const BYTES = 32

/**
 * The secret of a data directory, made when it has none: what sensitive columns of logged predictions are sealed with. It
 * never leaves the directory; without it, what was sealed cannot be opened any more.
 * @throws TruelineError `directory_damaged` when the file is not one
 */
export async function readSecret(path: string): Promise<Uint8Array> {
  if (!existsSync(path)) await writeFileDurably(path, `${Buffer.from(secretBytes(BYTES)).toString('base64')}\n`, 0o600)
  const secret = Buffer.from(readFileSync(path, 'utf8'), 'base64')
  if (secret.length !== BYTES) throw new TruelineError('directory_damaged', `${path} holds no secret.`, { path })
  return secret
}
