import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import { parquetFiles, sqlName, streamChunks } from '../lake/duckdb.ts'
import { doublesOf } from '../lake/read-columns.ts'
import { createTextReader } from '../lake/read-texts.ts'
import type { DecodedPredictions, PredictionLayout } from '../log/prediction-block.ts'
import { commonColumns, type PredictionColumn, predictionColumns, statusIn } from './prediction-columns.ts'

const FIXED = commonColumns.length

/**
 * Predictions of a file, about 2,048 at a time, in the order of the file unless another is given.
 * @param path absolute
 * @param condition SQL over the file's columns; groups of rows that cannot meet it are not read
 * @param order SQL that follows the condition
 */
export async function* readPredictions(
  connection: DuckDBConnection,
  path: string,
  layout: PredictionLayout,
  condition = 'true',
  order = '',
): AsyncGenerator<DecodedPredictions> {
  const columns = predictionColumns(layout)
  const select = columns.map((column) => asRead(column)).join(', ')
  const sql = `SELECT ${select} FROM ${parquetFiles([path])} WHERE ${condition} ${order}`
  const readers = columns.map(({ kind }) => (kind === 'text' ? createTextReader() : undefined))
  for await (const chunk of streamChunks(connection, sql)) {
    const texts = readers.map((reader, index): (string | null)[] => {
      const into: (string | null)[] = []
      reader?.read(chunk, index, into)
      return into
    })
    yield decodeChunk(chunk, layout, texts)
  }
}

/** A column as it is read: texts, and doubles for all else. */
function asRead(column: PredictionColumn): string {
  const name = sqlName(column.name)
  if (column.kind === 'text') return name
  const value = column.type === 'TIMESTAMP' ? `epoch_us(${name})` : name
  return column.exact === true ? name : `coalesce(${value}::DOUBLE, 'nan'::DOUBLE)`
}

type TextName = Extract<(typeof commonColumns)[number], { kind: 'text' }>['name']
type NumberName = Extract<(typeof commonColumns)[number], { kind: 'number' }>['name']

function decodeChunk(
  chunk: DuckDBDataChunk,
  layout: PredictionLayout,
  texts: readonly (readonly (string | null)[])[],
): DecodedPredictions {
  const length = chunk.rowCount
  const place = (name: TextName | NumberName): number => commonColumns.findIndex((column) => column.name === name)
  const text = (name: TextName): readonly (string | null)[] => texts[place(name)]!
  // DuckDB's own memory holds only until the next chunk.
  const numbers = (index: number): Float64Array => doublesOf(chunk, index).slice()
  const { features, groups, classes = [] } = layout
  const ids = text('id')
  const [modes, decisions, deciders, statuses] = [text('mode'), text('decision'), text('decided_by'), text('statuses')]
  const [sequences, places] = [numbers(place('sequence')), numbers(place('place'))]
  const cut = FIXED + features.length
  const ofClasses = cut + 3 * groups.length
  return {
    layout,
    length,
    t: numbers(place('t')),
    servedAt: numbers(place('served_at')),
    score: numbers(place('score')),
    probabilities: classes.map((_, index) => numbers(ofClasses + index)),
    latency: Uint32Array.from(numbers(place('latency_us'))),
    rows: text('row') as readonly string[],
    values: features.map((_, feature) => numbers(FIXED + feature)),
    statuses: features.map((_, feature) => Uint8Array.from(statuses, (all) => statusIn(all!, feature))),
    generations: groups.map((_, group) => Uint32Array.from(numbers(cut + group * 3))),
    partitions: groups.map((_, group) => Uint8Array.from(numbers(cut + group * 3 + 1))),
    offsets: groups.map((_, group) => numbers(cut + group * 3 + 2)),
    id: (index) => ids[index]!,
    position: (index) => ({ sequence: sequences[index]!, place: places[index]! }),
    mode: (index) => modes[index]!,
    decision: (index) => decisions[index] ?? undefined,
    decidedBy: (index) => deciders[index] ?? undefined,
  }
}
