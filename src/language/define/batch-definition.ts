import type { CheckDefinition } from './check-definition.ts'
import type { Prose } from './definitions.ts'
import type { FilesLocation, PostgresLocation, Setting, SqliteLocation } from './source-definition.ts'

/** Rows of the model's own stream whose time lies in [at - last, at + next), microseconds. */
export interface StreamPopulation {
  readonly kind: 'stream'
  readonly stream: string
  readonly last: number
  readonly next: number
}

/** Where the rows come from that a batch scores. */
export type PopulationLocation = FilesLocation | SqliteLocation | PostgresLocation | StreamPopulation

/** Where the scores go: one file, or a table of a database. */
export type DestinationLocation =
  | { readonly kind: 'parquet' | 'csv'; readonly path: string }
  | { readonly kind: 'sqlite'; readonly path: string; readonly table: string }
  | { readonly kind: 'postgres'; readonly url: Setting; readonly table: string }

/** The scoring of a population as of a time, on a schedule or when it is asked for. */
export interface BatchDefinition extends Prose {
  readonly kind: 'batch'
  readonly name: string
  readonly model: string
  readonly population: PopulationLocation
  /** Column of the model's stream -> column of the population, where the names differ. */
  readonly columns: Readonly<Record<string, string>>
  /** Columns of the model's stream that go into the output besides those that identify a row. */
  readonly keep: readonly string[]
  readonly to: DestinationLocation
  /** Whether a run takes the place of the rows of the run before, or comes beside them; files are always replaced. */
  readonly write: 'replace' | 'append'
  /** Cron expression in UTC; absent: it runs when it is asked to. */
  readonly schedule?: string
  /** What must hold of the output before it is published. */
  readonly quality: readonly CheckDefinition[]
  /** Largest share of the rows that may be rejected before the output is held back, 0 to 1. */
  readonly rejectBudget: number
  /** Whether the output says why each row was decided so, as an answer over HTTP with `"reasons": true`. */
  readonly reasons?: true
}
