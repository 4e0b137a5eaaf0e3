import type { DuckDBConnection } from '@duckdb/node-api'
import type { Schema, Value } from '../../core/data-type.ts'
import { endOf, isBeyond, lowerBound } from '../../kernel/window.ts'
import type {
  EntityDefinition,
  FeatureDefinition,
  FeaturesDefinition,
  StreamDefinition,
} from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { sqlName, streamChunks } from '../../stores/lake/duckdb.ts'
import { columnAsDouble, lakeType } from '../../stores/lake/event-columns.ts'
import { reviseEvents } from '../../stores/lake/revised-events.ts'

/** What a served vector saw of one group of features. */
export interface TracedQuestion {
  readonly definition: FeaturesDefinition
  readonly stream: StreamDefinition
  readonly entity: EntityDefinition
  /** Values of the entity's key, in its order. */
  readonly key: readonly unknown[]
  /** Microseconds. */
  readonly t: number
  /** The last row of the log that it saw. */
  readonly offset: number
}

/** A row that a value was made from. */
export interface TracedEvent {
  readonly offset: number
  readonly id: string
  readonly revision: number
  readonly eventTime: number
}

/** The rows of an entity that counted for a question, in a table. */
export interface VisibleEvents {
  readonly question: TracedQuestion
  readonly table: string
}

/**
 * Finds the rows of an entity that counted when a vector was served: inside its cut and not superseded there. A key with
 * a null field matches nothing.
 * @param events SQL relation of the stream's events, with the lake's columns, which reaches at least to the offset
 */
export async function visibleEvents(
  connection: DuckDBConnection,
  events: string,
  question: TracedQuestion,
): Promise<VisibleEvents> {
  const { definition, stream, entity, key, t, offset } = question
  const { name, horizon, keys } = definition
  const seen = `(SELECT * FROM ${events} WHERE _offset <= ${offset})`
  const revised = await reviseEvents(connection, seen, stream.corrections.within, name)
  const matches = Object.entries(entity.key).map(
    ([column, type], index) => `${sqlName(keys[column] ?? column)} = CAST($${index + 1} AS ${lakeType(type)})`,
  )
  const where = [
    `_event_time < ${t}`,
    ...(horizon === 'lifetime' ? [] : [`_event_time >= ${t - horizon}`]),
    ...(revised.supersession === undefined ? [] : [`_hidden_offset > ${offset}`]),
    ...matches,
  ]
  const table = sqlName(`_visible_of_${name}`)
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT * FROM ${revised.events} WHERE ${where.join(' AND ')}`,
    key.map((value) => (value === null ? null : String(value))),
  )
  return { question, table }
}

/**
 * The rows that a feature was made from, newest first: those in its window that meet its condition and have a value of
 * its argument. Which rows count is the kernel's matter, so its own windows and expressions say it; DuckDB finds and
 * sorts.
 */
export async function* traceEvents(
  connection: DuckDBConnection,
  { question, table }: VisibleEvents,
  { window, where, argument }: FeatureDefinition,
): AsyncGenerator<TracedEvent> {
  const { stream, t } = question
  const { schema } = stream
  const test = rowTest(schema, where, argument)
  const [from, end] = [lowerBound(window, t), endOf(window, t)]
  const since = from === Number.NEGATIVE_INFINITY ? '' : `AND _event_time >= ${from}`
  const sequence = stream.sequence === undefined ? '' : `, coalesce(${sqlName(stream.sequence)}, 0) DESC`
  const values = test.read.map((name) => `, ${columnAsDouble(name, schema[name]!)}`).join('')
  const sql = `SELECT _offset::DOUBLE, _id, _revision::DOUBLE, _event_time::DOUBLE${values} FROM ${table}
    WHERE _event_time < ${end} ${since} ORDER BY _event_time DESC${sequence}, _id DESC`
  let later = 0
  let next = end
  for await (const chunk of streamChunks(connection, sql))
    for (const [offset, id, revision, eventTime, ...given] of chunk.getRows() as unknown as TracedRow[]) {
      if (isBeyond(window, eventTime, next, later)) return
      later += 1
      next = eventTime
      if (test.counts(given)) yield { offset, id, revision, eventTime }
    }
}

type TracedRow = readonly [offset: number, id: string, revision: number, eventTime: number, ...values: Value[]]

interface RowTest {
  /** Columns of the stream that it needs. */
  readonly read: readonly string[]
  /** Whether a row counts, by the values of those columns. */
  counts(values: readonly Value[]): boolean
}

function rowTest(schema: Schema, where: FeatureDefinition['where'], argument: FeatureDefinition['argument']): RowTest {
  const dictionary = createDictionary()
  const condition = where === undefined ? undefined : compileExpression(where, schema, dictionary)
  const value = argument === undefined ? undefined : compileExpression(argument, schema, dictionary)
  const expressions = [where, argument].filter((expression) => expression !== undefined)
  const read = [...new Set(expressions.flatMap((expression) => [...columnsOf(expression)]))]
  const names = Object.keys(schema)
  const columns = names.map(() => new Float64Array(1).fill(Number.NaN))
  return {
    read,
    counts(values) {
      for (const [index, name] of read.entries()) {
        const cell = values[index] ?? null
        columns[names.indexOf(name)]![0] =
          typeof cell === 'string' ? dictionary.encode(cell) : cell === null ? Number.NaN : (cell as number)
      }
      if (condition !== undefined && condition(columns, 0) !== 1) return false
      return value === undefined || !Number.isNaN(value(columns, 0))
    },
  }
}
