import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { MetadataTables } from './tables.ts'

/** Tables that tell what once was, or can be made again from others: what they name need not be kept. */
const namingNothing = ['audit_entries', 'artifact_marks', 'lineage_nodes', 'lineage_edges', 'lineage_offsets']

/**
 * Every digest that any text of the metadata names, wherever it stands: also in tables and members of JSON that nobody
 * thought of here. What is not among them belongs to nothing.
 */
export async function namedDigests(database: Kysely<MetadataTables>): Promise<ReadonlySet<string>> {
  const tables = await sql<{ name: string }>`SELECT name FROM sqlite_schema WHERE type = 'table'
    AND name NOT LIKE 'sqlite_%' AND name NOT IN (SELECT value FROM json_each(${JSON.stringify(namingNothing)}))`.execute(
    database,
  )
  const named = new Set<string>()
  for (const { name } of tables.rows) {
    const columns = await sql<{
      name: string
    }>`SELECT name FROM pragma_table_info(${name}) WHERE type = 'TEXT'`.execute(database)
    for (const column of columns.rows) {
      const text = sql.ref(column.name)
      const { rows } = await sql<{ text: string }>`SELECT ${text} AS text FROM ${sql.table(name)}
        WHERE instr(${text}, 'sha256:') > 0`.execute(database)
      for (const row of rows) for (const [digest] of row.text.matchAll(/sha256:[0-9a-f]{64}/g)) named.add(digest)
      // Predictions are answered between one column and the next.
      await setImmediate()
    }
  }
  return named
}
