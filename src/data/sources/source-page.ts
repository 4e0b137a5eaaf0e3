import type { DataType } from '../../core/data-type.ts'
import type { TruelineError } from '../../core/errors.ts'

/** Columns of a source by name, each with its type in the source's own words. */
export type SourceColumns = Readonly<Record<string, string>>

/** A row by the source's own names of its columns. */
export type SourceRow = Readonly<Record<string, unknown>>

/** What the rows of a file are found by: the line at which one begins, or its number. */
export type PlaceWord = 'Line' | 'Row'

/** A row with the place at which it is found. */
export interface PlacedRow {
  readonly row: SourceRow
  readonly place?: number | undefined
}

/** A piece of a source that is no row at all. */
export interface BrokenRow {
  /** What stands there, as far as it can be shown. */
  readonly text: string
  readonly reason: string
}

/** Some rows of a source, with the place up to which they reach. */
export interface SourcePage {
  /** Where they come from, in the words of the project file: a file, a table, an address. */
  readonly origin: string
  readonly rows: readonly SourceRow[]
  /** Number of each row in the words of `SourceReader.places`, from 1; absent where that is. */
  readonly places?: readonly number[]
  readonly broken: readonly BrokenRow[]
  /** Absent where nothing is known of the columns, as of a page without rows. */
  readonly columns?: SourceColumns
  /** A part of the source with a position of its own: a file; empty for a source that has one position. */
  readonly part: string
  /** Where reading goes on once these rows are safe: plain JSON data. */
  readonly position: unknown
  /** What it comes from is still being written: rows that are not in it may be there all the same. */
  readonly isUnfinished?: true
  /** Nothing comes after it: its position is where the next run begins. */
  readonly isLast?: true
  /** Highest watermark of the rows so far, for people. */
  readonly watermark?: string
}

/** Rows of a source by their ids alone. */
export interface KeyPage {
  readonly origin: string
  /** Rows that hold nothing else. */
  readonly keys: readonly SourceRow[]
  /** Where the listing goes on after them: plain JSON data. */
  readonly position: unknown
  /** Reads whole rows as they are by now, where the listing met these. */
  readonly whole: () => Promise<readonly SourceRow[]>
}

/** A part that cannot be read, while others can. */
export interface PartTrouble {
  readonly part: string
  readonly trouble: TruelineError
}

/** Positions of a source by part, as `SourcePage.position` gave them. */
export type Positions = ReadonlyMap<string, unknown>

/** Reads a source page by page. */
export interface SourceReader {
  /**
   * The pages after the positions. A consumer that stops early leaves nothing open.
   * @throws TruelineError `source_unavailable`, `source_refused`, `file_unreadable` and others: what came before stands
   */
  pages(positions: Positions, signal: AbortSignal): AsyncGenerator<SourcePage | PartTrouble>
  /**
   * The ids of all rows that are there from the beginning to the end of the listing, after a position. Those with a null
   * come first, each time. Absent where a source cannot list them.
   */
  keys?(position: unknown, signal: AbortSignal): AsyncGenerator<KeyPage>
  /** Absent where rows have no place that tells them apart, as those of a table have none. */
  readonly places?: PlaceWord
  /** A value of the source as rows from outside carry it, for a column of the stream. */
  coerce(type: DataType, value: unknown): unknown
}

/** What a reader is made with. */
export interface ReaderContext {
  /** Relative paths are below it. */
  readonly folder: string
  readonly temporaryFolder: string
  /** Microseconds. */
  readonly now: () => number
  readonly environment: Readonly<Record<string, string | undefined>>
}
