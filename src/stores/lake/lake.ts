import type { Digest } from '../../core/digest.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { EventBatch } from '../log/event-batch.ts'
import type { LakeFile } from '../log/lake-file.ts'
import type { ImportedRows, StagedImport } from './import-staging.ts'

/** The history of all streams as Parquet files, fed from the log. */
export interface Lake {
  /** The folder that the paths of files are below. */
  readonly folder: string
  /** For files that are gone after a restart. */
  readonly temporaryFolder: string
  /** A stream's files by first offset, with absolute paths; events above the log's `flushedOffset` are not in them. */
  files(stream: string): readonly LakeFile[]
  /** Every file that a stream ever had, with absolute paths: also those that were merged into others, which may be gone. */
  everyFile(stream: string): readonly LakeFile[]
  /**
   * Of each file of a stream by its digest those in which its rows were first written, in the order of their offsets: where
   * files were merged into it theirs, and else its own. Files of the same ones have the same rows.
   */
  origins(stream: string): (file: Digest) => readonly Digest[]
  /**
   * Moves the log's tail into the lake: afterwards every event that was appended before the call is in its files.
   * @throws TruelineError `disk_full`, `definitions_changed` when the log has events of a stream that is not defined
   */
  flush(): Promise<FlushResult>
  /**
   * All events of some streams that were appended before the call, as files; unlike `flush` it adds no file to the lake
   * unless the tail is long.
   * @throws TruelineError as `flush` does
   */
  history(streams: readonly string[]): Promise<EventFiles>
  /** A stream's events in offset order, first from the lake and then from the log's tail. */
  scanEvents(stream: string, range?: OffsetRange): AsyncIterable<EventBatch>
  /**
   * A stream's events in offset order as a state takes them that holds those before `from`: with what each means to the
   * rows before it. A deletion, and what is superseded by the end, does not count.
   */
  scanChanges(stream: string, range?: OffsetRange): AsyncIterable<EventBatch>
  /** A stream's events at some offsets: a batch for each generation. */
  readEvents(stream: string, offsets: readonly number[]): Promise<readonly EventBatch[]>
  /** Adopts rows that were checked and staged by an import as a new generation. */
  importRows(staged: StagedImport): Promise<ImportedRows>
  /**
   * Merges small files of a stream that follow each other into one where there are many: at most one such file a call, which
   * bounds how long it takes. Those that were merged stay on disk, for whoever reads them or is to read them.
   * @param except streams that are passed over; none unless given
   * @returns what was merged; undefined when nothing is to be
   * @throws TruelineError `disk_full`, `internal`, with the stream as its path: its files stay as they are
   */
  compact(except?: ReadonlySet<string>): Promise<MergedFiles | undefined>
  /** Files that were merged into others and are still there. */
  replacedFiles(): readonly LakeFile[]
  /** Removes files of those that `replacedFiles` gave; nobody may be reading them. */
  removeReplaced(files: readonly LakeFile[]): Promise<void>
  close(): Promise<void>
}

/** Files that became one. */
export interface MergedFiles {
  readonly stream: string
  readonly files: number
  readonly rows: number
}

/** Events as Parquet files, some of which are there only for the one who asked. */
export interface EventFiles {
  /** Absolute paths of a stream's files; none for a stream that was not asked for. */
  of(stream: string): readonly string[]
  /** Removes the temporary ones: call it when they were read. */
  remove(): Promise<void>
}

export interface FlushResult {
  readonly rows: number
  readonly files: readonly LakeFile[]
}

/** Offsets, both inclusive; without an end it is the last event appended before the call. */
export interface OffsetRange {
  readonly from?: number
  readonly to?: number
}

/** The streams whose events the lake holds, by name. */
export type LakeStreams = Readonly<Record<string, StreamDefinition>>
