import { type FileHandle, open } from 'node:fs/promises'
import type { MaskedRow } from '../../../data/quality/mask-row.ts'
import type { RowFault } from '../../../data/quality/row-reader.ts'

/** A row that is not scored. */
export interface RejectedRow extends RowFault, MaskedRow {
  /** Its place in the population, from 0; of a line that is no row, the number of the line in `line`. */
  readonly ordinal?: number
  readonly line?: number
}

/** Rows that are not scored, on their way into a file: one JSON object a line, with the reason. */
export class RejectedRows {
  readonly #file: FileHandle
  readonly #reasons: Record<string, number> = {}
  #pending: string[] = []
  #count = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** @param path of a file that is made anew */
  static async create(path: string): Promise<RejectedRows> {
    return new RejectedRows(await open(path, 'w'))
  }

  get count(): number {
    return this.#count
  }

  /** How many of them there are, by code. */
  get reasons(): Readonly<Record<string, number>> {
    return this.#reasons
  }

  add(row: RejectedRow): void {
    this.#count += 1
    this.#reasons[row.code] = (this.#reasons[row.code] ?? 0) + 1
    this.#pending.push(`${JSON.stringify(row)}\n`)
  }

  /** Writes what was added; with memory for a few thousand, call it often. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return
    const text = this.#pending.join('')
    this.#pending = []
    await this.#file.appendFile(text)
  }

  /** Puts all of it on disk. */
  async close(): Promise<void> {
    await this.flush()
    await this.#file.sync()
    await this.#file.close()
  }
}
