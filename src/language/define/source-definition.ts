import type { Prose } from './definitions.ts'

/** A text of the project file, or the name of the environment variable that holds it: definitions are stored and shown. */
export type Setting = string | { readonly env: string }

/** Files: a path, or a pattern with `*` and `**`, from the folder of the project file. */
export interface FilesLocation {
  readonly kind: 'csv' | 'jsonLines' | 'parquet'
  readonly paths: readonly string[]
}

/** A table, or a query that is read like one. */
export type TableOrQuery = { readonly table: string } | { readonly query: string }

export interface SqliteLocation {
  readonly kind: 'sqlite'
  /** From the folder of the project file. */
  readonly path: string
  readonly read: TableOrQuery
}

export interface PostgresLocation {
  readonly kind: 'postgres'
  readonly url: Setting
  readonly read: TableOrQuery
}

/** How a page of HTTP leads to the next one; members are written as paths, such as `paging.next`. */
export type NextPage =
  /** A member of the body that holds the next page's address. */
  | { readonly link: string }
  /** The header `Link: <address>; rel="next"` (RFC 8288). */
  | { readonly header: 'link' }
  /** A member that holds a cursor, and the parameter that takes it. */
  | { readonly cursor: string; readonly parameter: string }
  /** The parameter that says how many rows to pass over; the listing ends with an empty page. */
  | { readonly offset: string }
  /** The parameter that numbers pages, from 1; the listing ends with an empty page. */
  | { readonly page: string }

export interface HttpPagesLocation {
  readonly kind: 'httpPages'
  readonly url: string
  readonly headers: Readonly<Record<string, Setting>>
  /** Member that holds the rows; empty when the body itself is the list. */
  readonly rows: string
  /** Absent: one page is all. */
  readonly next?: NextPage
  /** Parameter that takes the watermark, so that the peer sends only what is newer. */
  readonly since?: string
  /** The listing only grows at its end: a run goes on at the page where the last one ended. */
  readonly continues: boolean
}

export type SourceLocation = FilesLocation | SqliteLocation | PostgresLocation | HttpPagesLocation

/** Reads only what is new: rows whose watermark is at least that of the last run, less the overlap. */
export interface IncrementalDefinition {
  /** Column of the source that rises with every new or changed row. */
  readonly by: string
  /** How far below the watermark a run reads again, for rows whose transactions commit late: microseconds, or units. */
  readonly overlap: number
  /** Whether a row may come again with other values, which then correct those before; its watermark is its revision. */
  readonly rows: 'changed' | 'appended'
}

/** What a stream's rows are read from, when, and what is done when that does not go well. Times are microseconds. */
export interface SourceDefinition extends Prose {
  readonly kind: 'source'
  readonly name: string
  /** The stream whose events the rows become. */
  readonly into: string
  readonly from: SourceLocation
  /** Column of the stream -> column of the source, where the names differ. */
  readonly columns: Readonly<Record<string, string>>
  /** IANA time zone of the times that name none; absent: UTC. */
  readonly zone?: string
  /** Cron expression in UTC; absent: runs when it is asked to. */
  readonly schedule?: string
  readonly incremental?: IncrementalDefinition
  /**
   * What is gone since the last reading of everything becomes a tombstone; up to this share of the rows. Every run reads
   * everything, or with `incremental` the ids of everything when so much time has passed since it did last.
   */
  readonly deletions?: { readonly by: 'snapshot'; readonly atMost: number; readonly every?: number }
  readonly rate?: { readonly rows?: number; readonly requests?: number; readonly per: number }
  /** Waits after a failure: a random part of `first`, doubled each time up to `longest`. */
  readonly retry: { readonly first: number; readonly longest: number }
  /** After so many failures in a row it is left alone for `pause`; then one attempt decides. */
  readonly breaker: { readonly failures: number; readonly pause: number }
  readonly onSchemaChange: 'accept' | 'quarantine' | 'stop'
  /** Longest wait for one answer of the peer. */
  readonly timeout: number
  /** Longest time without a new row before an alert. */
  readonly freshness?: number
  /** New rows that every stretch of `per` must bring. */
  readonly volume?: { readonly per: number; readonly atLeast?: number; readonly atMost?: number }
}
