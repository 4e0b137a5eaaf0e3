import type { Client as PostgresClient } from 'pg'
import type { DataType, Schema, Value } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import { databaseWords, postgresClient, postgresRemedy } from '../../../data/sources/postgres-client.ts'
import type { Environment } from '../../../data/sources/setting.ts'
import type { DestinationLocation } from '../../../language/define/batch-definition.ts'
import { sqlName } from '../../../stores/lake/duckdb.ts'
import { outputRows } from './output-rows.ts'
import { checkColumns, refuseLoss, refuseTypes, type TableRows } from './publish-sqlite.ts'

const CONNECT_MS = 30_000
const LOCK_MS = 60_000
/** Rows of a statement: as many as keep a message small. */
const ROWS_OF_A_STATEMENT = 8192

const columnTypes = {
  int: 'bigint',
  number: 'double precision',
  decimal: 'numeric',
  bool: 'boolean',
  string: 'text',
  timestamp: 'timestamptz',
} as const

/** Whether a column of the database gives back what is written into it, to the bit. */
function keepsValues({ type, scale = 0 }: DataType, columnType: string): boolean {
  switch (type) {
    case 'int':
      return columnType === 'bigint' || columnType === 'numeric'
    case 'decimal':
      return columnType === 'numeric' || Number(/^numeric\(\d+,(\d+)\)$/.exec(columnType)?.[1] ?? -1) >= scale
    case 'timestamp':
      return columnType === 'timestamp with time zone'
    case 'string':
      return columnType === 'text' || columnType.startsWith('character varying')
    default:
      return columnType === columnTypes[type]
  }
}

/**
 * Writes a run's rows into a table of a PostgreSQL database, made where it is missing, in one transaction: whoever reads
 * sees the rows before or those after.
 * @throws TruelineError `destination_mismatch` for a table of other columns, `destination_unavailable`, `setting_missing`,
 *   `setting_invalid`
 */
export async function publishToPostgres(
  { url, table }: Extract<DestinationLocation, { kind: 'postgres' }>,
  { schema, parts, write, run }: TableRows,
  temporaryFolder: string,
  environment: Environment,
): Promise<void> {
  const client = await postgresClient(url, environment, {
    application_name: 'trueline batch',
    connectionTimeoutMillis: CONNECT_MS,
    // A server that is gone without a word is told.
    keepAlive: true,
  })
  // A connection that breaks between two statements shows at the next one.
  client.on('error', () => undefined)
  const name = table.split('.').map(sqlName).join('.')
  const names = Object.keys(schema)
  try {
    await client.connect()
    await client.query('BEGIN')
    // What a policy hides would stay behind what takes its place: the server refuses instead.
    await client.query('SET LOCAL row_security = off')
    // Somebody else's lock is told, too.
    await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`)
    await client.query(`CREATE TABLE IF NOT EXISTS ${name} (${columnsOf(schema)})`)
    // Two runs never mix; readers are not kept waiting.
    await client.query(`LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`)
    const found = await client.query<{ attname: string; type: string }>(
      `SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      [name],
    )
    const place = databaseWords(client)
    checkColumns(
      place,
      table,
      names,
      found.rows.map(({ attname }) => attname),
    )
    for (const { attname, type } of found.rows) {
      const wanted = schema[attname]!
      if (!keepsValues(wanted, type)) refuseTypes(place, table, attname, type, columnTypes[wanted.type])
    }
    if (write === 'replace') await client.query(`DELETE FROM ${name}`)
    else await client.query(`DELETE FROM ${name} WHERE run_id = $1`, [run])
    const written = await insertRows(client, name, schema, outputRows(parts, schema, temporaryFolder))
    const { rows } = await client.query<{ kept: number }>(
      `SELECT count(*)::float8 AS kept FROM ${name} ${write === 'replace' ? '' : 'WHERE run_id = $1'}`,
      write === 'replace' ? [] : [run],
    )
    if (rows[0]!.kept !== written) refuseLoss(place, table, rows[0]!.kept, written)
    await client.query('COMMIT')
  } catch (cause) {
    if (cause instanceof TruelineError) throw cause
    const message = `The database ${databaseWords(client)} does not take the scores of table '${table}': ${(cause as Error).message}.`
    const known = postgresRemedy(cause, url) ?? 'Look after the database and the rights to it.'
    const remedy = `${known} Then run the batch again: it goes on where it stopped.`
    throw new TruelineError('destination_unavailable', message, { path: table, cause, remedy })
  } finally {
    // The server rolls back what was not committed.
    await client.end().catch(() => undefined)
  }
}

/** Gives the number of rows that were handed over; triggers of the table may keep fewer. */
async function insertRows(
  client: PostgresClient,
  name: string,
  schema: Schema,
  chunks: AsyncIterable<readonly Value[][]>,
): Promise<number> {
  let written = 0
  const types = Object.values(schema).map(({ type }) => columnTypes[type])
  const arrays = types.map((type, index) => `$${index + 1}::${type}[]`)
  const sql = `INSERT INTO ${name} SELECT * FROM unnest(${arrays.join(', ')})`
  let pending: Value[][] = types.map(() => [])
  for await (const columns of chunks) {
    written += columns[0]!.length
    pending = pending.map((column, index) => column.concat(columns[index]!))
    if (pending[0]!.length < ROWS_OF_A_STATEMENT) continue
    await client.query(sql, pending)
    pending = types.map(() => [])
  }
  if (pending[0]!.length > 0) await client.query(sql, pending)
  return written
}

function columnsOf(schema: Schema): string {
  return Object.entries(schema)
    .map(([name, { type }]) => `${sqlName(name)} ${columnTypes[type]}`)
    .join(', ')
}
