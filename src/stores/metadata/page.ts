import { TruelineError } from '../../core/errors.ts'

/** One page of a list: `next` is the cursor of the page after it, null on the last one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** Which page is asked for. */
export interface PageRequest {
  /** Most items on the page; 100 unless told. */
  readonly limit?: number
  /** The `next` of the page before; absent for the first page. */
  readonly cursor?: string
}

const MOST_ITEMS = 10_000

/**
 * The most items of a page, checked.
 * @throws TruelineError `invalid_parameter` outside 1 to 10,000
 */
export function pageLimit({ limit = 100 }: PageRequest): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= MOST_ITEMS) return limit
  throw new TruelineError('invalid_parameter', `A page holds 1 to ${MOST_ITEMS} items, not ${limit}.`, {
    path: 'limit',
  })
}

/**
 * The whole numbers that a cursor stands for; undefined for the first page.
 * @throws TruelineError `invalid_parameter` when the cursor is not one of `pageOf`
 */
export function cursorNumbers({ cursor }: PageRequest, count: number): readonly number[] | undefined {
  if (cursor === undefined) return undefined
  const numbers = cursor.split('_').map((part) => (/^-?\d{1,16}$/.test(part) ? Number(part) : Number.NaN))
  if (numbers.length === count && numbers.every(Number.isSafeInteger)) return numbers
  throw new TruelineError('invalid_parameter', 'The cursor is not one that a page gave.', { path: 'cursor' })
}

/**
 * A page of rows that were read with one row more than the limit, to see whether there is a next page.
 * @param key the whole numbers after which the next page goes on
 */
export function pageOf<Row, T>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => readonly number[],
  item: (row: Row) => T,
): Page<T> {
  const last = rows[limit - 1]
  const next = rows.length > limit && last !== undefined ? key(last).join('_') : null
  return { items: rows.slice(0, limit).map(item), next }
}
