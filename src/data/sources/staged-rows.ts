import { type FileHandle, open, rm } from 'node:fs/promises'
import type { DataType, Value } from '../../core/data-type.ts'
import { partitionOf } from '../../core/key.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { duckdbWriteError, openDuckdb, sqlFile, sqlName, sqlText } from '../../stores/lake/duckdb.ts'

const lakeTypes: Readonly<Record<DataType['type'], string>> = {
  int: 'BIGINT',
  timestamp: 'BIGINT',
  decimal: 'BIGINT',
  number: 'DOUBLE',
  bool: 'BOOLEAN',
  string: 'VARCHAR',
}

/** Bytes of a row, at most; DuckDB holds a few of that size. */
const LONGEST_LINE = 32 * 2 ** 20

/** A checked row that is to become history. Times are microseconds. */
export interface RowToStage {
  readonly id: string
  readonly key: string
  readonly revision: number
  readonly isTombstone: boolean
  readonly eventTime: number
  readonly knownAt: number
  /** In the order of the schema. */
  readonly values: readonly Value[]
}

/** Rows on their way into a stream's history, kept on disk: see `StagedImport.file`. */
export class StagedRows {
  readonly #file: FileHandle
  readonly #path: string
  #pending: string[] = []
  #length = 0

  private constructor(file: FileHandle, path: string) {
    this.#file = file
    this.#path = path
  }

  /** @param path of a file that is made, in a folder for files in progress */
  static async create(path: string): Promise<StagedRows> {
    return new StagedRows(await open(path, 'wx'), path)
  }

  get length(): number {
    return this.#length
  }

  add({ id, key, revision, isTombstone, eventTime, knownAt, values }: RowToStage): void {
    this.#length += 1
    const fixed = `${this.#length},${quoted(id)},${revision},${isTombstone},${partitionOf(key)},${eventTime},${knownAt}`
    this.#pending.push(`${fixed},${values.map(field).join(',')}\n`)
  }

  /** Writes what was added to disk. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return
    const text = this.#pending.join('')
    this.#pending = []
    try {
      await this.#file.appendFile(text)
    } catch (thrown) {
      throw duckdbWriteError(thrown, this.#path)
    }
  }

  /**
   * Writes all rows as a Parquet file.
   * @throws TruelineError `disk_full`
   */
  async writeParquet(path: string, { schema }: StreamDefinition, temporaryFolder: string): Promise<void> {
    await this.flush()
    const fixed = {
      _row: 'BIGINT',
      _id: 'VARCHAR',
      _revision: 'BIGINT',
      _tombstone: 'BOOLEAN',
      _partition: 'UTINYINT',
      _event_time: 'BIGINT',
      _known_at: 'BIGINT',
    }
    const columns = Object.entries(schema).map(([name, { type }]) => [name, lakeTypes[type]] as const)
    const types = [...Object.entries(fixed), ...columns].map(([, type], index) => `c${index}: '${type}'`).join(', ')
    const names = [...Object.keys(fixed), ...columns.map(([name]) => name)]
    const select = names.map((name, index) => `c${index} AS ${sqlName(name)}`).join(', ')
    const rows = `read_csv(${sqlFile(this.#path)}, hive_partitioning = false, header = false, auto_detect = false, delim = ',', quote = '"',
      escape = '"', nullstr = '', allow_quoted_nulls = false, parallel = false, max_line_size = ${LONGEST_LINE}, buffer_size = ${LONGEST_LINE},
      columns = {${types}})`
    const duckdb = await openDuckdb({ temporaryFolder, memory: '512MB' })
    try {
      await duckdb.withConnection((connection) =>
        connection.run(`COPY (SELECT ${select} FROM ${rows}) TO ${sqlText(path)} (FORMAT parquet, COMPRESSION lz4)`),
      )
    } catch (thrown) {
      throw duckdbWriteError(thrown, path)
    } finally {
      duckdb.close()
    }
  }

  /** Removes the file. */
  async close(): Promise<void> {
    await this.#file.close()
    await rm(this.#path, { force: true })
  }
}

function field(value: Value): string {
  if (value === null) return ''
  return typeof value === 'string' ? quoted(value) : String(value)
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
