import type { DuckDBConnection } from '@duckdb/node-api'
import type { EntityDefinition, FeaturesDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { columnAsDouble } from '../../stores/lake/event-columns.ts'
import { columnsRead } from './columns-read.ts'
import { asDouble, type EntityRelation, type RelationColumn } from './entity-relation.ts'

/** What is replayed, in the terms of DuckDB: the events of a stream, and rows that ask for a group's features. */
export interface ReplayRelations {
  readonly definition: FeaturesDefinition
  readonly stream: StreamDefinition
  readonly entity: EntityDefinition
  readonly dictionary: Dictionary
  /** Relation of the stream's events, with the lake's columns. */
  readonly events: string
  /** SQL over an event: the moment or position from which it is visible; a row sees those below its cut. */
  readonly visibleAt: string
  /** SQL over an event: from which cut on a row sees it no more, since it is superseded; left out when none is. */
  readonly hiddenAt?: string
  /** Table of the asking rows: `_ordinal` (0 to rows - 1), and the columns that `time`, `cut` and `rowColumns` name. */
  readonly spine: string
  /** SQL over an asking row: t in microseconds, and its cut. */
  readonly time: string
  readonly cut: string
  /** Columns of the asking row that carry the entity's key, in the key's order. */
  readonly rowColumns: readonly string[]
}

/** Every entity asked about gets a number; a key with a null field matches nothing, and gets none. */
export async function createKeys(
  connection: DuckDBConnection,
  { spine, rowColumns }: ReplayRelations,
  keys: string,
): Promise<void> {
  const columns = rowColumns.map((column, index) => `${sqlName(column)} AS _key${index}`)
  const present = rowColumns.map((column) => `${sqlName(column)} IS NOT NULL`)
  await connection.run(`
    CREATE OR REPLACE TABLE ${sqlName(keys)} AS SELECT *, row_number() OVER () AS _entity
    FROM (SELECT DISTINCT ${columns.join(', ')} FROM ${spine} WHERE ${present.join(' AND ')})`)
}

/**
 * The events of the entities asked about: time, when they become visible, when they are hidden if that is asked for, and
 * the columns that `placesRead` names.
 * @param ordersTies whether an answer can depend on the order of events with the same time
 */
export function eventsAsked(
  { definition, stream, entity, events, visibleAt, hiddenAt, dictionary }: ReplayRelations,
  keys: string,
  ordersTies: boolean,
): EntityRelation {
  const names = Object.keys(stream.schema)
  const on = Object.keys(entity.key).map(
    (column, index) => `event.${sqlName(definition.keys[column] ?? column)} = _key${index}`,
  )
  const sequence = stream.sequence === undefined ? [] : [`coalesce(event.${sqlName(stream.sequence)}, 0)`]
  const values = placesRead(definition, stream).map((place): RelationColumn => {
    const type = stream.schema[names[place]!]!
    return { sql: columnAsDouble(names[place]!, type), reading: type.type === 'string' ? dictionary.encode : 'double' }
  })
  return {
    from: `${events} event JOIN ${sqlName(keys)} ON ${on.join(' AND ')}`,
    columns: [
      asDouble('event._event_time'),
      asDouble(visibleAt),
      ...(hiddenAt === undefined ? [] : [asDouble(hiddenAt)]),
      ...values,
    ],
    order: ordersTies ? [...sequence, 'event._id'] : [],
  }
}

/** Which columns of the stream a group reads, as places in its schema. */
export function placesRead(definition: FeaturesDefinition, stream: StreamDefinition): number[] {
  const read = columnsRead(definition, stream)
  return Object.keys(stream.schema).flatMap((name, place) => (read.has(name) ? [place] : []))
}

/** The asking rows: t, ordinal and cut. */
export function rowsAsking({ spine, time, cut, rowColumns }: ReplayRelations, keys: string): EntityRelation {
  const on = rowColumns.map((column, index) => `spine.${sqlName(column)} = _key${index}`)
  return {
    from: `${spine} spine JOIN ${sqlName(keys)} ON ${on.join(' AND ')}`,
    columns: [asDouble(time), asDouble('spine._ordinal'), asDouble(cut)],
    order: [],
  }
}
