/** The row of an id that counts: that of the highest revision. */
export interface CountedRow {
  readonly revision: number
  readonly isTombstone: boolean
  /** In the log. */
  readonly offset: number
}

interface Revision extends CountedRow {
  readonly contentLow: number
  readonly contentHigh: number
}

/** The rows of an id that has more than its first: few ids have. */
export class IdRevisions {
  readonly #rows = new Map<number, Revision>()
  #counted: Revision | undefined

  /** @throws Error before the first row */
  get counted(): CountedRow {
    if (this.#counted === undefined) throw new Error('No revision of the id has been added.')
    return this.#counted
  }

  /** Says what a row is to those before; the words are a hash of its content. */
  find(
    revision: number,
    contentLow: number,
    contentHigh: number,
  ): 'duplicate' | 'conflict' | 'correction' | 'superseded' {
    const same = this.#rows.get(revision)
    if (same !== undefined)
      return same.contentLow === contentLow && same.contentHigh === contentHigh ? 'duplicate' : 'conflict'
    return revision > (this.#counted?.revision ?? -1) ? 'correction' : 'superseded'
  }

  /** Adds a row whose revision is not there yet. */
  add({ revision, isTombstone, offset }: CountedRow, contentLow: number, contentHigh: number): void {
    const row = { revision, isTombstone, offset, contentLow, contentHigh }
    this.#rows.set(revision, row)
    if (revision > (this.#counted?.revision ?? -1)) this.#counted = row
  }
}
