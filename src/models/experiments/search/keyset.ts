import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { type Place, unfittingToken } from '../page-token.ts'

/** A column that results are sorted by; it is never null. */
export interface SortColumn {
  readonly column: RawBuilder<unknown>
  readonly ascending: boolean
  readonly type: 'text' | 'number'
}

/** SQL of the order. */
export function orderSql(columns: readonly SortColumn[]): RawBuilder<unknown> {
  return sql.join(columns.map(({ column, ascending }) => (ascending ? sql`${column} ASC` : sql`${column} DESC`)))
}

/**
 * SQL of what comes after a place in the order: a page begins there, whatever was added or taken away meanwhile.
 * @param place a value for each column
 */
export function afterSql(columns: readonly SortColumn[], place: Place): RawBuilder<SqlBool> {
  const values = valuesOf(columns, place)
  let after: RawBuilder<SqlBool> = sql`0`
  for (let index = columns.length - 1; index >= 0; index--) {
    const { column, ascending } = columns[index]!
    const beyond = ascending ? sql<SqlBool>`${column} > ${values[index]}` : sql<SqlBool>`${column} < ${values[index]}`
    after = sql`(${beyond} OR (${column} = ${values[index]} AND ${after}))`
  }
  // The whole says it too, but only this leads an index to the place.
  const { column, ascending } = columns[0]!
  const bound = ascending ? sql`${column} >= ${values[0]}` : sql`${column} <= ${values[0]}`
  return sql`(${bound} AND ${after})`
}

/** A place as a token can hold it: JSON has no infinities. */
export function placeOf(values: readonly unknown[]): Place {
  return values.map((value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : (value as string),
  )
}

function valuesOf(columns: readonly SortColumn[], place: Place): readonly (string | number)[] {
  if (place.length !== columns.length) throw unfittingToken()
  return place.map((part, index) => {
    if (part === null) throw unfittingToken()
    if (columns[index]!.type === 'text') return String(part)
    const number = Number(part)
    if (Number.isNaN(number)) throw unfittingToken()
    return number
  })
}
