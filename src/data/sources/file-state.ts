import { type FileHandle, stat } from 'node:fs/promises'
import { digestOf } from '../../core/digest.ts'
import { MINUTE } from '../../core/time.ts'

/** Bytes at either end of what was read that tell a file which grew from one that was written anew. */
const ENDS = 4096
/** A file that nobody has written to for this long is as it is meant to be. */
const SETTLED = MINUTE

/** How far a file was read. */
export interface FilePosition {
  /** Of the file when it was read, in bytes and milliseconds. */
  readonly size: number
  readonly mtime: number
  /** Bytes that were read. */
  readonly offset: number
  /** Number of the line that begins there. */
  readonly line: number
  /** Digest of the ends of what was read. */
  readonly ends: string
  /** Rows that were read, of a file that does not grow. */
  readonly rows: number
  /** Names of the columns, of a file with a header. */
  readonly header?: readonly string[]
  /** Where the last line begins that was taken without an end: what comes next may be its rest. */
  readonly half?: { readonly offset: number; readonly line: number; readonly isHeader: boolean }
  /** There is a last line without an end, or a file that is not whole: since then, microseconds. */
  readonly waiting?: number
}

/** A file as it stands. */
export interface FileNow {
  /** As the project file names it, or below what it names. */
  readonly name: string
  readonly path: string
  readonly size: number
  /** Milliseconds. */
  readonly mtime: number
}

export const unread = { offset: 0, line: 1, rows: 0, ends: '' } as const

/**
 * Size and time of a file; undefined when it is gone, or is a folder.
 * @throws Error of the system when it cannot be looked at
 */
export async function fileNow(name: string, path: string): Promise<FileNow | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? { name, path, size: found.size, mtime: found.mtimeMs } : undefined
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

/** Whether a file is as it was when it was read last. */
export function isUnchanged(file: FileNow, before: FilePosition | undefined): before is FilePosition {
  return before !== undefined && before.size === file.size && before.mtime === file.mtime
}

/** Whether what stands in a file now is what it is meant to hold: it was found so before, or is old. */
export function isSettled(file: FileNow, before: FilePosition | undefined, now: number): boolean {
  return isUnchanged(file, before) || now - file.mtime * 1000 >= SETTLED
}

/** Where to go on in a file that may have grown; the beginning of one that was written anew. */
export async function placeIn(
  handle: FileHandle,
  size: number,
  before: FilePosition | undefined,
): Promise<FilePosition | typeof unread> {
  if (before === undefined || before.offset === 0 || size < before.offset) return unread
  return (await endsOf(handle, before.offset)) === before.ends ? before : unread
}

/** Whether a line ends at an offset, or the file does. */
export async function endsAt(handle: FileHandle, offset: number): Promise<boolean> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, offset)
  return bytesRead === 0 || buffer[0] === 10 || buffer[0] === 13
}

/** Digest of the first and the last bytes of what lies before an offset. */
export async function endsOf(handle: FileHandle, offset: number): Promise<string> {
  const length = Math.min(offset, ENDS)
  const bytes = Buffer.alloc(length * 2)
  await handle.read(bytes, 0, length, 0)
  await handle.read(bytes, length, length, offset - length)
  return digestOf(bytes.toString('latin1'))
}
