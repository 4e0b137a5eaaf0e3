import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { TruelineError } from '../../core/errors.ts'
import { errorCode, writeFileDurably } from '../durable-file.ts'
import { isLocked } from './lock.ts'

/** The process that owns a data directory, as its `owner.json` says. */
export interface Owner {
  readonly pid: number
  /** Version of Trueline. */
  readonly version: string
  /** ISO 8601, the platform's time. */
  readonly started_at: string
  /** Where it can be talked to; absent when it does not serve. */
  readonly url?: string
}

/** The file whose lock is the ownership. */
export function lockPath(directory: string): string {
  return join(directory, 'lock.db')
}

function ownerPath(directory: string): string {
  return join(directory, 'owner.json')
}

/**
 * Who owns a data directory right now; undefined when nobody does. What a process that was killed left behind does not
 * count.
 * @throws TruelineError `directory_in_use` when the owner does not say who it is within a second
 */
export async function readOwner(directory: string): Promise<Owner | undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    if (!existsSync(lockPath(directory)) || !isLocked(lockPath(directory))) return undefined
    const owner = recordedOwner(directory)
    if (owner !== undefined) return owner
    // An owner takes the lock first and then writes who it is; it leaves in the opposite order.
    await setTimeout(50)
  }
  const message = `The data directory ${directory} is in use by a process that does not say who it is.`
  throw new TruelineError('directory_in_use', message, { path: directory })
}

function recordedOwner(directory: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(ownerPath(directory), 'utf8')) as Owner
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return undefined
    throw thrown
  }
}

/** Writes who owns the directory, readable by this user alone. */
export async function writeOwner(directory: string, owner: Owner): Promise<void> {
  await writeFileDurably(ownerPath(directory), `${JSON.stringify(owner, null, 2)}\n`, 0o600)
}

export async function removeOwner(directory: string): Promise<void> {
  await rm(ownerPath(directory), { force: true })
}
