import type { DuckDBConnection } from '@duckdb/node-api'
import { openDuckdb, sqlName, sqlText } from '../../../stores/lake/duckdb.ts'
import { withColumns } from '../../../stores/lake/write-parquet.ts'

/** A column of a program's rows: NaN is missing. */
export interface ProgramColumn {
  readonly name: string
  readonly values: Float64Array | Float32Array
  /** What the values are: numbers in units of `10^-scale`, microseconds since 1970, or codes of texts. */
  readonly holds:
    | { readonly kind: 'number'; readonly scale?: number }
    | { readonly kind: 'time' }
    | { readonly kind: 'text' }
}

const ROW = '_row'

/**
 * Writes rows as a Parquet file that libraries read as they are: numbers as DOUBLE, times as TIMESTAMP, texts as VARCHAR, and null
 * where something is missing. Rows keep their order.
 * @param textOf the text of a code
 */
export async function writeRows(
  path: string,
  columns: readonly ProgramColumn[],
  textOf: (code: number) => string | undefined,
  temporaryFolder: string,
): Promise<void> {
  const duckdb = await openDuckdb({ memory: '1GB', temporaryFolder })
  try {
    await duckdb.withConnection((connection) => writeWith(connection, path, columns, textOf))
  } finally {
    duckdb.close()
  }
}

async function writeWith(
  connection: DuckDBConnection,
  path: string,
  columns: readonly ProgramColumn[],
  textOf: (code: number) => string | undefined,
): Promise<void> {
  const texts = columns.filter(({ holds }) => holds.kind === 'text')
  const rows = columns[0]?.values.length ?? 0
  // A join keeps no order.
  const ordinals =
    texts.length === 0 ? [] : [{ name: ROW, values: Float64Array.from({ length: rows }, (_, row) => row) }]
  if (texts.length > 0) await createTexts(connection, texts, textOf)
  const select = columns.map((column) => `${expressionOf(column)} AS ${sqlName(column.name)}`)
  await withColumns(connection, [...columns, ...ordinals], async (relation) => {
    const joins = texts.map(
      ({ name }, index) => `LEFT JOIN _texts AS text${index} ON text${index}.code = row.${sqlName(name)}`,
    )
    const order = texts.length === 0 ? '' : `ORDER BY row.${ROW}`
    const sql = `SELECT ${select.join(', ')} FROM ${relation} AS row ${joins.join(' ')} ${order}`
    await connection.run(`COPY (${sql}) TO ${sqlText(path)} (FORMAT parquet)`)
  })

  function expressionOf({ name, holds }: ProgramColumn): string {
    const value = `nullif(row.${sqlName(name)}, 'nan'::DOUBLE)`
    if (holds.kind === 'text') return `text${texts.findIndex((one) => one.name === name)}.text`
    if (holds.kind === 'time') return `make_timestamp(${value}::BIGINT)`
    return holds.scale === undefined ? value : `${value} / ${10 ** holds.scale}`
  }
}

async function createTexts(
  connection: DuckDBConnection,
  columns: readonly ProgramColumn[],
  textOf: (code: number) => string | undefined,
): Promise<void> {
  await connection.run('CREATE TABLE _texts (code DOUBLE PRIMARY KEY, text VARCHAR NOT NULL)')
  const appender = await connection.createAppender('_texts')
  const codes = new Set<number>()
  for (const { values } of columns) for (const value of values) if (!Number.isNaN(value)) codes.add(value)
  for (const code of codes) {
    const text = textOf(code)
    if (text === undefined) throw new Error(`the text of the code ${code} is not known`)
    appender.appendDouble(code)
    appender.appendVarchar(text)
    appender.endRow()
  }
  appender.closeSync()
}
