import type { DataType } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition, TableOrQuery } from '../../language/define/source-definition.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { RecentRows } from './recent-rows.ts'
import { rowsOfPage } from './rows-of-page.ts'
import type { Positions, SourceColumns, SourcePage, SourceReader, SourceRow } from './source-page.ts'
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
 */
export function sqlReader(
  { read, name }: { readonly read: TableOrQuery; readonly name: string },
  stream: StreamDefinition,
  { columns, incremental, rate }: SourceDefinition,
  { connect, parameter, coerce }: SqlDialect,
): SourceReader {
  const inSource = (column: string): string => columns[column] ?? column
  const by = incremental?.by
  const most = rowsOfPage(rate?.rows)
  const order = [...new Set([...(by === undefined ? [] : [by]), ...stream.id.map(inSource)])]
  const from = 'table' in read ? read.table.split('.').map(sqlName).join('.') : `(${read.query}) AS q`

  async function* pages(positions: Positions, signal: AbortSignal): AsyncGenerator<SourcePage> {
    const before = (positions.get('') ?? {}) as SqlPosition
    const connection = await connect(signal)
    try {
      const { columns: types, neverNull } = await connection.describe()
      const wanted = [...new Set([...Object.keys(stream.schema).map(inSource), ...order, '_revision', '_tombstone'])]
      const present = wanted.filter((column) => Object.hasOwn(types, column))
      const missing = order.find((column) => !Object.hasOwn(types, column))
      if (missing !== undefined) throw missingColumn(name, missing, types)
      const select = `SELECT ${present.map(sqlName).join(', ')} FROM ${from}`
      const ordered = `ORDER BY ${order.map(sqlName).join(', ')}`
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
        const rows = await nextRows(connection, select, ordered, position)
        if (rows.length === 0) break
        recent.note(rows, by)
        const after = order.map((column) => storedValue(name, column, rows.at(-1)![column]))
        position = { ...position, after, ...(by === undefined ? {} : { highest: after[0]! }) }
        yield page(recent.fresh(rows))
      }
      const nullable = order.filter((column) => !neverNull.has(column)).map((column) => `${sqlName(column)} IS NULL`)
      for (let offset = 0; nullable.length > 0; offset += most) {
        const condition = `WHERE ${nullable.join(' OR ')} ${ordered} LIMIT ${most} OFFSET ${offset}`
        const rows = await connection.rows(`${select} ${condition}`, [])
        recent.note(rows, by)
        if (rows.length > 0) yield page(recent.fresh(rows))
        if (rows.length < most) break
      }
      const { highest } = position
      const next = position.again ?? highest ?? position.from
      position = {
        ...(next === undefined ? {} : { from: next }),
        ...(highest === undefined ? {} : { highest }),
        ...(incremental === undefined ? {} : { met: recent.digests(next && lowered(next, incremental.overlap)) }),
      }
      yield { ...page([]), isLast: true }
    } finally {
      await connection.close()
    }
  }

  /** The rows after a position: as many as make a page, without a part of those that the order holds equal. */
  async function nextRows(
    connection: SqlConnection,
    select: string,
    ordered: string,
    { after, from: bound }: SqlPosition,
  ): Promise<SourceRow[]> {
    const parameters: Watermark[] = []
    const place = (value: Watermark): string => parameter(parameters.push(value))
    const conditions: string[] = []
    if (after !== undefined)
      conditions.push(`(${order.map(sqlName).join(', ')}) > (${after.map((value) => place(value)).join(', ')})`)
    else if (by !== undefined && bound !== undefined)
      conditions.push(`${sqlName(by)} >= ${place(lowered(bound, incremental!.overlap))}`)
    if (after === undefined) conditions.push(...order.map((column) => `${sqlName(column)} IS NOT NULL`))
    const where = `WHERE ${conditions.join(' AND ')}`
    for (let limit = most; ; limit *= 2) {
      const rows = await connection.rows(`${select} ${where} ${ordered} LIMIT ${limit + 1}`, parameters)
      if (rows.length <= limit) return rows
      const last = rows.at(-1)!
      const whole = rows.findLastIndex((row) => order.some((column) => row[column] !== last[column]))
      if (whole >= 0) return rows.slice(0, whole + 1)
    }
  }

  return { pages, coerce }
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
  return new TruelineError('missing_column', `${name} has no column '${column}'.${hint}`, { path: column })
}
