import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { OrderTerm } from '../filter/parse-filter.ts'
import { filterError } from '../filter/tokens.ts'
import type { SortColumn } from './keyset.ts'
import { keyTables, runAttributeSql } from './run-conditions.ts'

type Sql = RawBuilder<unknown>

/**
 * A stretch of the results: those whose first key of the order has a value, NaN, or none. These follow each other
 * whichever way the values are ordered, and each is read in the order of an index.
 */
export interface Stretch {
  /** The table of what the first key of the order is, as `first`; absent where runs alone order it. */
  readonly first: { readonly table: Sql; readonly key: string } | undefined
  /** The first key of the order, where these are the runs that lack it. */
  readonly keyless?: Stretch['first']
  readonly where: RawBuilder<SqlBool>
  /** LEFT JOINs of the other keys. */
  readonly joins: Sql
  readonly columns: readonly SortColumn[]
}

/** What breaks ties: the newest first, then by id. */
const newest: SortColumn = { column: sql`run.started_ms`, ascending: false, type: 'number' }
const byId: SortColumn = { column: sql`run.id`, ascending: true, type: 'text' }

/** Each is a join, of which SQLite takes 64 at most. */
const MOST_TERMS = 50

/**
 * The stretches of an order of runs; what has no value comes last.
 * @throws TruelineError `invalid_filter` for an order of more than 50 keys
 */
export function stretchesOf(terms: readonly OrderTerm[]): readonly Stretch[] {
  if (terms.length > MOST_TERMS) throw filterError(`it has more than ${MOST_TERMS} keys`, 1, 'order_by')
  const [first, ...others] = terms
  const rest = others.map((term, index) => laterColumns(term, `other${index}`))
  const joins = sql.join(
    rest.map(({ join }) => join),
    sql` `,
  )
  const started = terms.some(({ entity, key }) => entity === 'attribute' && key === 'start_time')
  const after = [...rest.flatMap(({ columns }) => columns), ...(started ? [] : [newest]), byId]
  const stretch = (where: Sql, columns: readonly SortColumn[], table?: Stretch['first']): Stretch => ({
    first: table,
    where: where as RawBuilder<SqlBool>,
    joins,
    columns: [...columns, ...after],
  })
  if (first === undefined) return [stretch(sql`1`, [])]
  const { entity, key, ascending } = first
  if (entity === 'attribute') {
    const column = runAttributeSql(key)
    const value: SortColumn = { column, ascending, type: typeOf(key) }
    if (key !== 'end_time') return [stretch(sql`1`, [value])]
    return [stretch(sql`${column} IS NOT NULL`, [value]), stretch(sql`${column} IS NULL`, [])]
  }
  const table = keyTables[entity as keyof typeof keyTables]
  const source = { table, key }
  const value: SortColumn = { column: sql`first.value`, ascending, type: entity === 'metric' ? 'number' : 'text' }
  const absent = sql`NOT EXISTS (SELECT 1 FROM ${table} said WHERE said.run = run.number AND said.key = ${key})`
  const without: Stretch = { ...stretch(absent, []), keyless: source }
  if (entity !== 'metric') return [stretch(sql`1`, [value], source), without]
  return [stretch(sql`first.nan = 0`, [value], source), stretch(sql`first.nan = 1`, [], source), without]
}

/** A key that comes after others in an order: first whether it has a value, then the value. */
function laterColumns(
  { entity, key, ascending }: OrderTerm,
  name: string,
): { join: Sql; columns: readonly SortColumn[] } {
  if (entity === 'attribute') {
    const column = runAttributeSql(key)
    const value: SortColumn = { column, ascending, type: typeOf(key) }
    if (key !== 'end_time') return { join: sql``, columns: [value] }
    const rank: SortColumn = { column: sql`(${column} IS NULL)`, ascending: true, type: 'number' }
    return { join: sql``, columns: [rank, { ...value, column: sql`ifnull(${column}, 0)` }] }
  }
  const said = sql.ref(name)
  const join = sql`LEFT JOIN ${keyTables[entity as keyof typeof keyTables]} ${said} ON ${said}.run = run.number AND ${said}.key = ${key}`
  const metric = entity === 'metric'
  const rank = metric ? sql`ifnull(${said}.nan, 2)` : sql`(${said}.value IS NULL)`
  const value = metric ? sql`ifnull(${said}.value, 0)` : sql`ifnull(${said}.value, '')`
  return {
    join,
    columns: [
      { column: rank, ascending: true, type: 'number' },
      { column: value, ascending, type: metric ? 'number' : 'text' },
    ],
  }
}

function typeOf(key: string): 'text' | 'number' {
  return key === 'start_time' || key === 'end_time' ? 'number' : 'text'
}
