import { sqlName } from '../../stores/lake/duckdb.ts'
import type { SourceRow } from './source-page.ts'
import type { SqlConnection } from './sql-reader.ts'
import type { Watermark } from './watermark.ts'

/** Keeps a value for a statement and gives its place in it. */
export type Place = (value: Watermark) => string

/** Rows of a statement in the order of some columns. */
export interface OrderedRows {
  /** A statement up to its conditions. */
  readonly select: string
  readonly order: readonly string[]
  /** Values of the order after which they begin, and up to which they reach. */
  readonly after?: readonly Watermark[] | undefined
  readonly until?: readonly Watermark[]
  /** What else they have to fulfil. */
  readonly conditions?: (place: Place) => readonly string[]
  readonly most: number
}

/**
 * The first rows: as many as make a page, without a part of those that the order holds equal.
 * @param parameter a place for the value with a number, from 1
 */
export async function nextRows(
  connection: SqlConnection,
  parameter: (number: number) => string,
  { select, order, after, until, conditions, most }: OrderedRows,
): Promise<SourceRow[]> {
  const parameters: Watermark[] = []
  const place: Place = (value) => parameter(parameters.push(value))
  const names = order.map(sqlName)
  const compared = (sign: string, values: readonly Watermark[]): string =>
    `(${names.join(', ')}) ${sign} (${values.map(place).join(', ')})`
  const where = [
    ...(after === undefined ? [] : [compared('>', after)]),
    ...(until === undefined ? [] : [compared('<=', until)]),
    ...names.map((name) => `${name} IS NOT NULL`),
    ...(conditions?.(place) ?? []),
  ].join(' AND ')
  for (let limit = most; ; limit *= 2) {
    const sql = `${select} WHERE ${where} ORDER BY ${names.join(', ')} LIMIT ${limit + 1}`
    const rows = await connection.rows(sql, parameters)
    if (rows.length <= limit) return rows
    const last = rows.at(-1)!
    const whole = rows.findLastIndex((row) => order.some((column) => row[column] !== last[column]))
    if (whole >= 0) return rows.slice(0, whole + 1)
  }
}
