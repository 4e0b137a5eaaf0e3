import type { DuckDBConnection } from '@duckdb/node-api'
import { type GroupPlan, planGroup } from '../../kernel/plan.ts'
import type { VectorColumns } from '../../kernel/replay.ts'
import { replayGroup } from '../../kernel/replay.ts'
import { UNKNOWN_KEY } from '../../kernel/status.ts'
import type { EntityDefinition, FeaturesDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { columnAsDouble } from '../../stores/lake/event-columns.ts'
import { type ColumnReading, readColumns, readCount } from '../../stores/lake/read-columns.ts'
import { columnsRead } from './columns-read.ts'
import { reorder, sortOrder } from './sort-order.ts'

/** A group of features to be computed for every row of a table, as of what each row may see. */
export interface ReplayRequest {
  readonly definition: FeaturesDefinition
  readonly stream: StreamDefinition
  readonly entity: EntityDefinition
  readonly dictionary: Dictionary
  /** Relation of the stream's events, with the lake's columns. */
  readonly events: string
  /** SQL over an event: the moment or position from which it is visible; a row sees those below its cut. */
  readonly visibleAt: string
  /** Table of the asking rows: `_ordinal` (0 to rows - 1), and the columns that `time`, `cut` and `rowColumns` name. */
  readonly spine: string
  /** SQL over an asking row: t in microseconds, and its cut. */
  readonly time: string
  readonly cut: string
  /** Columns of the asking row that carry the entity's key, in the key's order. */
  readonly rowColumns: readonly string[]
  readonly rows: number
  /** Most events and rows in memory at once; 12 million unless given. */
  readonly mostAtOnce?: number
}

/** Memory is taken for at least as many rows. */
const FEWEST_ROWS = 1024

/** Events and rows that are in memory at once; more are taken entity by entity in parts. */
const MOST_AT_ONCE = 12_000_000

/**
 * Replays a group of features: DuckDB finds the entities asked about and reads their events and the questions, and the
 * kernel answers. Memory is bounded by taking the entities in parts.
 */
export async function replayFeatures(connection: DuckDBConnection, request: ReplayRequest): Promise<VectorColumns> {
  const plan = planGroup(request.definition, request.stream, request.dictionary)
  const output = emptyOutput(plan, request.rows)
  const keys = `_keys_of_${request.definition.name}`
  await createKeys(connection, request, keys)
  const all = await readCount(connection, `SELECT count(*) FROM ${request.events}`)
  const parts = Math.ceil((all + request.rows) / (request.mostAtOnce ?? MOST_AT_ONCE))
  for (let part = 0; part < parts; part += 1) {
    const where = parts === 1 ? '' : `WHERE _entity % ${parts} = ${part}`
    const events = await readSorted(connection, eventsOf(request, plan, keys), where, all / parts)
    const queries = await readSorted(connection, queriesOf(request, keys), where, request.rows / parts)
    replayPart(request, plan, events, queries, output)
  }
  await connection.run(`DROP TABLE ${sqlName(keys)}`)
  return output
}

interface Relation {
  readonly sql: string
  /** SQL to order by; left out where entity and time are order enough, and sorted here: several times as fast. */
  readonly order?: string
  readonly readings: readonly ColumnReading[]
}

/** Rows sorted by entity and time; `columns` are those of the relation after the entity. */
interface SortedRows {
  readonly count: number
  readonly entities: Int32Array
  readonly columns: readonly Float64Array[]
}

async function readSorted(
  connection: DuckDBConnection,
  { sql, order, readings }: Relation,
  where: string,
  expectedRows: number,
): Promise<SortedRows> {
  const ordered = order === undefined ? '' : `ORDER BY ${order}`
  const capacity = Math.max(FEWEST_ROWS, Math.ceil(expectedRows))
  const read = await readColumns(connection, `${sql} ${where} ${ordered}`, readings, undefined, capacity)
  const [entities, ...columns] = read as [Float64Array, Float64Array]
  const count = entities.length
  if (order !== undefined) return { count, entities: Int32Array.from(entities), columns }
  const rows = sortOrder(entities, columns[0]!)
  return {
    count,
    entities: reorder(entities, rows, new Int32Array(count)),
    columns: columns.map((column) => reorder(column, rows, new Float64Array(count))),
  }
}

function replayPart(
  { definition, stream, time, cut }: ReplayRequest,
  plan: GroupPlan,
  events: SortedRows,
  queries: SortedRows,
  output: VectorColumns,
): void {
  const [times, visibleAt, ...values] = events.columns as [Float64Array, Float64Array, ...Float64Array[]]
  const [askedTimes, rows, cuts] = queries.columns as [Float64Array, Float64Array, Float64Array]
  const places = placesRead(definition, stream)
  const unread = new Float64Array(0)
  const columns = Object.keys(stream.schema).map((_, column) => values[places.indexOf(column)] ?? unread)
  replayGroup(
    plan,
    { count: events.count, entities: events.entities, times, visibleAt, columns },
    {
      count: queries.count,
      entities: queries.entities,
      times: askedTimes,
      cuts: cut === time ? askedTimes : cuts,
      rows: Uint32Array.from(rows),
    },
    output,
  )
}

/** Which columns of the stream are read. */
function placesRead(definition: FeaturesDefinition, { schema }: StreamDefinition): number[] {
  const read = columnsRead(definition)
  return Object.keys(schema).flatMap((name, place) => (read.has(name) ? [place] : []))
}

/** Every entity asked about gets a number; a key with a null field matches nothing, and gets none. */
async function createKeys(
  connection: DuckDBConnection,
  { spine, rowColumns }: ReplayRequest,
  keys: string,
): Promise<void> {
  const columns = rowColumns.map((column, index) => `${sqlName(column)} AS _key${index}`)
  const present = rowColumns.map((column) => `${sqlName(column)} IS NOT NULL`)
  await connection.run(`
    CREATE OR REPLACE TABLE ${sqlName(keys)} AS SELECT *, row_number() OVER () AS _entity
    FROM (SELECT DISTINCT ${columns.join(', ')} FROM ${spine} WHERE ${present.join(' AND ')})`)
}

function eventsOf(
  { definition, stream, entity, events, visibleAt, dictionary }: ReplayRequest,
  plan: GroupPlan,
  keys: string,
): Relation {
  const names = Object.keys(stream.schema)
  const places = placesRead(definition, stream)
  const values = places.map(
    (place) => `${columnAsDouble(names[place]!, stream.schema[names[place]!]!)} AS _value${place}`,
  )
  const on = Object.keys(entity.key).map(
    (column, index) => `event.${sqlName(definition.keys[column] ?? column)} = _key${index}`,
  )
  const sequence = stream.sequence === undefined ? [] : [`coalesce(event.${sqlName(stream.sequence)}, 0)`]
  const columns = [
    '_entity::DOUBLE AS _entity',
    'event._event_time::DOUBLE AS _time',
    `(${visibleAt})::DOUBLE AS _visible`,
    ...values,
  ]
  return {
    sql: `SELECT ${columns.join(', ')} FROM ${events} event JOIN ${sqlName(keys)} ON ${on.join(' AND ')}`,
    ...(plan.ordersTies ? { order: ['_entity', '_time', ...sequence, 'event._id'].join(', ') } : {}),
    readings: [
      'double',
      'double',
      'double',
      ...places.map(
        (place): ColumnReading => (stream.schema[names[place]!]!.type === 'string' ? dictionary.encode : 'double'),
      ),
    ],
  }
}

function queriesOf({ spine, time, cut, rowColumns }: ReplayRequest, keys: string): Relation {
  const on = rowColumns.map((column, index) => `spine.${sqlName(column)} = _key${index}`)
  const columns = ['_entity::DOUBLE', `(${time})::DOUBLE`, 'spine._ordinal::DOUBLE']
  if (cut !== time) columns.push(`(${cut})::DOUBLE`)
  return {
    sql: `SELECT ${columns.join(', ')} FROM ${spine} spine JOIN ${sqlName(keys)} ON ${on.join(' AND ')}`,
    readings: columns.map(() => 'double'),
  }
}

/** What a row reads whose entity nobody knows; the kernel writes over the others. */
function emptyOutput(plan: GroupPlan, rows: number): VectorColumns {
  return {
    values: plan.features.map(({ aggregate }) => new Float64Array(rows).fill(aggregate.empty)),
    statuses: plan.features.map(() => new Uint8Array(rows).fill(UNKNOWN_KEY)),
  }
}
