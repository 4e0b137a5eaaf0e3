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
  const events = eventsOf(request, plan, keys)
  const queries = queriesOf(request, keys)
  const atOnce = request.mostAtOnce ?? MOST_AT_ONCE
  const parts = Math.ceil(
    ((await readCount(connection, `SELECT count(*) FROM ${request.events}`)) + request.rows) / atOnce,
  )
  for (let part = 0; part < parts; part += 1) {
    const where = parts === 1 ? '' : `WHERE _entity % ${parts} = ${part}`
    await replayPart(connection, plan, events, queries, where, output)
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

interface EventRelation extends Relation {
  /** Which columns of the stream are read, after entity, time and visibility. */
  readonly places: readonly number[]
  /** How many columns the stream has. */
  readonly width: number
}

async function replayPart(
  connection: DuckDBConnection,
  plan: GroupPlan,
  events: EventRelation,
  queries: Relation,
  where: string,
  output: VectorColumns,
): Promise<void> {
  const [entities, times, visibleAt, ...values] = await readSorted(connection, events, where)
  const unread = new Float64Array(0)
  const columns = Array.from({ length: events.width }, (_, column) => values[events.places.indexOf(column)] ?? unread)
  const [asked, askedTimes, cuts, rows] = (await readSorted(connection, queries, where)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  replayGroup(
    plan,
    { count: entities.length, entities: Int32Array.from(entities), times, visibleAt, columns },
    { count: asked.length, entities: Int32Array.from(asked), times: askedTimes, cuts, rows: Uint32Array.from(rows) },
    output,
  )
}

/** The columns of a relation, sorted by the first two of them, entity and time. */
async function readSorted(
  connection: DuckDBConnection,
  { sql, order, readings }: Relation,
  where: string,
): Promise<[Float64Array, Float64Array, Float64Array, ...Float64Array[]]> {
  const ordered = order === undefined ? '' : `ORDER BY ${order}`
  const columns = await readColumns(connection, `${sql} ${where} ${ordered}`, readings)
  if (order !== undefined) return columns as [Float64Array, Float64Array, Float64Array]
  const rows = sortOrder(columns[0]!, columns[1]!)
  return columns.map((column) => reorder(column, rows)) as [Float64Array, Float64Array, Float64Array]
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
): EventRelation {
  const names = Object.keys(stream.schema)
  const read = columnsRead(definition)
  const places = names.flatMap((name, index) => (read.has(name) ? [index] : []))
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
    places,
    width: names.length,
  }
}

function queriesOf({ spine, time, cut, rowColumns }: ReplayRequest, keys: string): Relation {
  const on = rowColumns.map((column, index) => `spine.${sqlName(column)} = _key${index}`)
  const columns = [
    '_entity::DOUBLE AS _entity',
    `(${time})::DOUBLE AS _time`,
    `(${cut})::DOUBLE AS _cut`,
    'spine._ordinal::DOUBLE AS _row',
  ]
  return {
    sql: `SELECT ${columns.join(', ')} FROM ${spine} spine JOIN ${sqlName(keys)} ON ${on.join(' AND ')}`,
    readings: ['double', 'double', 'double', 'double'],
  }
}

/** What a row reads whose entity nobody knows; the kernel writes over the others. */
function emptyOutput(plan: GroupPlan, rows: number): VectorColumns {
  return {
    values: plan.features.map(({ aggregate }) => new Float64Array(rows).fill(aggregate.empty)),
    statuses: plan.features.map(() => new Uint8Array(rows).fill(UNKNOWN_KEY)),
  }
}
