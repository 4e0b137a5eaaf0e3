import type { DuckDBConnection } from '@duckdb/node-api'
import { sqlName } from './duckdb.ts'
import { readCount } from './read-columns.ts'

/** Most of what rows that are read or written together take, bytes: a reader holds it several times, in 1 GB. */
export const MOST_BYTES_TOGETHER = 2 ** 25

/** Most and fewest rows of a group, of which a reader takes one at a time; DuckDB rounds to the fewest. */
const MOST_GROUP_ROWS = 122_880
const FEWEST_GROUP_ROWS = 2048

/**
 * SQL for what a row takes in memory, bytes: the length of its texts, and 8 for each other column. The sizes in a file's
 * metadata say less, since a text that comes often is there once.
 * @param columns with their types in DuckDB
 */
export function rowBytes(columns: readonly { readonly name: string; readonly type: string }[]): string {
  const texts = columns.filter(({ type }) => type === 'VARCHAR')
  const lengths = texts.map(({ name }) => ` + coalesce(strlen(${sqlName(name)}), 0)`)
  return `(${8 * (columns.length - texts.length)}${lengths.join('')})`
}

/** The mean of what the rows of an SQL relation take, bytes; 0 where there are none. */
export function meanRowBytes(
  connection: DuckDBConnection,
  relation: string,
  columns: Parameters<typeof rowBytes>[0],
): Promise<number> {
  return readCount(connection, `SELECT coalesce(avg(${rowBytes(columns)}), 0)::DOUBLE FROM ${relation}`)
}

/**
 * Rows of each group of a file whose rows take so many bytes: fewer where they are wide.
 * @returns a multiple of 2,048 from 2,048 to 122,880
 */
export function groupRowsFor(bytes: number): number {
  const fitting = Math.floor(MOST_BYTES_TOGETHER / Math.max(bytes, 1) / FEWEST_GROUP_ROWS) * FEWEST_GROUP_ROWS
  return Math.min(Math.max(fitting, FEWEST_GROUP_ROWS), MOST_GROUP_ROWS)
}
