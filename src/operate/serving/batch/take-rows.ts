import { BOOLEAN, DOUBLE, type DuckDBAppender, type DuckDBConnection, DuckDBDataChunk, VARCHAR } from '@duckdb/node-api'
import type { Value } from '../../../core/data-type.ts'
import { createRowReader, type RowReader } from '../../../data/quality/row-reader.ts'
import { questionTimeFault } from '../../../data/quality/time-of-question.ts'
import type { SourceRow } from '../../../data/sources/source-page.ts'
import type { PopulationRows } from './population-rows.ts'
import type { PopulationContract } from './population-sql.ts'
import type { RejectedRows } from './rejected-rows.ts'

/** DuckDB's own unit of rows. */
const ROWS_OF_A_CHUNK = 2048

/** The reader of a population's rows: of the rows that come as requests, at the moment as of which is scored. */
export function readerOf({ schema, time, at }: PopulationContract): RowReader {
  if (time === undefined) return createRowReader(schema)
  const reader = createRowReader(schema, { required: [time] })
  const column = reader.names.indexOf(time)
  return {
    ...reader,
    read: (row, values) => reader.read(row, values) ?? questionTimeFault(time, values[column] as number, at),
  }
}

/** Checks rows one by one and keeps those that are scored as the table `checked`. */
export async function takeRows(
  connection: DuckDBConnection,
  { rows, coerce }: PopulationRows,
  contract: PopulationContract,
  rejected: RejectedRows,
): Promise<void> {
  const reader = readerOf(contract)
  const sqlTypes = reader.types.map((type) => (type === 'string' ? VARCHAR : type === 'bool' ? BOOLEAN : DOUBLE))
  const columns = sqlTypes.map((type, index) => `t${index} ${type}`)
  await connection.run(`CREATE TEMP TABLE checked (_row DOUBLE, ${columns.join(', ')})`)
  const appender = await connection.createAppender('checked')
  const types = [DOUBLE, ...sqlTypes]
  let pending: Value[][] = types.map(() => [])
  const project = projector(contract, coerce)
  const values: Value[] = []
  let ordinal = 0
  for await (const given of rows) {
    const row = typeof given === 'string' ? given : project(given)
    const fault = reader.read(row, values)
    if (fault === undefined) {
      pending[0]!.push(ordinal)
      for (let column = 0; column < values.length; column += 1) pending[column + 1]!.push(values[column]!)
    } else {
      rejected.add({ ordinal, ...fault, ...reader.masked(row) })
      if (rejected.count % ROWS_OF_A_CHUNK === 0) await rejected.flush()
    }
    ordinal += 1
    if (pending[0]!.length < ROWS_OF_A_CHUNK) continue
    append(appender, types, pending)
    pending = types.map(() => [])
  }
  append(appender, types, pending)
  appender.closeSync()
}

function append(
  appender: DuckDBAppender,
  types: Parameters<typeof DuckDBDataChunk.create>[0],
  pending: Value[][],
): void {
  if (pending[0]!.length === 0) return
  const chunk = DuckDBDataChunk.create(types, pending[0]!.length)
  chunk.setColumns(pending)
  appender.appendDataChunk(chunk)
}

/** A row under the names of the schema; one without the column of t is asked at the moment as of which is scored. */
function projector(
  { schema, columns, time, at }: PopulationContract,
  coerce: PopulationRows['coerce'],
): (row: SourceRow) => Record<string, unknown> {
  const names = new Map(Object.keys(schema).map((name) => [columns[name] ?? name, name]))
  return (row) => {
    const projected: Record<string, unknown> = {}
    for (const given in row) {
      const name = names.get(given)
      const value = row[given]
      projected[name ?? given] = name === undefined || value === null ? value : coerce(schema[name]!, value)
    }
    if (time !== undefined && projected[time] === undefined) projected[time] = at
    return projected
  }
}
