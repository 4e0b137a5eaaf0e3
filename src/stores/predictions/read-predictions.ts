import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import { freeMemory } from '../../core/free-memory.ts'
import { parquetFiles, sqlName, streamChunks } from '../lake/duckdb.ts'
import { doublesOf } from '../lake/read-columns.ts'
import { createTextReader } from '../lake/read-texts.ts'
import { type DecodedPredictions, type PredictionLayout, predictionId } from '../log/prediction-block.ts'
import { commonColumns, type PredictionColumn, predictionColumns, statusesIn } from './prediction-columns.ts'

type CommonName = (typeof commonColumns)[number]['name']

/** The columns that all files have and that are read: the layout says the others of all its predictions at once. */
const read = [
  'block',
  'place',
  'sequence',
  't',
  'served_at',
  'score',
  'latency_us',
  'mode',
  'row',
  'decision',
  'decided_by',
] as const satisfies readonly CommonName[]
type ReadName = (typeof read)[number]

/** So many statuses are read as one text, which DuckDB keeps inside of its vectors: reading a longer one costs much more. */
const STATUSES_AT_ONCE = 12
const MOST_KNOWN = 10_000
const ROW = read.indexOf('row')
/** Texts of a column, and columns of numbers, that are read from one turn of the event loop to the next. */
const TEXTS_AT_ONCE = 512
const NUMBERS_AT_ONCE = 16

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
  const columns = columnsRead(layout)
  const sql = `SELECT ${columns.map(({ sql }) => sql).join(', ')} FROM ${parquetFiles([path])} WHERE ${condition} ${order}`
  const readers = columns.map(({ isText }) => (isText ? createTextReader() : undefined))
  const readStatuses = createStatusReader(layout.features.length)
  for await (const chunk of streamChunks(connection, sql)) {
    const texts: (string | null)[][] = []
    const numbers: Float64Array[] = []
    for (const [index, reader] of readers.entries()) {
      const into: (string | null)[] = []
      texts.push(into)
      if (reader === undefined) {
        numbers[index] = ownDoubles(chunk, index)
        if (index % NUMBERS_AT_ONCE === 0) await setImmediate()
        continue
      }
      for (let from = 0; from < chunk.rowCount; from += TEXTS_AT_ONCE) {
        reader.read(chunk, index, into, from, Math.min(from + TEXTS_AT_ONCE, chunk.rowCount))
        // Texts of rows take a millisecond a thousand, and others have their turn in between.
        if (index === ROW) await setImmediate()
      }
    }
    await setImmediate()
    yield decodeChunk(chunk.rowCount, layout, texts, numbers, readStatuses)
  }
}

interface ColumnRead {
  readonly sql: string
  readonly isText: boolean
}

/** What is selected, in this order: the common columns, the features, the cuts, the probabilities, the statuses in parts. */
function columnsRead(layout: PredictionLayout): readonly ColumnRead[] {
  const all = predictionColumns(layout)
  const common = read.map((name) => asRead(all.find((column) => column.name === name)!))
  const own = all.slice(commonColumns.length, commonColumns.length + numbersOf(layout)).map(asRead)
  const statuses = Array.from(
    { length: Math.ceil(layout.features.length / STATUSES_AT_ONCE) },
    (_, part): ColumnRead => ({
      sql: `substring(statuses, ${part * STATUSES_AT_ONCE + 1}, ${STATUSES_AT_ONCE})`,
      isText: true,
    }),
  )
  return [...common, ...own, ...statuses]
}

/** How many columns of its own a layout has that hold numbers. */
function numbersOf({ features, groups, classes = [] }: PredictionLayout): number {
  return features.length + 3 * groups.length + classes.length
}

/** A column as it is read: texts, and doubles for all else. */
function asRead(column: PredictionColumn): ColumnRead {
  const name = sqlName(column.name)
  if (column.kind === 'text') return { sql: name, isText: true }
  const value = column.type === 'TIMESTAMP' ? `epoch_us(${name})` : name
  return { sql: column.exact === true ? name : `coalesce(${value}::DOUBLE, 'nan'::DOUBLE)`, isText: false }
}

/** Makes columns of statuses of the parts of their texts, of which there are few different ones. */
type StatusReader = (parts: readonly (readonly (string | null)[])[], length: number) => readonly Uint8Array[]

function createStatusReader(features: number): StatusReader {
  const known = new Map<string, Uint8Array>()
  return (parts, length) => {
    const statuses = Array.from({ length: features }, () => new Uint8Array(length))
    for (const [part, texts] of parts.entries()) {
      const columns = statuses.slice(part * STATUSES_AT_ONCE, (part + 1) * STATUSES_AT_ONCE)
      for (let row = 0; row < length; row += 1) {
        const text = texts[row]!
        let codes = known.get(text)
        if (codes === undefined) {
          if (known.size >= MOST_KNOWN) known.clear()
          codes = statusesIn(text)
          known.set(text, codes)
        }
        for (let column = 0; column < columns.length; column += 1) columns[column]![row] = codes[column]!
      }
    }
    return statuses
  }
}

/** A column's numbers in memory of their own: DuckDB's holds only until the next chunk. */
function ownDoubles(chunk: DuckDBDataChunk, index: number): Float64Array {
  const inVector = doublesOf(chunk, index)
  const copy = inVector.slice()
  // Views of that memory count as memory, too.
  freeMemory(inVector)
  return copy
}

function decodeChunk(
  length: number,
  layout: PredictionLayout,
  texts: readonly (readonly (string | null)[])[],
  columns: readonly Float64Array[],
  readStatuses: StatusReader,
): DecodedPredictions {
  const text = (name: ReadName): readonly (string | null)[] => texts[read.indexOf(name)]!
  const column = (index: number): Float64Array => columns[index]!
  const numbers = (name: ReadName): Float64Array => column(read.indexOf(name))
  const { features, groups, classes = [] } = layout
  const [modes, decisions, deciders] = [text('mode'), text('decision'), text('decided_by')]
  const [blocks, sequences, places] = [numbers('block'), numbers('sequence'), numbers('place')]
  const own = read.length
  const cut = own + features.length
  const ofClasses = cut + 3 * groups.length
  return {
    layout,
    length,
    t: numbers('t'),
    servedAt: numbers('served_at'),
    score: numbers('score'),
    probabilities: classes.map((_, index) => column(ofClasses + index)),
    latency: Uint32Array.from(numbers('latency_us')),
    rows: text('row') as readonly string[],
    values: features.map((_, feature) => column(own + feature)),
    statuses: readStatuses(texts.slice(own + numbersOf(layout)), length),
    generations: groups.map((_, group) => Uint32Array.from(column(cut + group * 3))),
    partitions: groups.map((_, group) => Uint8Array.from(column(cut + group * 3 + 1))),
    offsets: groups.map((_, group) => column(cut + group * 3 + 2)),
    id: (index) => predictionId(blocks[index]!, places[index]!),
    position: (index) => ({ sequence: sequences[index]!, place: places[index]! }),
    mode: (index) => modes[index]!,
    decision: (index) => decisions[index] ?? undefined,
    decidedBy: (index) => deciders[index] ?? undefined,
    // Columns of texts have no numbers, and leave a hole.
    release: () => columns.forEach(freeMemory),
  }
}
