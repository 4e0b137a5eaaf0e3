import type { Client as PostgresClient } from 'pg'
import type { Schema, Value } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import { type Environment, settingOf } from '../../../data/sources/setting.ts'
import type { DestinationLocation } from '../../../language/define/batch-definition.ts'
import { sqlName } from '../../../stores/lake/duckdb.ts'
import { outputRows } from './output-rows.ts'
import { checkColumns, type TableRows } from './publish-sqlite.ts'

const CONNECT_MS = 30_000
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

/**
 * Writes a run's rows into a table of a PostgreSQL database, made where it is missing, in one transaction: whoever reads
 * sees the rows before or those after.
 * @throws TruelineError `destination_mismatch` for a table of other columns, `destination_unavailable`, `setting_missing`
 */
export async function publishToPostgres(
  { url, table }: Extract<DestinationLocation, { kind: 'postgres' }>,
  { schema, parts, write, run }: TableRows,
  temporaryFolder: string,
  environment: Environment,
): Promise<void> {
  // Loaded by those who use it alone.
  const { Client } = await import('pg')
  const client = new Client({
    connectionString: settingOf(url, environment),
    application_name: 'trueline batch',
    connectionTimeoutMillis: CONNECT_MS,
  })
  // A connection that breaks between two statements shows at the next one.
  client.on('error', () => undefined)
  const name = table.split('.').map(sqlName).join('.')
  const names = Object.keys(schema)
  try {
    await client.connect()
    await client.query('BEGIN')
    await client.query(`CREATE TABLE IF NOT EXISTS ${name} (${columnsOf(schema)})`)
    // Two runs never mix; readers are not kept waiting.
    await client.query(`LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`)
    const found = await client.query<{ attname: string }>(
      'SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
      [name],
    )
    checkColumns(
      'the database',
      table,
      names,
      found.rows.map(({ attname }) => attname),
    )
    if (write === 'replace') await client.query(`DELETE FROM ${name}`)
    else await client.query(`DELETE FROM ${name} WHERE run_id = $1`, [run])
    await insertRows(client, name, schema, outputRows(parts, schema, temporaryFolder))
    await client.query('COMMIT')
  } catch (cause) {
    if (cause instanceof TruelineError) throw cause
    const message = `The database of '${table}' does not take the scores: ${(cause as Error).message}.`
    throw new TruelineError('destination_unavailable', message, { path: table, cause })
  } finally {
    // The server rolls back what was not committed.
    await client.end().catch(() => undefined)
  }
}

async function insertRows(
  client: PostgresClient,
  name: string,
  schema: Schema,
  chunks: AsyncIterable<readonly Value[][]>,
): Promise<void> {
  const types = Object.values(schema).map(({ type }) => columnTypes[type])
  const arrays = types.map((type, index) => `$${index + 1}::${type}[]`)
  const sql = `INSERT INTO ${name} SELECT * FROM unnest(${arrays.join(', ')})`
  let pending: Value[][] = types.map(() => [])
  for await (const columns of chunks) {
    pending = pending.map((column, index) => column.concat(columns[index]!))
    if (pending[0]!.length < ROWS_OF_A_STATEMENT) continue
    await client.query(sql, pending)
    pending = types.map(() => [])
  }
  if (pending[0]!.length > 0) await client.query(sql, pending)
}

function columnsOf(schema: Schema): string {
  return Object.entries(schema)
    .map(([name, { type }]) => `${sqlName(name)} ${columnTypes[type]}`)
    .join(', ')
}
