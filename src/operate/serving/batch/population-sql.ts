import type { DataType, Schema } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import { nearestName } from '../../../core/nearest-name.ts'
import { questionTimeRefused } from '../../../data/quality/time-of-question.ts'
import {
  asLakeValue,
  csvColumn,
  isAllowed,
  parquetColumn,
  type SourceColumn,
} from '../../../data/sources/source-column.ts'
import { sqlName, sqlText } from '../../../stores/lake/duckdb.ts'

/** A file's columns with the types that DuckDB gives them. */
export interface PopulationShape {
  readonly format: 'parquet' | 'csv'
  readonly types: Readonly<Record<string, string>>
}

/** What a population's rows must be. */
export interface PopulationContract {
  /** Of the asking rows. */
  readonly schema: Schema
  /** Column of the schema -> column of the population, where the names differ. */
  readonly columns: Readonly<Record<string, string>>
  /** Column that holds t, which every row needs; absent where t is `at`. */
  readonly time: string | undefined
  /** Microseconds: what t is where the population has no such column. */
  readonly at: number
}

/** The queries of a population of files. */
export interface PopulationQueries {
  /**
   * All rows of a relation that has `_row`, with their verdict: `_row`, `_ordinal`, `ok`, and of those that are `ok`, `_t` and
   * the columns of the schema as the lake keeps them.
   */
  read(from: string): string
  /** Rows of the relation as they stand: `_row`, then each column of the schema. */
  raw(from: string): string
}

/**
 * The queries that read files by the rules of rows that come as requests.
 * @throws TruelineError `missing_column`, `unknown_column`, `wrong_type` where the files' columns do not fit
 */
export function populationQueries(contract: PopulationContract, shape: PopulationShape): PopulationQueries {
  const { schema, columns, time, at } = contract
  const names = Object.keys(schema)
  refuseUnknown(contract, shape)
  const fields = names.map((name) => {
    const type = schema[name]!
    const fileName = columns[name] ?? name
    const fileType = shape.types[fileName]
    if (fileType === undefined) return absent(name, type, fileName, contract, shape)
    const found = shape.format === 'csv' ? csvColumn(type, fileName) : parquetColumn(name, type, fileName, fileType)
    return { raw: found.raw, typed: declared(found, type) }
  })
  const list = (expression: (field: (typeof fields)[number], index: number) => string): string =>
    fields.map(expression).join(', ')
  const allowed = fields.map((_, index) => {
    const name = names[index]!
    const type = schema[name]!
    const value = `(t${index} IS NOT NULL AND ${isAllowed(`t${index}`, type)})`
    // A value that cannot be typed is null in t, but not in r.
    const given = type.unknown === undefined ? `r${index}` : `t${index}`
    if (name === time) return `${value} AND NOT (${questionTimeRefused(`t${index}`, at)})`
    return type.nullable ? `(${given} IS NULL OR ${value})` : value
  })
  const lake = lakeColumns(contract, (sql) => `CASE WHEN ok THEN ${sql} END`)
  return {
    read: (from) => `SELECT _row::BIGINT AS _row, _row::BIGINT AS _ordinal, ok, ${lake}
      FROM (SELECT *, coalesce(${['true', ...allowed].join(' AND ')}, false) AS ok
      FROM (SELECT _row, ${list(({ raw }, index) => `${raw} AS r${index}`)}, ${list(({ typed }, index) => `${typed} AS t${index}`)}
      FROM ${from}))`,
    raw: (from) => `SELECT _row::DOUBLE, ${list(({ raw }) => raw)} FROM ${from} ORDER BY _row`,
  }
}

/** What is scored of the table `checked`: `_row`, `_ordinal`, `_t` and the columns of the schema as the lake keeps them. */
export function checkedRows(contract: PopulationContract): string {
  return `SELECT _row::BIGINT AS _row, row_number() OVER (ORDER BY _row) - 1 AS _ordinal, ${lakeColumns(contract, (sql) => sql)}
    FROM checked ORDER BY _row`
}

/** `_t` and the columns of the schema as the lake keeps them, of typed ones that are named t0, t1 and so on. */
function lakeColumns({ schema, time, at }: PopulationContract, guarded: (sql: string) => string): string {
  const names = Object.keys(schema)
  const t = time === undefined ? `${at}` : `t${names.indexOf(time)}`
  const values = names.map((name, index) => `${guarded(asLakeValue(`t${index}`, schema[name]!))} AS ${sqlName(name)}`)
  return [`${guarded(`${t}::BIGINT`)} AS _t`, ...values].join(', ')
}

/** A missing value has the default of its column, and an unknown one is none where the column says so. */
function declared({ raw, typed }: SourceColumn, { oneOf = [], unknown, default: otherwise }: DataType): string {
  if (otherwise !== undefined) return `CASE WHEN (${raw}) IS NULL THEN ${otherwise}::DOUBLE ELSE ${typed} END`
  if (unknown === undefined) return typed
  return `CASE WHEN ${typed} IN (${oneOf.map(sqlText).join(', ')}) THEN ${typed} END`
}

function absent(
  name: string,
  type: DataType,
  fileName: string,
  { time, at }: PopulationContract,
  { types }: PopulationShape,
): { readonly typed: string; readonly raw: string } {
  const otherwise = name === time ? at : type.default
  if (otherwise !== undefined) return { typed: `${otherwise}::DOUBLE`, raw: `${otherwise}::DOUBLE` }
  const sqlType = type.type === 'string' ? 'VARCHAR' : type.type === 'bool' ? 'BOOLEAN' : 'DOUBLE'
  if (type.nullable) return { typed: `NULL::${sqlType}`, raw: 'NULL' }
  const found = Object.keys(types)
  const near = nearestName(fileName, found)
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  throw new TruelineError('missing_column', `The population has no column '${fileName}'.${hint}`, {
    path: fileName,
    remedy: found.length === 0 ? 'It is empty: give one with a header.' : `Its columns are: ${found.join(', ')}.`,
  })
}

function refuseUnknown({ schema, columns }: PopulationContract, { types }: PopulationShape): void {
  const names = Object.keys(schema).map((name) => columns[name] ?? name)
  const unknown = Object.keys(types).find((name) => !names.includes(name))
  if (unknown === undefined) return
  const [renamed, other] = Object.entries(columns).find(([, name]) => !Object.hasOwn(types, name)) ?? []
  if (other !== undefined)
    throw new TruelineError('missing_column', `The population has no column '${other}' to be read as '${renamed}'.`, {
      path: other,
      remedy: `Its columns are: ${Object.keys(types).join(', ')}. Said is how the model's stream names one, then how the population does.`,
    })
  const near = nearestName(unknown, names)
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  throw new TruelineError('unknown_column', `The model's rows have no column '${unknown}' of the population.${hint}`, {
    path: unknown,
    remedy: `Name the columns as the model's stream does: ${names.join(', ')}; leave others out.`,
  })
}
