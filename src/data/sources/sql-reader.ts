import type { DataType } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition, TableOrQuery } from '../../language/define/source-definition.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { RecentRows } from './recent-rows.ts'
import { rowsOfPage } from './rows-of-page.ts'
import type { KeyPage, Positions, SourceColumns, SourcePage, SourceReader, SourceRow } from './source-page.ts'
import { nextRows, type Place } from './sql-pages.ts'
import { isSwept } from './sweep.ts'
import type { TimeRange } from './time-range.ts'
import { lowered, type Watermark } from './watermark.ts'

/** A database that answers queries about one table or query. */
export interface SqlConnection {
  /** Its columns, and those that are declared to have no null. */
  describe(): Promise<{ readonly columns: SourceColumns; readonly neverNull: ReadonlySet<string> }>
  /** @throws TruelineError `source_unavailable`, `source_refused` */
  rows(sql: string, parameters: readonly Watermark[]): Promise<SourceRow[]>
  close(): Promise<void>
}

/** What differs between databases. */
export interface SqlDialect {
  connect(signal: AbortSignal): Promise<SqlConnection>
  /** A place for the value with this number, from 1. */
  parameter(number: number): string
  /**
   * A condition that holds for every row in a range of time, and for those whose time it cannot tell.
   * @param column its name as SQL writes it
   * @param type as `describe` gives it
   */
  inTime(column: string, type: string, range: TimeRange, place: Place): string | undefined
  coerce(type: DataType, value: unknown): unknown
}

/** How far a table was read. */
interface SqlPosition {
  /** Where the next run begins, less the overlap. */
  readonly from?: Watermark
  /** The row after which a run that is under way goes on, by the columns of its order. */
  readonly after?: readonly Watermark[]
  /** Highest watermark that is safe. */
  readonly highest?: Watermark
  /** The watermark at which a run that broke off was first taken up again: what it had seen before was another state. */
  readonly again?: Watermark
  /** Digests of the rows that the next run will meet again. */
  readonly met?: readonly string[]
}

/**
 * Reads a table or query in the order of its watermark and id, page by page, each page after the last row of the one
 * before: so that no offset shifts while rows come and go, and none with equal watermarks is passed over. A run begins
 * an overlap below the watermark of the last one, as transactions commit in another order than their rows are stamped.
 * @param range event times that are asked for; all unless given
 */
