import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { type Duckdb, numberedFile, sqlName, streamChunks } from '../../stores/lake/duckdb.ts'
import { type FileNow, type FilePosition, isSettled, unread } from './file-state.ts'
import { foreignParquet } from './foreign-parquet.ts'
import { parquetColumn } from './source-column.ts'
import type { SourcePage, SourceRow } from './source-page.ts'
import { isDated, type TimeRange } from './time-range.ts'

/** Length of the footer's own length and the mark behind it. */
const TAIL = 8
const MARK = 'PAR1'
/** Parts of the rows that are looked at, spread evenly, and bytes of each. */
const SAMPLES = 64
const SAMPLE = 4096
const LONGEST_FOOTER = 2 ** 22

/** A reader of one stream's Parquet files. */
export interface ParquetToRead {
  readonly stream: StreamDefinition
  /** Column of the stream -> column of the file. */
  readonly columns: Readonly<Record<string, string>>
  /** Of the times that name none, where they are not those of UTC. */
  readonly zone: string | undefined
  readonly duckdb: Duckdb
  /** Event times that are asked for. */
  readonly range: TimeRange
}

/**
 * The rows of a Parquet file, or none while it is not whole: its footer is what is written last.
 * @param now microseconds
 * @throws TruelineError `file_unreadable` for one that stays without its footer, or is damaged
 */
export async function* readParquetFile(
  file: FileNow,
  before: FilePosition | undefined,
  now: number,
  { stream, columns, zone, duckdb, range }: ParquetToRead,
): AsyncGenerator<SourcePage> {
  const { name, path, size, mtime } = file
  const of = { part: name, origin: name, broken: [] }
  const ends = await contentOf(path, size)
  if (ends === undefined) {
    const isLate = isSettled(file, before, now) && before?.waiting !== undefined
    if (isLate) throw new TruelineError('file_unreadable', `${name} is no whole Parquet file.`, { path: name })
    const position: FilePosition = { ...unread, size, mtime, waiting: before?.waiting ?? now }
    yield { ...of, rows: [], position, isUnfinished: true }
    return
  }
  let rows = before?.ends === ends ? before.rows : 0
  const positionAt = (count: number, offset = 0): FilePosition => ({
    ...unread,
    size,
    mtime,
    ends,
    rows: count,
    offset,
  })
  const connection = await duckdb.connect()
  try {
    const numbered = await numberedFile(connection, path)
    const wanted = Object.keys(stream.schema).map((column) => columns[column] ?? column)
    const { from, types: fileTypes } = await foreignParquet(connection, [path], wanted, numbered.from)
    const names = Object.keys(fileTypes)
    const select = selected(stream, columns, fileTypes, zone !== undefined)
    // Known even of a file without rows.
    yield { ...of, rows: [], columns: fileTypes, position: positionAt(rows) }
    const time = columns[stream.time] ?? stream.time
    const within = fileTypes[time] === undefined ? undefined : inTime(sqlName(time), fileTypes[time], range)
    const sql = `SELECT ${select.map(([, expression]) => expression).join(', ')}, ${numbered.row} FROM ${from}
      WHERE ${numbered.row} >= ${rows}${within === undefined ? '' : ` AND ${within.condition}`} ORDER BY ${numbered.row}`
    if (select.length === 0) throw new Error(`it has none of the stream's columns, only ${names.join(', ')}`)
    for await (const chunk of streamChunks(connection, sql, within?.values)) {
      const found = chunk.getRows()
      const page: SourceRow[] = found.map((values) =>
        Object.fromEntries(select.map(([column], index) => [column, values[index]])),
      )
      const places = found.map((values) => Number(values.at(-1)) + 1)
      rows = places.at(-1)!
      yield { ...of, rows: page, places, columns: fileTypes, position: positionAt(rows) }
    }
    yield { ...of, rows: [], position: positionAt(rows, size) }
  } catch (cause) {
    if (cause instanceof TruelineError) throw cause
    const message = (cause as Error).message.split('\n')[0]!.replaceAll(path, name)
    throw new TruelineError('file_unreadable', `${name} cannot be read: ${message}.`, { path: name, cause })
  } finally {
    connection.closeSync()
  }
}

