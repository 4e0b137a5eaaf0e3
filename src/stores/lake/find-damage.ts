import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type RecordedFile, readRecordedFiles } from '../log/recorded-files.ts'
import { digestOfFile } from './file-digest.ts'
import { NEW, provisional, UNFINISHED } from './write-events.ts'

/** A file of the lake that is not as the log records it. */
export interface DamagedFile {
  readonly path: string
  /** What is wrong, to be read after the path: 'is missing'. */
  readonly fault: string
}

/**
 * Reads every file of events and predictions and compares it with the log's record of it, changing nothing; the process
 * that owns the directory may go on beside it.
 * @param log the log's SQLite file
 * @param folder the lake's
 * @throws TruelineError `directory_damaged` when the log itself cannot be read
 */
export async function findDamage(log: string, folder: string): Promise<readonly DamagedFile[]> {
  const first = await compare(log, folder)
  if (first.length === 0) return []
  // What the owner wrote or removed in between is on record by now.
  const still = new Set((await compare(log, folder)).map(({ path }) => path))
  return first.filter(({ path }) => still.has(path))
}

async function compare(log: string, folder: string): Promise<readonly DamagedFile[]> {
  const recorded = existsSync(log) ? readRecordedFiles(log) : []
  const known = new Set(recorded.map(({ path }) => path))
  const found: DamagedFile[] = []
  for (const file of recorded) {
    const fault = file.removed ? undefined : await faultOf(folder, file)
    if (fault !== undefined) found.push({ path: join(folder, file.path), fault })
  }
  for (const part of ['events', 'predictions'].map((name) => join(folder, name))) {
    if (!existsSync(part)) continue
    for (const entry of await readdir(part, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      const isPassing = path.endsWith(NEW) || path.endsWith(UNFINISHED)
      if (!entry.isFile() || isPassing || known.has(relative(folder, path))) continue
      found.push({ path, fault: "is not in the log's manifest: the log is older than the lake" })
    }
  }
  return found
}

async function faultOf(folder: string, { path, bytes, digest }: RecordedFile): Promise<string | undefined> {
  // Between its record and its name, as a crash may leave it: the next start gives it its name.
  const file = [path, provisional(path)].map((name) => join(folder, name)).find((name) => existsSync(name))
  if (file === undefined) return 'is missing'
  const { size } = statSync(file)
  if (size !== bytes) return `has ${size} bytes, and ${bytes} were written`
  return (await digestOfFile(file)) === digest ? undefined : 'is not what its digest says'
}
