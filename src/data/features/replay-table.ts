import type { DuckDBConnection } from '@duckdb/node-api'
import type { VectorColumns } from '../../kernel/replay.ts'
import { NULL, UNKNOWN_KEY, VALUE } from '../../kernel/status.ts'
import { statusWithout, type TableVersions, versionAt } from '../../kernel/table-versions.ts'
import type { StreamDefinition, TableDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { sqlName, streamChunks } from '../../stores/lake/duckdb.ts'
import { columnAsDouble } from '../../stores/lake/event-columns.ts'
import { type ColumnReading, readColumns } from '../../stores/lake/read-columns.ts'
import { sharedStatuses, sharedValues } from './shared-columns.ts'

/** A reference table to be joined to every row of a table, as of what each row may see. */
export interface TableReplayRequest {
  readonly definition: TableDefinition
  readonly stream: StreamDefinition
  readonly dictionary: Dictionary
  /** Columns of the table that are asked for. */
  readonly columns: readonly string[]
  /** Relation of the table's rows, with the lake's columns. */
  readonly events: string
  /** SQL over a row of it, `event`: the moment or position from which it is visible; a row sees those below its cut. */
  readonly visibleAt: string
  /** SQL over a row of it: from which cut on it is superseded; left out when none is. */
  readonly hiddenAt?: string
  /** Table of the asking rows: `_ordinal` (0 to rows - 1), and the columns that `time`, `cut` and `rowColumns` name. */
  readonly spine: string
  /** SQL over an asking row: t in microseconds, and its cut. */
  readonly time: string
  readonly cut: string
  /** Columns of the asking row that carry the table's key, in the key's order. */
  readonly rowColumns: readonly string[]
  readonly rows: number
}

const KEYS = '_keys_of_table'

/**
 * Joins a reference table by validity: DuckDB finds the keys asked about and sorts their versions, and the function that
 * answers live chooses among them. In memory are the versions of the keys asked about, and the answers.
 */
export async function replayTable(connection: DuckDBConnection, request: TableReplayRequest): Promise<VectorColumns> {
  const { columns, rows, spine, rowColumns, time, cut } = request
  const output = {
    values: columns.map(() => sharedValues(rows).fill(Number.NaN)),
    statuses: columns.map(() => sharedStatuses(rows).fill(UNKNOWN_KEY)),
  }
  await createKeys(connection, request)
  const { starts, versions, values } = await readVersions(connection, request)
  const on = rowColumns.map((column, index) => `spine.${sqlName(column)} = _key${index}`)
  const asked = `SELECT _key::DOUBLE, (${time})::DOUBLE, (${cut})::DOUBLE, spine._ordinal::DOUBLE
    FROM ${spine} spine JOIN ${KEYS} ON ${on.join(' AND ')}`
  for await (const chunk of streamChunks(connection, asked)) {
    const [keys, times, cuts, ordinals] = chunk.getColumns() as number[][] as [number[], number[], number[], number[]]
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const key = keys[row]!
      const ordinal = ordinals[row]!
      const found = versionAt(versions, starts[key]!, starts[key + 1]!, times[row]!, cuts[row]!)
      for (let column = 0; column < columns.length; column += 1) {
        const value = found < 0 ? Number.NaN : values[column]![found]!
        output.values[column]![ordinal] = value
        output.statuses[column]![ordinal] = found < 0 ? statusWithout(found) : Number.isNaN(value) ? NULL : VALUE
      }
    }
  }
  await connection.run(`DROP TABLE ${KEYS}`)
  return output
}

/** Every key asked about gets a number from 0 on; one with a null field matches nothing, and gets none. */
async function createKeys(connection: DuckDBConnection, { spine, rowColumns }: TableReplayRequest): Promise<void> {
  const columns = rowColumns.map((column, index) => `${sqlName(column)} AS _key${index}`)
  const present = rowColumns.map((column) => `${sqlName(column)} IS NOT NULL`)
  await connection.run(`
    CREATE OR REPLACE TABLE ${KEYS} AS SELECT *, row_number() OVER () - 1 AS _key
    FROM (SELECT DISTINCT ${columns.join(', ')} FROM ${spine} WHERE ${present.join(' AND ')})`)
}

/** Versions sorted by key, start and id; those of key k are at [starts[k], starts[k + 1]). */
interface SortedVersions {
  readonly starts: Uint32Array
  readonly versions: TableVersions
  /** Of the columns asked for. */
  readonly values: readonly Float64Array[]
}

async function readVersions(
  connection: DuckDBConnection,
  { definition, stream, dictionary, columns, events, visibleAt, hiddenAt }: TableReplayRequest,
): Promise<SortedVersions> {
  const { schema } = stream
  const on = definition.key.map((column, index) => `event.${sqlName(column)} = _key${index}`)
  const end = definition.validTo === undefined ? 'NULL' : `event.${sqlName(definition.validTo)}`
  const taken = [
    '_key::DOUBLE',
    'event._event_time::DOUBLE',
    `coalesce((${end})::DOUBLE, 'infinity'::DOUBLE)`,
    `(${visibleAt})::DOUBLE`,
    `(${hiddenAt ?? "'infinity'"})::DOUBLE`,
    ...columns.map((column) => columnAsDouble(column, schema[column]!)),
  ]
  const readings = taken.map((_, index): ColumnReading => {
    const column = columns[index - (taken.length - columns.length)]
    return column !== undefined && schema[column]!.type === 'string' ? dictionary.encode : 'double'
  })
  const sql = `SELECT ${taken.join(', ')} FROM ${events} event JOIN ${KEYS} ON ${on.join(' AND ')}
    ORDER BY _key, event._event_time, event._id`
  const read = await readColumns(connection, sql, readings)
  const [keys, validFrom, validTo, visible, hidden, ...values] = read as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    ...Float64Array[],
  ]
  const [count] = (await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${KEYS}`)).getRows()[0] as [number]
  const starts = new Uint32Array(count + 1)
  for (const key of keys) starts[key + 1]! += 1
  for (let key = 0; key < count; key += 1) starts[key + 1]! += starts[key]!
  return { starts, values, versions: { validFrom, validTo, seen: { visibleAt: visible, hiddenAt: hidden } } }
}
