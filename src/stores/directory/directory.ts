import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import type { Clock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import { packageVersion } from '../../core/package-version.ts'
import { formatTime } from '../../core/time.ts'
import { errorCode, fileError } from '../durable-file.ts'
import { refuseForeignFolder, settleLayoutVersion } from './layout-version.ts'
import { type Lock, takeLock } from './lock.ts'
import { lockPath, readOwner, removeOwner, writeOwner } from './owner.ts'
import { requireWhole } from './require-whole.ts'

/** A data directory that this process owns until it closes it or ends. */
export interface DataDirectory {
  /** Absolute path. */
  readonly path: string
  readonly paths: {
    /** SQLite file of the metadata. */
    readonly metadata: string
    /** SQLite file of the event log. */
    readonly log: string
    /** Folder of Parquet files. */
    readonly lake: string
    /** Folder of blobs by digest. */
    readonly artifacts: string
    /** File of the feature state: a copy, for a start that need not read all history. */
    readonly state: string
    /** File of the secret that sensitive columns of predictions are sealed with. */
    readonly secret: string
  }
  /** Tells the command line where this process can be talked to. */
  announce(address: { readonly url: string }): Promise<void>
  /** Gives the directory up; close its stores first. */
  close(): Promise<void>
}

/**
 * Takes a data directory for this process alone; it is created when missing.
 * @throws TruelineError `directory_in_use` (names the process that owns it), `directory_newer`, `directory_damaged`,
 *   `directory_foreign` when the folder holds other files, `directory_unusable` when it cannot be written, `disk_full`
 */
export async function openDirectory(path: string, { clock }: { clock: Clock }): Promise<DataDirectory> {
  const directory = resolve(path)
  const paths = {
    metadata: join(directory, 'meta.db'),
    log: join(directory, 'log.db'),
    lake: join(directory, 'lake'),
    artifacts: join(directory, 'artifacts'),
    state: join(directory, 'features.state'),
    secret: join(directory, 'secret'),
  }
  const self = { pid: process.pid, version: packageVersion, started_at: formatTime(clock.now()) }
  const lock = await lockDirectory(directory)
  try {
    await removeOwner(directory)
    await settleLayoutVersion(directory)
    requireWhole(paths)
    await writeOwner(directory, self)
    await mkdir(paths.lake, { recursive: true })
    await mkdir(paths.artifacts, { recursive: true })
  } catch (thrown) {
    lock.release()
    throw usable(thrown, directory)
  }
  return {
    path: directory,
    paths,
    announce: (address) => writeOwner(directory, { ...self, ...address }),
    async close() {
      await removeOwner(directory)
      lock.release()
    },
  }
}

async function lockDirectory(directory: string): Promise<Lock> {
  try {
    await mkdir(directory, { recursive: true })
    await refuseForeignFolder(directory)
    const lock = takeLock(lockPath(directory))
    if (lock !== undefined) return lock
  } catch (thrown) {
    throw usable(thrown, directory)
  }
  throw await inUse(directory)
}

async function inUse(directory: string): Promise<TruelineError> {
  const owner = await readOwner(directory)
  // It may have closed the directory since we asked for the lock.
  if (owner === undefined)
    return new TruelineError('directory_in_use', `The data directory ${directory} was in use until just now.`)
  const address = owner.url === undefined ? '' : ` at ${owner.url}`
  const message = `The data directory ${directory} is in use by process ${owner.pid}${address}, since ${owner.started_at}.`
  return new TruelineError('directory_in_use', message, { path: directory })
}

function usable(thrown: unknown, directory: string): unknown {
  const code = errorCode(thrown)
  const unusable = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG', 'ERR_SQLITE_ERROR']
  if (code === undefined || !unusable.includes(code)) return fileError(thrown, directory)
  const reason = (thrown as Error).message
  return new TruelineError('directory_unusable', `${directory} cannot be used: ${reason}`, {
    path: directory,
    cause: thrown,
  })
}