/** Types of times without a zone. */
const localTypes = /^(TIMESTAMP(_S|_MS|_NS)?|DATE)$/

/**
 * The columns of the file that the stream has, as SQL that gives what JSON would carry.
 * @param areLocal whether times without a zone are to come as such, and not as those of UTC
 */
function selected(
  { schema }: StreamDefinition,
  columns: Readonly<Record<string, string>>,
  fileTypes: Readonly<Record<string, string>>,
  areLocal: boolean,
): [name: string, expression: string][] {
  const select: [string, string][] = []
  for (const [name, type] of Object.entries(schema)) {
    const inFile = columns[name] ?? name
    const fileType = fileTypes[inFile]
    if (fileType === undefined) continue
    if (areLocal && type.type === 'timestamp' && localTypes.test(fileType)) {
      select.push([inFile, `strftime(${sqlName(inFile)}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%f')`])
      continue
    }
    try {
      select.push([inFile, parquetColumn(name, type, inFile, fileType).raw])
    } catch (thrown) {
      if (!(thrown instanceof TruelineError)) throw thrown
      // No value of this type fits: each row is refused with its own reason.
      select.push([inFile, `${sqlName(inFile)}::VARCHAR`])
    }
  }
  if (fileTypes['_revision'] !== undefined) select.push(['_revision', '_revision::DOUBLE'])
  if (fileTypes['_tombstone'] !== undefined) select.push(['_tombstone', '_tombstone::BOOLEAN'])
  return select
}

/** How a bound is written that is compared with a column of a type, so that whole groups of rows can be passed over. */
function boundOf(fileType: string, number: number): string | undefined {
  if (/^(TIMESTAMP(_S|_MS)?|DATE)$/.test(fileType)) return `make_timestamp($${number}::BIGINT)`
  if (fileType === 'TIMESTAMP WITH TIME ZONE') return `make_timestamp($${number}::BIGINT)::TIMESTAMPTZ`
  return fileType === 'BIGINT' ? `$${number}::BIGINT` : undefined
}

/** A condition that holds for every row in a range of time, and for those without a time. */
function inTime(
  column: string,
  fileType: string,
  { from, to }: TimeRange,
): { readonly condition: string; readonly values: bigint[] } | undefined {
  const values: bigint[] = []
  const bounds: string[] = []
  for (const [sign, time] of [
    ['>=', from],
    ['<', to],
  ] as const) {
    const bound = boundOf(fileType, values.length + 1)
    if (bound === undefined || time === undefined || !isDated(time)) continue
    values.push(BigInt(Math.ceil(time)))
    bounds.push(`${column} ${sign} ${bound}`)
  }
  return bounds.length === 0 ? undefined : { values, condition: `(${column} IS NULL OR ${bounds.join(' AND ')})` }
}

/**
 * What tells a whole file from any other of its size: its footer, which has the range of each column, and as much of the
 * rows as is read in a moment. Undefined where there is no footer.
 */
async function contentOf(path: string, size: number): Promise<string | undefined> {
  if (size < 2 * TAIL) return undefined
  await using handle = await open(path)
  const bytes = Buffer.alloc(TAIL)
  await handle.read(bytes, 0, TAIL, size - TAIL)
  const length = bytes.readUInt32LE(0)
  if (bytes.toString('latin1', 4) !== MARK || length + TAIL > size) return undefined
  const hash = createHash('sha256')
  const rows = size - TAIL - length
  const step = Math.max(SAMPLE, rows / SAMPLES)
  const sample = Buffer.alloc(Math.max(SAMPLE, Math.min(length, LONGEST_FOOTER)))
  const add = async (from: number, count: number): Promise<void> => {
    const { bytesRead } = await handle.read(sample, 0, count, Math.floor(from))
    hash.update(sample.subarray(0, bytesRead))
  }
  for (let from = 0; from < rows; from += step) await add(from, SAMPLE)
  await add(rows, Math.min(length, LONGEST_FOOTER))
  return `${size}-${hash.digest('base64url')}`
}
