import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { readCount, readText } from '../../stores/lake/read-columns.ts'
import { type EntityRelation, readRelation, spillRelation } from './entity-relation.ts'
import { createKeys, eventsAsked, type ReplayRelations, rowsAsking } from './replay-relations.ts'
import { entitiesOfBucket, type ReadRows } from './row-buckets.ts'

/** Some of the entities asked about, whole: their events, and the rows that ask. */
export interface EntitiesAsked {
  readonly events: ReadRows
  readonly queries: ReadRows
}

export interface PartsOptions {
  readonly ordersTies: boolean
  /** Asking rows there are. */
  readonly rows: number
  /** Most events and rows of a part; an entity is never cut in two. */
  readonly mostAtOnce: number
}

/**
 * The events and asking rows of a replay in parts that fit into memory. More than one part goes through files in
 * DuckDB's temporary folder, so that all rows are read twice however many parts there are.
 * @param other a second connection, which must see the relations too: then events and rows are read at once
 */
export async function* readParts(
  connection: DuckDBConnection,
  relations: ReplayRelations,
  { ordersTies, rows, mostAtOnce }: PartsOptions,
  other?: DuckDBConnection,
): AsyncGenerator<EntitiesAsked> {
  const keys = `_keys_of_${relations.definition.name}`
  await createKeys(connection, relations, keys)
  const entities = await readCount(connection, `SELECT count(*) FROM ${sqlName(keys)}`)
  const events = await readCount(connection, `SELECT count(*) FROM ${relations.events}`)
  const parts = Math.max(1, Math.ceil((events + rows) / mostAtOnce))
  const expected = { entities, entitiesOfBucket: entitiesOfBucket(entities, (events + rows) / parts) }
  const read = async (ofEvents: EntityRelation, ofRows: EntityRelation): Promise<EntitiesAsked> => {
    const readEvents = readRelation(connection, ofEvents, { ...expected, rows: events / parts })
    if (other === undefined) await readEvents
    // Whoever hears that one failed closes both connections: the other must not be reading then.
    const [eventRows, queries] = await Promise.allSettled([
      readEvents,
      readRelation(other ?? connection, ofRows, { ...expected, rows: rows / parts }),
    ])
    if (eventRows.status === 'rejected') throw eventRows.reason
    if (queries.status === 'rejected') throw queries.reason
    return { events: eventRows.value, queries: queries.value }
  }
  const all = eventsAsked(relations, keys, ordersTies)
  const asking = rowsAsking(relations, keys)
  if (parts === 1) {
    yield await read(all, asking)
  } else {
    const folder = await createTemporaryFolder(connection)
    try {
      const ofEvents = await spillRelation(connection, all, parts, join(folder, 'events'))
      const ofRows = await spillRelation(connection, asking, parts, join(folder, 'rows'))
      for (let part = 0; part < parts; part += 1) yield await read(ofEvents[part]!, ofRows[part]!)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  await connection.run(`DROP TABLE ${sqlName(keys)}`)
}

async function createTemporaryFolder(connection: DuckDBConnection): Promise<string> {
  const parent = await readText(connection, `SELECT current_setting('temp_directory')`)
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, 'replay-'))
}
