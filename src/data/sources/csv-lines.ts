import { createReadStream } from 'node:fs'
import { byteRecords } from './byte-records.ts'

/** How DuckDB numbered what it read of a CSV file with a header. */
export interface NumberedRecords {
  /** How many rows it found. */
  readonly count: number
  /** Numbers of rows, from 1. */
  readonly rows: ReadonlySet<number>
  /** Records that it set aside, numbered from the header on, which is 1; a field of several lines counts as one. */
  readonly broken: ReadonlySet<number>
}

/** Number of a row or record -> the line at which it begins. */
export interface RecordLines {
  readonly rows: ReadonlyMap<number, number>
  readonly broken: ReadonlyMap<number, number>
}

/** The lines of a CSV file; undefined where it does not have what was numbered, so that they would be guessed. */
export async function csvLines(path: string, numbered: NumberedRecords): Promise<RecordLines | undefined> {
  const rows = new Map<number, number>()
  const broken = new Map<number, number>()
  let record = 0
  // The header is none.
  let row = -1
  for await (const { bytes, line } of byteRecords(createReadStream(path), { offset: 0, line: 1 }, true)) {
    record += 1
    if (numbered.broken.has(record)) broken.set(record, line)
    else if (bytes.length > 0) {
      row += 1
      if (numbered.rows.has(row)) rows.set(row, line)
    }
  }
  return row === numbered.count && broken.size === numbered.broken.size ? { rows, broken } : undefined
}
