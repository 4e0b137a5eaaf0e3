import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { patternOf, sqlText } from '../../stores/lake/duckdb.ts'
import { type ColumnReading, readChunks } from '../../stores/lake/read-columns.ts'
import { createRowBuckets, type EntitiesOfBucket, type ReadRows } from './row-buckets.ts'

/** Rows in DuckDB with the number of their entity, `_entity`. */
export interface EntityRelation {
  readonly from: string
  /** What is read of each row besides its entity; the first is the time. */
  readonly columns: readonly RelationColumn[]
  /** SQL to order an entity's rows by after their time; none where the time is order enough. */
  readonly order: readonly string[]
}

export interface RelationColumn {
  readonly sql: string
  readonly reading: ColumnReading
}

/** A column of whole or fractional numbers. */
export function asDouble(sql: string): RelationColumn {
  return { sql: `(${sql})::DOUBLE`, reading: 'double' }
}

/** What DuckDB has ready before it is copied: with its own choice, a megabyte, it waits for the copies most of the time. */
const AHEAD = '64MB'

/** What is known of a relation's rows before they are read. */
export interface ExpectedRows {
  /** The largest number of an entity. */
  readonly entities: number
  readonly entitiesOfBucket: EntitiesOfBucket
  /** About how many there are. */
  readonly rows: number
}

/**
 * Reads a relation into memory that threads can share, put apart by entities. Where the relation names more than time to
 * order by, the rows of each entity come in their order; sorting by entity and time alone is several times as fast outside
 * of DuckDB.
 */
export async function readRelation(
  connection: DuckDBConnection,
  relation: EntityRelation,
  { entities, entitiesOfBucket, rows }: ExpectedRows,
): Promise<ReadRows> {
  const { from, columns, order } = relation
  const different = differentColumns(relation)
  const selected = ['_entity::DOUBLE', ...different.map(({ sql }) => sql)].join(', ')
  const ordered = order.length === 0 ? '' : `ORDER BY ${['_entity', columns[0]!.sql, ...order].join(', ')}`
  await connection.run(`SET streaming_buffer_size = '${AHEAD}'`)
  const buckets = createRowBuckets(entities, entitiesOfBucket, different.length, rows)
  await readChunks(
    connection,
    `SELECT ${selected} FROM ${from} ${ordered}`,
    ['double', ...different.map(({ reading }) => reading)],
    ([ofEntities, ...values], count) => buckets.add(ofEntities!, values, count),
  )
  const read = buckets.end()
  const placeOf = (column: RelationColumn) => different.findIndex(({ sql }) => sql === column.sql)
  return { ...read, columns: columns.map((column) => read.columns[placeOf(column)]!) }
}

/**
 * Writes a relation to files, one folder for each part of the entities, so that no part is looked for among all rows.
 * @returns the relation of each part
 */
export async function spillRelation(
  connection: DuckDBConnection,
  relation: EntityRelation,
  parts: number,
  folder: string,
): Promise<EntityRelation[]> {
  const different = differentColumns(relation)
  const columns = different.map(({ sql }, place) => `, ${sql} AS _column${place}`)
  const order = relation.order.map((sql, place) => `, ${sql} AS _order${place}`)
  await connection.run(`
    COPY (SELECT _entity, _entity % ${parts} AS _part${columns.join('')}${order.join('')} FROM ${relation.from})
    TO ${sqlText(folder)} (FORMAT parquet, COMPRESSION lz4, PARTITION_BY _part)`)
  const names = [
    ...different.map((_, place) => `_column${place}`),
    ...relation.order.map((_, place) => `_order${place}`),
  ]
  return Array.from({ length: parts }, (_, part) => ({
    from: spilledPart(join(folder, `_part=${part}`), names),
    columns: relation.columns.map(({ sql, reading }) => ({
      sql: `_column${different.findIndex((column) => column.sql === sql)}`,
      reading,
    })),
    order: relation.order.map((_, place) => `_order${place}`),
  }))
}

/** The rows in a folder, which is not there when they are none. */
function spilledPart(folder: string, names: readonly string[]): string {
  if (existsSync(folder))
    return `read_parquet(${sqlText(join(patternOf(folder), '*.parquet'))}, hive_partitioning = false)`
  return `(SELECT ${['_entity', ...names].map((name) => `NULL::DOUBLE AS ${name}`).join(', ')} WHERE false)`
}

/** A column that says the same as another, as a cut that is t itself, is read once. */
function differentColumns({ columns }: EntityRelation): RelationColumn[] {
  return columns.filter(({ sql }, index) => columns.findIndex((other) => other.sql === sql) === index)
}
