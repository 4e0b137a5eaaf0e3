import type { DuckDBConnection } from '@duckdb/node-api'
import type { EntityDefinition } from '../../src/language/define/definitions.ts'
import { sqlName, sqlText } from '../../src/stores/lake/duckdb.ts'
import { lakeType } from '../../src/stores/lake/event-columns.ts'
import type { LawCase } from './law-case.ts'

/** What the features of a case are about. */
export const thing: EntityDefinition = { kind: 'entity', name: 'thing', key: { thing: { type: 'string' } } }

/**
 * A generated case as ingest lets it be: a deletion has a revision above 0. Its ids live on, since the drivers are told of
 * revisions by their ids alone.
 */
export function storedCase({ stream, events, ...rest }: LawCase): LawCase {
  return {
    ...rest,
    stream: { ...stream, corrections: { within: 2 ** 52 } },
    events: events.map((event) => ({ ...event, tombstone: event.tombstone && event.revision > 0 })),
  }
}

/** Writes a case's log to the table `events`, as the lake has it. */
export async function storeEvents(connection: DuckDBConnection, { stream, events }: LawCase): Promise<void> {
  const columns = Object.entries(stream.schema).map(([name, type]) => ({ name, type: lakeType(type) }))
  const own = ['_offset BIGINT', '_id VARCHAR', '_revision BIGINT', '_tombstone BOOLEAN', '_event_time BIGINT']
  const all = [...own, '_known_at BIGINT', ...columns.map(({ name, type }) => `${sqlName(name)} ${type}`)]
  await connection.run(`CREATE OR REPLACE TABLE events (${all.join(', ')})`)
  if (events.length === 0) return
  const literal = (value: unknown) =>
    value === null ? 'NULL' : typeof value === 'string' ? sqlText(value) : `'${String(value)}'`
  const rows = events.map(({ position, id, revision, tombstone, eventTime, knownAt, entity, values }) => {
    const cells = columns.map(({ name }) => (name === 'key' ? entity : (values[name] ?? null)))
    return `(${[position, id, revision, tombstone, eventTime, knownAt, ...cells].map(literal).join(', ')})`
  })
  await connection.run(`INSERT INTO events VALUES ${rows.join(', ')}`)
}
