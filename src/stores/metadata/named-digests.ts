import { setImmediate } from 'node:timers/promises'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { MetadataTables } from './tables.ts'

/** Tables that tell what once was, or can be made again from others: what they name need not be kept. */
const namingNothing = ['audit_entries', 'artifact_marks', 'lineage_nodes', 'lineage_edges', 'lineage_offsets']

/** Rows are looked through so many at a time: predictions are answered, and other acts done, between them. */
const ROWS_AT_ONCE = 5000

/** A table with texts, and the columns that its rows are looked through by. */
interface TextTable {
  readonly name: string
  readonly texts: readonly string[]
  readonly key: readonly string[]
}

/** Digests that are named from a moment on, whatever else is looked through meanwhile. */
export interface NamingWatch {
  /** Those that texts came to name since the watch began. */
  named(database: Kysely<MetadataTables>): Promise<ReadonlySet<string>>
  end(): Promise<void>
}

/**
 * Every digest that any text of the metadata names, wherever it stands: also in tables and members of JSON that nobody
 * thought of here. What is not among them belongs to nothing, unless a row came to name it meanwhile: see `watchNaming`.
 */
export async function namedDigests(
  database: Kysely<MetadataTables>,
  rowsAtOnce: number = ROWS_AT_ONCE,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>()
  for (const table of await textTables(database))
    for await (const text of textsOf(database, table, rowsAtOnce)) addDigests(named, text)
  return named
}

/**
 * Begins to note every digest that a text of the metadata comes to name. What neither was named when all was looked through
 * after this, nor is noted at the end, is named by nothing.
 */
export async function watchNaming(database: Kysely<MetadataTables>): Promise<NamingWatch> {
  const tables = await textTables(database)
  const triggers = tables.flatMap(({ name, texts }, index) =>
    ['INSERT', 'UPDATE'].map((event) => {
      const columns = texts.map((text) => sql`ifnull(NEW.${sql.ref(text)}, '')`)
      const isNaming = sql.join(
        columns.map((column) => sql`instr(${column}, 'sha256:') > 0`),
        sql` OR `,
      )
      const trigger = `naming_${index}_${event.toLowerCase()}`
      const create = sql`CREATE TEMP TRIGGER ${sql.table(trigger)} AFTER ${sql.raw(event)} ON main.${sql.table(name)}
        WHEN ${isNaming} BEGIN INSERT INTO naming VALUES (${sql.join(columns, sql` || ' ' || `)}); END`
      return { trigger, create }
    }),
  )
  await database.transaction().execute(async (transaction) => {
    await sql`CREATE TEMP TABLE naming (text TEXT)`.execute(transaction)
    for (const { create } of triggers) await create.execute(transaction)
  })
  return {
    async named(reader) {
      const { rows } = await sql<{ text: string }>`SELECT text FROM naming`.execute(reader)
      const named = new Set<string>()
      for (const { text } of rows) addDigests(named, text)
      return named
    },
    async end() {
      await database.transaction().execute(async (transaction) => {
        for (const { trigger } of triggers) await sql`DROP TRIGGER ${sql.table(trigger)}`.execute(transaction)
        await sql`DROP TABLE naming`.execute(transaction)
      })
    },
  }
}

async function textTables(database: Kysely<MetadataTables>): Promise<readonly TextTable[]> {
  const { rows } = await sql<{ name: string; wr: number }>`SELECT name, wr FROM pragma_table_list
    WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'
      AND name NOT IN (SELECT value FROM json_each(${JSON.stringify(namingNothing)})) ORDER BY name`.execute(database)
  const tables: TextTable[] = []
  for (const { name, wr } of rows) {
    const columns = await sql<{ name: string; type: string; pk: number }>`SELECT name, type, pk
      FROM pragma_table_info(${name}) ORDER BY pk`.execute(database)
    const texts = columns.rows.filter(({ type }) => type === 'TEXT').map((column) => column.name)
    const key = wr === 1 ? columns.rows.filter(({ pk }) => pk > 0).map((column) => column.name) : ['rowid']
    if (texts.length > 0) tables.push({ name, texts, key })
  }
  return tables
}

/** The texts of a table that name a digest, page by page in the order of its key. */
async function* textsOf(
  database: Kysely<MetadataTables>,
  { name, texts, key }: TextTable,
  rowsAtOnce: number,
): AsyncGenerator<string> {
  const keys = sql.join(key.map((column) => sql.ref(column)))
  const kept = sql.join(key.map((column, index) => sql`${sql.ref(column)} AS ${sql.ref(`k${index}`)}`))
  const placeOf = (row: Readonly<Record<string, unknown>>) => sql.join(key.map((_, index) => sql`${row[`k${index}`]}`))
  let after: RawBuilder<unknown> = sql`1`
  for (;;) {
    const last = await sql<Record<string, unknown>>`SELECT ${kept} FROM ${sql.table(name)} WHERE ${after}
      ORDER BY ${keys} LIMIT 1 OFFSET ${rowsAtOnce - 1}`.execute(database)
    const [end] = last.rows
    const until = end === undefined ? sql`1` : sql`(${keys}) <= (${placeOf(end)})`
    for (const text of texts) {
      const column = sql.ref(text)
      const { rows } = await sql<{ text: string }>`SELECT ${column} AS text FROM ${sql.table(name)}
        WHERE ${after} AND ${until} AND instr(${column}, 'sha256:') > 0`.execute(database)
      for (const row of rows) yield row.text
    }
    if (end === undefined) return
    after = sql`(${keys}) > (${placeOf(end)})`
    await setImmediate()
  }
}

function addDigests(named: Set<string>, text: string): void {
  for (const [digest] of text.matchAll(/sha256:[0-9a-f]{64}/g)) named.add(digest)
}
