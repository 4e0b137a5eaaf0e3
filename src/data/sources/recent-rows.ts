import { createHash } from 'node:crypto'
import type { SourceRow } from './source-page.ts'
import { numberOf, type Watermark } from './watermark.ts'

/** More rows than these in an overlap are read again as duplicates. */
const MOST_ROWS = 5000
/** Characters of a digest: 64 bits tell a few thousand rows apart. */
const DIGEST_LENGTH = 11

/**
 * Knows the rows that the next run will meet again, at its watermark and in the overlap below it: what is the very same
 * then was taken before, and is passed over.
 */
export class RecentRows {
  readonly #before: Set<string>
  #rows: { readonly row: SourceRow; readonly watermark: Watermark | undefined }[] = []

  /** @param before what `digests` gave at the end of the last run */
  constructor(before: readonly string[] = []) {
    this.#before = new Set(before)
  }

  /** The rows that are not those of before. */
  fresh(rows: readonly SourceRow[]): readonly SourceRow[] {
    if (this.#before.size === 0) return rows
    return rows.filter((row) => !this.#before.delete(digestOfRow(row)))
  }

  /** Notes rows of this run; without a watermark they are met in every run. */
  note(rows: readonly SourceRow[], by: string | undefined): void {
    for (const row of rows) {
      const value = by === undefined ? undefined : row[by]
      // SQLite gives whole numbers as bigints.
      const watermark = typeof value === 'string' || typeof value === 'number' ? value : numberOf(value)
      this.#rows.push({ row, watermark })
    }
    if (this.#rows.length > 2 * MOST_ROWS) this.#rows = this.#rows.slice(-MOST_ROWS)
  }

  /** Digests of the rows that are not below a bound. */
  digests(bound: Watermark | undefined): string[] {
    const least = bound === undefined ? undefined : numberOf(bound)
    const isMet = (watermark: Watermark | undefined): boolean => {
      if (watermark === undefined || bound === undefined) return true
      const number = numberOf(watermark)
      return least !== undefined && number !== undefined ? number >= least : String(watermark) >= String(bound)
    }
    const met = this.#rows.filter(({ watermark }) => isMet(watermark))
    return met.slice(-MOST_ROWS).map(({ row }) => digestOfRow(row))
  }
}

function digestOfRow(row: SourceRow): string {
  const names = Object.keys(row).sort()
  const values = names.map((name) => [name, typeof row[name] === 'bigint' ? String(row[name]) : row[name]])
  return createHash('sha256').update(JSON.stringify(values)).digest('base64').slice(0, DIGEST_LENGTH)
}
