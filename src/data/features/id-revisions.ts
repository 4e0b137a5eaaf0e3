import type { StateReader, StateWriter } from '../../kernel/state-words.ts'

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

  /** Offset of the row that came first; Infinity when there is none. */
  get firstOffset(): number {
    return Math.min(...Array.from(this.#rows.values(), ({ offset }) => offset))
  }

  /** Writes the rows up to an offset. */
  write(to: StateWriter, through: number): void {
    const rows = [...this.#rows.values()].filter(({ offset }) => offset <= through)
    to.number(rows.length)
    for (const { revision, isTombstone, offset, contentLow, contentHigh } of rows)
      for (const number of [revision, Number(isTombstone), offset, contentLow, contentHigh]) to.number(number)
  }

  static read(from: StateReader): IdRevisions {
    const revisions = new IdRevisions()
    for (let left = from.number(); left > 0; left -= 1) {
      const row = { revision: from.number(), isTombstone: from.number() === 1, offset: from.number() }
      revisions.add(row, from.number(), from.number())
    }
    return revisions
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
