import type { DuckDBConnection } from '@duckdb/node-api'
import { sqlFile } from './duckdb.ts'
import { MOST_BYTES_TOGETHER } from './row-bytes.ts'

/** Rows of a file by their numbers, the end excluded. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

/** Rows whose bytes are told together: a range ends between two such blocks, or where a group of rows does. */
export const BLOCK_ROWS = 512

/** A block of rows, by its place among the blocks, and what its rows take, bytes. */
interface RowBlock {
  readonly place: number
  readonly bytes: number
}

/**
 * Ranges that hold all rows of some blocks, each within one group of rows, so that one thread reads it, and with a bounded
 * number of bytes, so that it fits into memory however large the group is that it is in.
 * @param groups of a file, in order
 * @param blocks those that are to be read, in order
 */
export function rangesOf(groups: readonly RowRange[], blocks: readonly RowBlock[]): RowRange[] {
  const ranges: RowRange[] = []
  let next = 0
  for (const group of groups) {
    let range: RowRange | undefined
    let sum = 0
    while (next < blocks.length && blocks[next]!.place * BLOCK_ROWS < group.to) {
      const { place, bytes } = blocks[next]!
      const from = Math.max(place * BLOCK_ROWS, group.from)
      const to = Math.min((place + 1) * BLOCK_ROWS, group.to)
      if (range !== undefined && sum + bytes > MOST_BYTES_TOGETHER) {
        ranges.push(range)
        range = undefined
        sum = 0
      }
      range = { from: range?.from ?? from, to }
      sum += bytes
      // What is left of the block is in the next group.
      if ((place + 1) * BLOCK_ROWS > group.to) break
      next += 1
    }
    if (range !== undefined) ranges.push(range)
  }
  return ranges
}

/** The groups of rows of a file. */
export async function groupsIn(connection: DuckDBConnection, path: string): Promise<RowRange[]> {
  const sql = `SELECT DISTINCT row_group_id, row_group_num_rows::DOUBLE FROM parquet_metadata(${sqlFile(path)}) ORDER BY 1`
  let to = 0
  return (await connection.runAndReadAll(sql)).getRows().map(([, count]) => {
    const from = to
    to += count as number
    return { from, to }
  })
}
