import type { VectorInput } from '../../../data/features/vector.ts'
import { createDictionary } from '../../../language/expr/dictionary.ts'
import { openDuckdb, parquetFiles, sqlName, sqlText } from '../../../stores/lake/duckdb.ts'
import { readColumns } from '../../../stores/lake/read-columns.ts'
import { withColumns } from '../../../stores/lake/typed-columns.ts'
import type { DatasetRows } from '../dataset.ts'

/** What the file of a dataset does not say of its rows. */
export type RowsFigures = Pick<DatasetRows, 'outcomes' | 'excluded'> & { readonly rows: number }

export interface RowsFileOptions {
  readonly threads: number
  /** For what does not fit into memory. */
  readonly temporaryFolder: string
}

/** Columns of the file beside the inputs, which have their own names: none of these begins with an underscore. */
const TIME = '_t'
const PLACE = '_place'
const LABEL = '_label'
const WEIGHT = '_weight'
const OUTCOME_COUNTS = '_outcome_counts'
/** A dictionary holds 0 and -0 for one value, and few values of a vector repeat. */
const NO_DICTIONARY = 0

const segmentName = (column: string): string => `_segment.${column}`

/**
 * Writes rows as a Parquet file: t, the inputs (numbers as the model takes them, texts as they are), the outcome and from
 * when on it counts, and the columns that the gate judges by group of. DuckDB pulls them out of the arrays while it
 * encodes, so there is no copy of the rows.
 */
export async function writeRows(path: string, rows: DatasetRows, options: RowsFileOptions): Promise<void> {
  const duckdb = await openDuckdb({ ...options, memory: '1GB' })
  try {
    await duckdb.withConnection(async (connection) => {
      const columns: FileColumn[] = [
        { name: TIME, values: rows.times, type: 'time' },
        { name: PLACE, values: rows.places, type: 'whole' },
        ...rows.inputs.map(({ name, type }, index): FileColumn => {
          const values = rows.columns[index]!
          return type === 'string' ? { name, ...placesOfTexts(values, rows.textOf) } : { name, values }
        }),
        { name: LABEL, values: rows.labels },
        { name: OUTCOME_COUNTS, values: rows.outcomesCount, type: 'time' },
        ...(rows.weights === undefined ? [] : [{ name: WEIGHT, values: rows.weights }]),
        ...rows.segments.map(({ column, values }) => ({ name: segmentName(column), ...placesOf(values) })),
      ]
      for (const [index, { texts }] of columns.entries())
        if (texts !== undefined) await connection.run(`SET VARIABLE texts_${index} = ${listOf(texts)}`)
      const sources = columns.map(({ values }, index) => ({ name: `c${index}`, values }))
      const select = columns.map((column, index) => `${expressionOf(column, index)} AS ${sqlName(column.name)}`)
      await withColumns(connection, sources, async (relation) => {
        await connection.run(
          `COPY (SELECT ${select.join(', ')} FROM ${relation}) TO ${sqlText(path)} (FORMAT parquet, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT ${NO_DICTIONARY})`,
        )
      })
    })
  } finally {
    duckdb.close()
  }
}

/**
 * Reads rows as `writeRows` wrote them, to the bit.
 * @param inputs as the plan of the model has them
 * @param has columns that the gate judges by group of, and whether rows have weights
 */
export async function readRows(
  path: string,
  inputs: readonly VectorInput[],
  { segments, weights }: { readonly segments: readonly string[]; readonly weights: boolean },
  { rows, outcomes, excluded }: RowsFigures,
  options: RowsFileOptions,
): Promise<DatasetRows> {
  const duckdb = await openDuckdb({ ...options, memory: '1GB' })
  const dictionary = createDictionary()
  const groups = segments.map(() => createDictionary())
  try {
    return await duckdb.withConnection(async (connection) => {
      const number = (name: string): string => `coalesce(${sqlName(name)}, 'nan'::DOUBLE)`
      const time = (name: string): string => `epoch_us(${sqlName(name)})::DOUBLE`
      const select = [
        ...[time(TIME), `${PLACE}::DOUBLE`, number(LABEL), time(OUTCOME_COUNTS)],
        ...inputs.map(({ name, type }) => (type === 'string' ? sqlName(name) : number(name))),
        ...segments.map((column) => sqlName(segmentName(column))),
        ...(weights ? [number(WEIGHT)] : []),
      ]
      const lasting = (text: string): number => dictionary.lastingCode(dictionary.encode(text))
      const [times, places, labels, outcomesCount, ...others] = await readColumns(
        connection,
        `SELECT ${select.join(', ')} FROM ${parquetFiles([path])}`,
        [
          ...(['double', 'double', 'double', 'double'] as const),
          ...inputs.map(({ type }) => (type === 'string' ? lasting : ('double' as const))),
          ...groups.map((group) => (text: string) => group.encode(text)),
          ...(weights ? (['double'] as const) : []),
        ],
        rows,
      )
      return {
        ...{ inputs, outcomes, excluded, textOf: dictionary.textOf },
        ...{ times: times!, places: places!, labels: labels!, outcomesCount: outcomesCount! },
        columns: others.slice(0, inputs.length),
        ...(weights ? { weights: others.at(-1)! } : {}),
        segments: segments.map((column, index) => {
          const codes = others[inputs.length + index]!
          return {
            column,
            values: Array.from(codes, (code) => (Number.isNaN(code) ? null : groups[index]!.decode(code))),
          }
        }),
      }
    })
  } finally {
    duckdb.close()
  }
}

interface FileColumn {
  readonly name: string
  readonly values: Float64Array
  readonly type?: 'time' | 'whole'
  /** Of a column of texts: its values are places among these, from 1. */
  readonly texts?: readonly string[]
}

function expressionOf({ type, texts }: FileColumn, index: number): string {
  const value = `nullif(c${index}, 'nan'::DOUBLE)`
  if (texts !== undefined) return `getvariable('texts_${index}')[${value}::INTEGER]`
  if (type === 'time') return `make_timestamp(${value}::BIGINT)`
  return type === 'whole' ? `${value}::BIGINT` : value
}

/** A column of codes as places among their texts, from 1. */
export function placesOfTexts(
  codes: Float64Array,
  textOf: DatasetRows['textOf'],
): { readonly values: Float64Array; readonly texts: readonly string[] } {
  const places = new Map<number, number>()
  const texts: string[] = []
  const values = codes.map((code) => {
    if (Number.isNaN(code)) return code
    const known = places.get(code)
    if (known !== undefined) return known
    const text = textOf(code)
    if (text === undefined) throw new Error(`the text of the code ${code} is not known`)
    places.set(code, texts.push(text))
    return texts.length
  })
  return { values, texts }
}

function placesOf(values: readonly (string | null)[]): Pick<FileColumn, 'values' | 'texts'> {
  const dictionary = createDictionary()
  const places = Float64Array.from(values, (text) => (text === null ? Number.NaN : dictionary.encode(text) + 1))
  return { values: places, texts: Array.from({ length: dictionary.size }, (_, code) => dictionary.decode(code)) }
}

/** Texts as a list in SQL. */
export function listOf(texts: readonly string[]): string {
  return texts.length === 0 ? "['']" : `[${texts.map(sqlText).join(', ')}]`
}
