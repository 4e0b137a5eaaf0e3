import { DOUBLE, type DuckDBConnection, DuckDBTableFunction, VARCHAR } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { likeliest } from '../../core/math/likeliest.ts'
import { sqlName, sqlText } from '../lake/duckdb.ts'
import { type DecodedPredictions, type PredictionLayout, parsePredictionId } from '../log/prediction-block.ts'
import { probabilitiesAt } from '../log/prediction-codec.ts'
import { type PredictionColumn, predictionColumns, statusText } from './prediction-columns.ts'

/** Rows of a group: one prediction is read by decoding the group that it is in, so they are few. */
const ROW_GROUP_ROWS = 16_384
/** DuckDB's own unit of rows. */
const ROWS_OF_A_CHUNK = 2048
/** Vectors hardly repeat, and a dictionary would make one of 0 and -0. */
const NO_DICTIONARY = 1

/** A column's values of some rows. */
type Cells = ArrayLike<number> | readonly (string | undefined)[]

let writes = 0

/**
 * Writes predictions as a Parquet file, sorted as they come. DuckDB pulls block after block while it encodes: one of them
 * is in memory at a time, and a group of rows.
 * @param blocks of one layout
 * @throws Error of DuckDB when the file cannot be written
 */
export async function writePredictions(
  connection: DuckDBConnection,
  path: string,
  layout: PredictionLayout,
  blocks: Iterator<DecodedPredictions>,
): Promise<void> {
  writes += 1
  const source = `_predictions_${writes}`
  const columns = predictionColumns(layout)
  connection.registerTableFunction(tableFunction(source, columns, blocks))
  const select = columns.map((column) => `${written(column)} AS ${sqlName(column.name)}`).join(', ')
  await connection.run(
    `COPY (SELECT ${select} FROM ${source}()) TO ${sqlText(path)}
     (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, DICTIONARY_SIZE_LIMIT ${NO_DICTIONARY})`,
  )
}

/** A column as it is written, from how it comes: texts, and doubles for all else. */
function written(column: PredictionColumn): string {
  const name = sqlName(column.name)
  if (column.kind === 'text') return `nullif(${name}, '')`
  if (column.exact === true) return name
  const nullable = `nullif(${name}, 'nan'::DOUBLE)`
  if (column.type === 'DOUBLE') return nullable
  return column.type === 'TIMESTAMP' ? `make_timestamp(${nullable}::BIGINT)` : `${nullable}::${column.type}`
}

function tableFunction(
  name: string,
  columns: readonly PredictionColumn[],
  blocks: Iterator<DecodedPredictions>,
): DuckDBTableFunction {
  let cells: readonly Cells[] = []
  let length = 0
  let taken = 0
  const doubles = new Float64Array(ROWS_OF_A_CHUNK)
  return DuckDBTableFunction.create({
    name,
    bindFunction(bind) {
      for (const column of columns) bind.addResultColumn(column.name, column.kind === 'text' ? VARCHAR : DOUBLE)
    },
    initFunction(init) {
      init.setMaxThreads(1)
    },
    mainFunction(_, { chunk }) {
      let filled = 0
      while (filled < ROWS_OF_A_CHUNK) {
        if (taken === length) {
          const next = blocks.next()
          if (next.done === true) break
          cells = cellsOf(next.value)
          length = next.value.length
          taken = 0
        }
        const count = Math.min(ROWS_OF_A_CHUNK - filled, length - taken)
        for (const [index, column] of columns.entries()) {
          const vector = duckdb.data_chunk_get_vector(chunk, index)
          if (column.kind === 'text') {
            const texts = cells[index] as readonly (string | undefined)[]
            for (let row = 0; row < count; row += 1)
              duckdb.vector_assign_string_element(vector, filled + row, texts[taken + row] ?? '')
          } else {
            const numbers = cells[index] as ArrayLike<number>
            for (let row = 0; row < count; row += 1) doubles[row] = numbers[taken + row]!
            duckdb.copy_data_to_vector(vector, filled * 8, doubles.buffer, 0, count * 8)
          }
        }
        filled += count
        taken += count
      }
      duckdb.data_chunk_set_size(chunk, filled)
    },
  })
}

/** A block's values in the order of the columns. */
function cellsOf(block: DecodedPredictions): readonly Cells[] {
  const { layout, length } = block
  const indexes = Array.from({ length }, (_, index) => index)
  const all = <Item>(value: Item): Item[] => new Array<Item>(length).fill(value)
  const { sequence } = block.position(0)
  const { classes } = layout
  const classAt = (index: number): string => classes![likeliest(probabilitiesAt(block, index)!, 0, classes!.length)]!
  return [
    indexes.map(block.id),
    all(parsePredictionId(block.id(0))!.block),
    indexes,
    all(sequence),
    all(layout.model),
    all(layout.version),
    all(layout.digest),
    block.t,
    block.servedAt,
    indexes.map(block.mode),
    block.rows,
    block.score,
    indexes.map(block.decision),
    indexes.map(block.decidedBy),
    block.latency,
    indexes.map((index) => statusText(block.statuses, index)),
    ...block.values,
    ...layout.groups.flatMap((_, group) => [
      block.generations[group]!,
      block.partitions[group]!,
      block.offsets[group]!,
    ]),
    ...(classes === undefined ? [] : [...block.probabilities, indexes.map(classAt)]),
  ]
}
