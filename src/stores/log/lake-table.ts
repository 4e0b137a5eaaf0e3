import type { SQLInputValue } from 'node:sqlite'
import type { Clock } from '../../core/clock.ts'
import type { Digest } from '../../core/digest.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { LakeFile } from './lake-file.ts'

/** The manifest of the lake: which files hold the events, and which ones did before. */
export interface LakeTable {
  /** Files that are read, by first offset, of one stream or of all. */
  files(stream?: string): LakeFile[]
  /** Files that were merged into others and are not removed. */
  replaced(): LakeFile[]
  /** Every file that a stream ever had, by first offset. */
  every(stream: string): LakeFile[]
  /** Which file each of a stream's files was merged into, in the order of their offsets. */
  merges(stream: string): Merge[]
  /** Whether a file, by its path, was removed after it had been merged into another. */
  isRemoved(path: string): boolean
  /** Publishes what is on record and could not be published; nothing may be merged before. */
  settle(): Promise<void>
  /** Records that a file holds the events of others and is read in their place; durable when it resolves. */
  replace(replacement: FileReplacement): Promise<void>
  /** Records that files which were merged into others are gone; durable when it resolves, and then they may go. */
  remove(paths: readonly string[]): Promise<void>
}

/** Digests of a file and of the one that has its rows since. */
export interface Merge {
  readonly file: Digest
  readonly into: Digest
}

export interface FileReplacement {
  /** On disk under its provisional name. */
  readonly file: LakeFile
  readonly replaced: readonly string[]
  /** Gives the file its name, when the record is durable and before anybody reads it. */
  publish(): Promise<void>
}

interface LakeTableParts {
  readonly all: <Row>(sql: string, ...parameters: SQLInputValue[]) => Row[]
  readonly queue: CommitQueue
  readonly clock: Clock
  /** The number of a stream in the log. */
  readonly numberOf: (stream: string) => number
}

const lines = `SELECT path, name AS stream, generation, first_offset AS firstOffset, last_offset AS lastOffset, "rows",
  bytes, digest, first_event_time AS firstEventTime, last_event_time AS lastEventTime, first_known_at AS firstKnownAt,
  last_known_at AS lastKnownAt FROM lake_files JOIN streams ON streams.number = lake_files.stream`

/** The manifest of the lake in a log's tables. */
export function createLakeTable({ all, queue, clock, numberOf }: LakeTableParts): LakeTable {
  /** Path of a file that has not its own name yet: until then those that it replaces are read. */
  let hidden = ''
  /** What is on record and could not be published. */
  let publish: (() => Promise<void>) | undefined

  async function settle(): Promise<void> {
    if (publish === undefined) return
    await publish()
    publish = undefined
    hidden = ''
  }

  return {
    files: (stream) =>
      all<LakeFile>(
        `${lines} WHERE name = coalesce(?1, name) AND path <> ?2 AND (replaced_by IS NULL OR replaced_by = ?2)
         ORDER BY first_offset`,
        ...[stream ?? null, hidden],
      ),
    replaced: () =>
      all<LakeFile>(`${lines} WHERE replaced_by IS NOT NULL AND removed_at IS NULL ORDER BY name, first_offset`),
    every: (stream) => all<LakeFile>(`${lines} WHERE name = ? ORDER BY first_offset`, stream),
    merges: (stream) =>
      all<Merge>(
        `SELECT part.digest AS file, whole.digest AS "into" FROM lake_files AS part
         JOIN lake_files AS whole ON whole.path = part.replaced_by JOIN streams ON streams.number = part.stream
         WHERE name = ? ORDER BY part.first_offset`,
        stream,
      ),
    isRemoved: (path) => all('SELECT 1 FROM lake_files WHERE path = ? AND removed_at IS NOT NULL', path).length > 0,
    settle,
    async replace({ file, replaced, publish: publishFile }) {
      await settle()
      hidden = file.path
      const line = { ...file, streamNumber: numberOf(file.stream) }
      await queue.durable(queue.enqueue([{ kind: 'replaceLakeFiles', file: line, replaced }], 0))
      publish = publishFile
      await settle()
    },
    async remove(paths) {
      await queue.durable(queue.enqueue([{ kind: 'removeLakeFiles', paths, removedAt: clock.now() }], 0))
    },
  }
}
