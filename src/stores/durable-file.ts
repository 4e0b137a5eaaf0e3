import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TruelineError } from '../core/errors.ts'

/**
 * Writes a whole file so that it is on disk when the promise resolves, and never half there: a temporary file beside
 * it, synced, takes its name.
 * @param mode permissions of the new file
 * @throws TruelineError `disk_full`
 */
export async function writeFileDurably(path: string, content: string, mode = 0o644): Promise<void> {
  const temporary = `${path}.tmp`
  await rm(temporary, { force: true })
  await writeSynced(temporary, mode, (file) => file.writeFile(content))
  await renameDurably(temporary, path)
}

/**
 * Creates a file, lets `write` fill it, and syncs it; nothing is left of it when that fails.
 * @throws TruelineError `disk_full`
 */
export async function writeSynced(
  path: string,
  mode: number,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await write(file)
    await file.sync()
  } catch (thrown) {
    await rm(path, { force: true })
    throw fileError(thrown, path)
  } finally {
    await file.close()
  }
}

/** Gives a synced file its final name, in place of what was there, and syncs the folder. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  await syncFolder(dirname(to))
}

/** Puts what was written into a file on disk, and gives the file its final name, in place of what was there. */
export async function settleFile(from: string, to: string): Promise<void> {
  const file = await open(from, 'r')
  await file.sync().finally(() => file.close())
  await renameDurably(from, to)
}

/** Puts a folder's list of names on disk: without it a new name may be lost with the machine's power. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** A file system's error as `disk_full` where it is that; anything else as it came. */
export function fileError(thrown: unknown, path: string): unknown {
  const code = errorCode(thrown)
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return thrown
  return new TruelineError('disk_full', `The disk of ${path} is full.`, { path, cause: thrown })
}

/** The system's name of an error, such as ENOENT; undefined for an error that has none. */
export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
}