export function sqlReader(
  { read, name }: { readonly read: TableOrQuery; readonly name: string },
  stream: StreamDefinition,
  definition: SourceDefinition,
  { connect, parameter, inTime, coerce }: SqlDialect,
  range: TimeRange = {},
): SourceReader {
  const { columns, incremental, rate } = definition
  const inSource = (column: string): string => columns[column] ?? column
  const by = incremental?.by
  const most = rowsOfPage(rate?.rows)
  const ids = stream.id.map(inSource)
  const order = [...new Set([...(by === undefined ? [] : [by]), ...ids])]
  const from = 'table' in read ? read.table.split('.').map(sqlName).join('.') : `(${read.query}) AS q`
  const time = inSource(stream.time)

  /** The columns that are there, and the statement that reads those of the stream. */
  async function looked(connection: SqlConnection) {
    const { columns: types, neverNull } = await connection.describe()
    const wanted = [...new Set([...Object.keys(stream.schema).map(inSource), ...order, '_revision', '_tombstone'])]
    const present = wanted.filter((column) => Object.hasOwn(types, column))
    const missing = order.find((column) => !Object.hasOwn(types, column))
    if (missing !== undefined) throw missingColumn(name, missing, types)
    return { types, neverNull, select: `SELECT ${present.map(sqlName).join(', ')} FROM ${from}` }
  }

  async function* pages(positions: Positions, signal: AbortSignal): AsyncGenerator<SourcePage> {
    const before = (positions.get('') ?? {}) as SqlPosition
    const connection = await connect(signal)
    try {
      const { types, neverNull, select } = await looked(connection)
      const inRange = (place: Place): string[] => {
        const condition = types[time] === undefined ? undefined : inTime(sqlName(time), types[time], range, place)
        return condition === undefined ? [] : [condition]
      }
      const again = before.again ?? before.after?.[0]
      const recent = new RecentRows(before.met)
      let position: SqlPosition = { ...before, ...(again === undefined || by === undefined ? {} : { again }) }
      const page = (rows: readonly SourceRow[]): SourcePage => ({
        origin: name,
        part: '',
        rows,
        broken: [],
        columns: types,
        position,
        ...(position.highest === undefined ? {} : { watermark: String(position.highest) }),
      })
      // Known even of a table without rows.
      yield page([])
      for (;;) {
        signal.throwIfAborted()
        const { after, from: bound } = position
        const conditions = (place: Place): string[] => {
          if (after !== undefined || by === undefined || bound === undefined) return inRange(place)
          return [`${sqlName(by)} >= ${place(lowered(bound, incremental!.overlap))}`, ...inRange(place)]
        }
        const rows = await nextRows(connection, parameter, { select, order, after, conditions, most })
        if (rows.length === 0) break
        recent.note(rows, by)
        const last = valuesOf(rows.at(-1)!, order)
        position = { ...position, after: last, ...(by === undefined ? {} : { highest: last[0]! }) }
        yield page(recent.fresh(rows))
      }
      const nullable = order.filter((column) => !neverNull.has(column)).map((column) => `${sqlName(column)} IS NULL`)
      for (let offset = 0; nullable.length > 0; offset += most) {
        const parameters: Watermark[] = []
        const where = [`(${nullable.join(' OR ')})`, ...inRange((value) => parameter(parameters.push(value)))]
        const ordered = `ORDER BY ${order.map(sqlName).join(', ')} LIMIT ${most} OFFSET ${offset}`
        const rows = await connection.rows(`${select} WHERE ${where.join(' AND ')} ${ordered}`, parameters)
        recent.note(rows, by)
        if (rows.length > 0) yield page(recent.fresh(rows))
        if (rows.length < most) break
      }
      const { highest } = position
      const next = position.again ?? highest ?? position.from
      // Where each row is compared with what it was, more is known than what was met last.
      const meets = incremental !== undefined && !isSwept(definition)
      position = {
        ...(next === undefined ? {} : { from: next }),
        ...(highest === undefined ? {} : { highest }),
        ...(meets ? { met: recent.digests(next && lowered(next, incremental.overlap)) } : {}),
      }
      yield { ...page([]), isLast: true }
    } finally {
      await connection.close()
    }
  }

  async function* keys(position: unknown, signal: AbortSignal): AsyncGenerator<KeyPage> {
    let after = position as readonly Watermark[] | undefined
    const connection = await connect(signal)
    try {
      const { neverNull, select } = await looked(connection)
      const selectKeys = `SELECT ${ids.map(sqlName).join(', ')} FROM ${from}`
      const nullable = ids.filter((column) => !neverNull.has(column)).map((column) => `${sqlName(column)} IS NULL`)
      // Where the stream has a default, even they have ids.
      for (let offset = 0; nullable.length > 0; offset += most) {
        const ordered = `ORDER BY ${ids.map(sqlName).join(', ')} LIMIT ${most} OFFSET ${offset}`
        const where = `WHERE ${nullable.join(' OR ')} ${ordered}`
        const found = await connection.rows(`${selectKeys} ${where}`, [])
        const whole = () => connection.rows(`${select} ${where}`, [])
        if (found.length > 0) yield { origin: name, keys: found, position: after, whole }
        if (found.length < most) break
      }
      for (;;) {
        signal.throwIfAborted()
        const before = after
        const found = await nextRows(connection, parameter, { select: selectKeys, order: ids, after: before, most })
        if (found.length === 0) return
        const until = valuesOf(found.at(-1)!, ids)
        const whole = () =>
          nextRows(connection, parameter, { select, order: ids, after: before, until, most: 2 * most })
        yield { origin: name, keys: found, position: until, whole }
        after = until
      }
    } finally {
      await connection.close()
    }
  }

  /** Values of a row by which a position is told. */
  function valuesOf(row: SourceRow, columnsOf: readonly string[]): Watermark[] {
    return columnsOf.map((column) => storedValue(name, column, row[column]))
  }

  return { pages, keys, coerce }
}

/** A value as a position keeps it. */
function storedValue(name: string, column: string, value: unknown): Watermark {
  if (typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  throw new TruelineError('source_refused', `${name} cannot be read in the order of '${column}': it holds bytes.`, {
    path: column,
  })
}

function missingColumn(name: string, column: string, columns: SourceColumns): TruelineError {
  const near = nearestName(column, Object.keys(columns))
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  return new TruelineError('missing_column', `${name} has no column '${column}'.${hint}`, {
    path: column,
    remedy: 'Name a column of the table or query in the definition of the source.',
  })
}
