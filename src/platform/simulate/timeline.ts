import { type DuckDBConnection, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api'
import type { Value } from '../../core/data-type.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { parquetFiles, sqlName } from '../../stores/lake/duckdb.ts'

/** Everything that became known at one moment: rows by stream, in the order of their event times and ids. */
export interface Moment {
  /** Microseconds. */
  readonly at: number
  readonly rows: ReadonlyMap<string, readonly Readonly<Record<string, Value>>[]>
}

/** A stretch of history: one Parquet file a stream, with the columns of its schema. */
export interface History {
  readonly stream: StreamDefinition
  readonly file: string
}

/**
 * Plays histories as they became known, moment by moment in [from, until), reading them in chunks.
 * @param from,until microseconds
 */
export async function* playTimeline(
  histories: readonly History[],
  from: number,
  until: number,
): AsyncGenerator<Moment> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '1GB' })
  try {
    const cursors = await Promise.all(histories.map((history) => openCursor(instance, history, from, until)))
    for (;;) {
      let at = Number.POSITIVE_INFINITY
      for (const cursor of cursors) at = Math.min(at, await cursor.peek())
      if (at === Number.POSITIVE_INFINITY) return
      const rows = new Map<string, Record<string, Value>[]>()
      for (const cursor of cursors) {
        const taken = await cursor.takeAt(at)
        if (taken.length > 0) rows.set(cursor.stream, taken)
      }
      yield { at, rows }
    }
  } finally {
    instance.closeSync()
  }
}

interface Cursor {
  readonly stream: string
  /** Time of the next row; infinity at the end. */
  peek(): Promise<number>
  takeAt(time: number): Promise<Record<string, Value>[]>
}

async function openCursor(
  instance: DuckDBInstance,
  { stream, file }: History,
  from: number,
  until: number,
): Promise<Cursor> {
  const connection = await instance.connect()
  const result = await queryHistory(connection, stream, file, from, until)
  const names = Object.keys(stream.schema)
  let columns: (readonly unknown[])[] = []
  let length = 0
  let next = 0
  const fill = async (): Promise<void> => {
    const chunk = await result.fetchChunk()
    columns = chunk === null ? [] : chunk.getColumns()
    length = chunk?.rowCount ?? 0
    next = 0
  }
  const timeAt = (row: number): number => columns[names.length]![row] as number
  const peek = async (): Promise<number> => {
    if (next >= length) await fill()
    return next < length ? timeAt(next) : Number.POSITIVE_INFINITY
  }
  return {
    stream: stream.name,
    peek,
    async takeAt(time) {
      const taken: Record<string, Value>[] = []
      while (next < length && timeAt(next) === time) {
        const row: Record<string, Value> = {}
        for (let column = 0; column < names.length; column += 1) row[names[column]!] = columns[column]![next] as Value
        taken.push(row)
        next += 1
        if (next >= length) await fill()
      }
      return taken
    },
  }
}

async function queryHistory(
  connection: DuckDBConnection,
  stream: StreamDefinition,
  file: string,
  from: number,
  until: number,
): Promise<DuckDBResult> {
  const columns = Object.entries(stream.schema).map(([name, { type }]) => {
    if (type === 'timestamp') return `epoch_us(${sqlName(name)})::DOUBLE`
    return type === 'string' || type === 'bool' ? sqlName(name) : `${sqlName(name)}::DOUBLE`
  })
  const order = [sqlName(stream.time), ...stream.id.map(sqlName)].join(', ')
  return connection.stream(
    `SELECT ${columns.join(', ')}, (${knownSql(stream)})::DOUBLE AS known FROM ${parquetFiles([file])}
     WHERE known >= ${from} AND known < ${until} ORDER BY known, ${order}`,
  )
}

/** SQL over a row of history: when it became known, in microseconds. */
export function knownSql({ time, knownAt }: StreamDefinition): string {
  return 'column' in knownAt ? `epoch_us(${sqlName(knownAt.column)})` : `epoch_us(${sqlName(time)}) + ${knownAt.lag}`
}
