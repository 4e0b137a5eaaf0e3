import type { DuckDBConnection } from '@duckdb/node-api'
import type { VectorMeaning } from '../../data/features/recompute-vectors.ts'
import type { VectorGroup } from '../../data/features/vector.ts'
import { MASK } from '../../data/quality/mask-row.ts'
import { endOf, isBeyond, lowerBound } from '../../kernel/window.ts'
import type { FeatureDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb, sqlName, streamChunks } from '../../stores/lake/duckdb.ts'
import { columnAsDouble, eventsIn, lakeType } from '../../stores/lake/event-columns.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { Prediction } from '../../stores/log/prediction-block.ts'

/** Events that a feature was made from, as a prediction saw them. */
export interface TracedEvents {
  readonly total: number
  /** The latest by event time, newest first. */
  readonly newest: readonly { readonly offset: number; readonly id: string; readonly eventTime: number }[]
}

const MOST_NEWEST = 5

/**
 * Finds the events that each windowed feature of a prediction was made from: those in its window and inside the cut that
 * meet its condition and have a value of its argument.
 * @returns the events for a group of the plan and a feature of the group
 */
export async function newestEvents(
  lake: Lake,
  meaning: VectorMeaning,
  prediction: Pick<Prediction, 't' | 'row' | 'cut'>,
): Promise<(group: number, feature: number) => TracedEvents> {
  const found: TracedEvents[][] = []
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder })
  try {
    for (const [group, { definition, features }] of meaning.plan.groups.entries())
      found.push(
        await duckdb.withConnection(async (connection) => {
          const files = lake.files(definition.from).map(({ path }) => path)
          const visible = await createVisible(connection, files, meaning, prediction, group)
          const traced: TracedEvents[] = []
          for (const name of features)
            traced.push(await eventsOf(connection, visible, definition.select[name]!, prediction.t))
          return traced
        }),
      )
  } finally {
    duckdb.close()
  }
  return (group, feature) => found[group]![feature]!
}

/** Events of the entity asked about, as the prediction saw them. */
interface Visible {
  readonly table: string
  readonly schema: VectorMeaning['schema']
  /** SQL that orders events of one time before their ids do, where the stream says so. */
  readonly sequence: string
  /** Whether ids may be shown: none of their columns is sensitive. */
  readonly showsIds: boolean
}

/** A key with a null field matches nothing. */
async function createVisible(
  connection: DuckDBConnection,
  files: readonly string[],
  { plan, project, schema }: VectorMeaning,
  prediction: Pick<Prediction, 't' | 'row' | 'cut'>,
  group: number,
): Promise<Visible> {
  const { definition, rowColumns }: VectorGroup = plan.groups[group]!
  const stream = project.streams[definition.from]!
  const row = JSON.parse(prediction.row) as Record<string, unknown>
  const entityKey = Object.keys(project.entities[definition.entity]!.key)
  const values = rowColumns.map((column) => row[column] ?? null)
  const matches = entityKey.map((column, index) => {
    const type = lakeType(schema[rowColumns[index]!]!)
    return `${sqlName(definition.keys[column] ?? column)} = CAST($${index + 1} AS ${type})`
  })
  const where = [
    `_offset <= ${prediction.cut[group]!.offset}`,
    `_event_time < ${prediction.t}`,
    ...(definition.horizon === 'lifetime' ? [] : [`_event_time >= ${prediction.t - definition.horizon}`]),
    ...matches,
  ]
  const table = '_visible'
  await connection.run(
    `CREATE TEMP TABLE ${table} AS SELECT * FROM ${eventsIn(files, stream.schema)} WHERE ${where.join(' AND ')}`,
    values.map((value) => (value === null ? null : String(value))),
  )
  return {
    table,
    schema: stream.schema,
    sequence: stream.sequence === undefined ? '' : `, coalesce(${sqlName(stream.sequence)}, 0) DESC`,
    showsIds: stream.id.every((name) => stream.schema[name]?.sensitive !== true),
  }
}

/** Which rows count is the kernel's matter, so its own expressions say it; DuckDB finds and sorts. */
async function eventsOf(
  connection: DuckDBConnection,
  { table, schema, sequence, showsIds }: Visible,
  { window, where, argument }: FeatureDefinition,
  t: number,
): Promise<TracedEvents> {
  const dictionary = createDictionary()
  const expressions = [where, argument].filter((expression) => expression !== undefined)
  const condition = where === undefined ? undefined : compileExpression(where, schema, dictionary)
  const value = argument === undefined ? undefined : compileExpression(argument, schema, dictionary)
  const names = Object.keys(schema)
  const read = [...new Set(expressions.flatMap((expression) => [...columnsOf(expression)]))]
  const columns = names.map(() => new Float64Array(1).fill(Number.NaN))
  const values = read.map((name) => `, ${columnAsDouble(name, schema[name]!)}`).join('')
  const from = lowerBound(window, t)
  const since = from === Number.NEGATIVE_INFINITY ? '' : `AND _event_time >= ${from}`
  const newest: TracedEvents['newest'][number][] = []
  let total = 0
  const sql = `SELECT _offset::DOUBLE, _id, _event_time::DOUBLE${values} FROM ${table}
    WHERE _event_time < ${endOf(window, t)} ${since} ORDER BY _event_time DESC${sequence}, _id DESC`
  let later = 0
  let next = endOf(window, t)
  for await (const chunk of streamChunks(connection, sql))
    for (const [offset, id, eventTime, ...given] of chunk.getRows()) {
      if (isBeyond(window, eventTime as number, next, later)) return { total, newest }
      later += 1
      next = eventTime as number
      for (const [index, name] of read.entries()) {
        const cell = given[index]
        columns[names.indexOf(name)]![0] =
          typeof cell === 'string' ? dictionary.encode(cell) : cell === null ? Number.NaN : (cell as number)
      }
      if (condition !== undefined && condition(columns, 0) !== 1) continue
      if (value !== undefined && Number.isNaN(value(columns, 0))) continue
      total += 1
      if (newest.length < MOST_NEWEST)
        newest.push({ offset: offset as number, id: showsIds ? (id as string) : MASK, eventTime: eventTime as number })
    }
  return { total, newest }
}
