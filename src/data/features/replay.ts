import { availableParallelism } from 'node:os'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type GroupPlan, planGroup } from '../../kernel/plan.ts'
import type { VectorColumns } from '../../kernel/replay.ts'
import { UNKNOWN_KEY } from '../../kernel/status.ts'
import type { EntityDefinition, FeaturesDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { columnAsDouble } from '../../stores/lake/event-columns.ts'
import { type ColumnReading, readColumns, readCount } from '../../stores/lake/read-columns.ts'
import { type ArrangedRows, groupByEntity } from './arrange.ts'
import { columnsRead } from './columns-read.ts'
import { replayOnThreads } from './replay-threads.ts'

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
  /** As many as the machine has, and at most 8, unless given. */
  readonly threads?: number
}

/** Memory is taken for at least as many rows. */
const FEWEST_ROWS = 1024

/** Events and rows that are in memory at once; more are taken entity by entity in parts. */
const MOST_AT_ONCE = 12_000_000

/** More would wait for memory rather than compute. */
const MOST_THREADS = 8

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
    const { definition, stream, dictionary, threads = Math.min(MOST_THREADS, availableParallelism()) } = request
    const events = await readRows(connection, eventsOf(request, plan, keys), where, all / parts)
    const queries = await readRows(connection, queriesOf(request, keys), where, request.rows / parts)
    const places = placesRead(definition, stream)
    const isOrdered = plan.ordersTies
    await replayOnThreads({ definition, stream, events, isOrdered, places, queries, output }, dictionary, threads)
  }
  await connection.run(`DROP TABLE ${sqlName(keys)}`)
  return output
}

/** Rows with the number of their entity, `_entity`. */
interface Relation {
  readonly from: string
  /** What is read of each row besides its entity. */
  readonly columns: readonly RelationColumn[]
  /** SQL to order by; left out where entity and time are order enough, and sorted here: several times as fast. */
  readonly order?: string
}

interface RelationColumn {
  readonly sql: string
  readonly reading: ColumnReading
}

async function readRows(
  connection: DuckDBConnection,
  { from, columns, order }: Relation,
  where: string,
  expectedRows: number,
): Promise<ArrangedRows> {
  // A column that says the same as another, as a cut that is t itself, is read once.
  const different = columns.filter(({ sql }, index) => columns.findIndex((other) => other.sql === sql) === index)
  const selected = ['_entity::DOUBLE', ...different.map(({ sql }) => sql)].join(', ')
  const ordered = order === undefined ? '' : `ORDER BY ${order}`
  const [entities, ...read] = await readColumns(
    connection,
    `SELECT ${selected} FROM ${from} ${where} ${ordered}`,
    ['double', ...different.map(({ reading }) => reading)],
    undefined,
    Math.max(FEWEST_ROWS, Math.ceil(expectedRows)),
  )
  const placeOf = (column: RelationColumn) => different.findIndex(({ sql }) => sql === column.sql)
  return groupByEntity(
    entities!,
    columns.map((column) => read[placeOf(column)]!),
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
    columns: [asDouble('event._event_time'), asDouble(visibleAt), ...values],
    ...(plan.ordersTies ? { order: ['_entity', 'event._event_time', ...sequence, 'event._id'].join(', ') } : {}),
  }
}

function queriesOf({ spine, time, cut, rowColumns }: ReplayRequest, keys: string): Relation {
  const on = rowColumns.map((column, index) => `spine.${sqlName(column)} = _key${index}`)
  return {
    from: `${spine} spine JOIN ${sqlName(keys)} ON ${on.join(' AND ')}`,
    columns: [asDouble(time), asDouble('spine._ordinal'), asDouble(cut)],
  }
}

function asDouble(sql: string): RelationColumn {
  return { sql: `(${sql})::DOUBLE`, reading: 'double' }
}

/** What a row reads whose entity nobody knows; the kernel writes over the others. */
function emptyOutput(plan: GroupPlan, rows: number): VectorColumns {
  return {
    values: plan.features.map(({ aggregate }) =>
      new Float64Array(new SharedArrayBuffer(8 * rows)).fill(aggregate.empty),
    ),
    statuses: plan.features.map(() => new Uint8Array(new SharedArrayBuffer(rows)).fill(UNKNOWN_KEY)),
  }
}
