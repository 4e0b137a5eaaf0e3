/** Rows in order: an array, or what is read one after the other. */
export type RowList = Iterable<unknown> & Pick<readonly unknown[], 'length' | 'at'>

/** Where some rows of a body stand that follow each other. */
interface Piece {
  /** Of the first of them among all rows. */
  readonly first: number
  /** The text, without the brackets of an array. */
  readonly from: number
  readonly until: number
}

/**
 * The rows of a large body, which was found to be JSON: they are parsed again when they are asked for, some at a time. Held as
 * objects all the while, a hundred thousand of them would be copied by the garbage collector, which holds up everybody.
 */
export class PieceRows implements RowList {
  readonly #body: Buffer
  readonly #pieces: Piece[] = []
  #length = 0
  #parsed: { readonly piece: Piece; readonly rows: readonly unknown[] } | undefined

  constructor(body: Buffer) {
    this.#body = body
  }

  get length(): number {
    return this.#length
  }

  /** Takes note of rows that stand between two places of the body. */
  add(count: number, from: number, until: number): void {
    this.#pieces.push({ first: this.#length, from, until })
    this.#length += count
  }

  /** Quick for rows in their order. */
  at(place: number): unknown {
    const rows = this.#parsed?.piece
    if (rows === undefined || place < rows.first || place >= rows.first + this.#parsed!.rows.length) this.#parse(place)
    return this.#parsed?.rows[place - this.#parsed.piece.first]
  }

  *[Symbol.iterator](): Iterator<unknown> {
    for (let place = 0; place < this.#length; place += 1) yield this.at(place)
  }

  #parse(place: number): void {
    const piece = this.#pieces.findLast(({ first }) => first <= place)
    if (piece === undefined) return
    const rows = JSON.parse(`[${this.#body.toString('utf8', piece.from, piece.until)}]`) as unknown[]
    this.#parsed = { piece, rows }
  }
}
