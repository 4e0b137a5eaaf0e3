import type { DuckDBConnection } from '@duckdb/node-api'
import { openDuckdb, sqlName, sqlText } from '../../../stores/lake/duckdb.ts'
import { withColumns } from '../../../stores/lake/typed-columns.ts'
import { listOf, placesOfTexts } from '../pipeline/rows-file.ts'

/** A column of a program's rows: NaN is missing. */
export type ProgramColumn = { readonly name: string } & (
  | { readonly holds: 'number'; readonly values: Float64Array | Float32Array; readonly scale?: number }
  /** Microseconds since 1970, or codes of texts. */
  | { readonly holds: 'time' | 'text'; readonly values: Float64Array }
)

/**
 * Writes rows as a Parquet file that libraries read as they are: numbers as DOUBLE (a decimal as the number that it is), times as
 * TIMESTAMP, texts as VARCHAR, and null where something is missing. Rows keep their order.
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
  const sources: { readonly name: string; readonly values: Float64Array | Float32Array }[] = []
  const select: string[] = []
  for (const [index, column] of columns.entries()) {
    const source = `c${index}`
    const value = `nullif(${source}, 'nan'::DOUBLE)`
    let { values } = column
    let written = value
    if (column.holds === 'text') {
      const places = placesOfTexts(column.values, textOf)
      await connection.run(`SET VARIABLE texts_${index} = ${listOf(places.texts)}`)
      values = places.values
      written = `getvariable('texts_${index}')[${value}::INTEGER]`
    } else if (column.holds === 'number') {
      if (column.scale !== undefined) written = `${value} / ${10 ** column.scale}`
    } else written = `make_timestamp(${value}::BIGINT)`
    sources.push({ name: source, values })
    select.push(`${written} AS ${sqlName(column.name)}`)
  }
  await withColumns(connection, sources, async (relation) => {
    await connection.run(`COPY (SELECT ${select.join(', ')} FROM ${relation}) TO ${sqlText(path)} (FORMAT parquet)`)
  })
}
