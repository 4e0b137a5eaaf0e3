import type { DuckDBConnection } from '@duckdb/node-api'
import type { Schema } from '../../core/data-type.ts'
import { NULL, VALUE } from '../../kernel/status.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { columnAsDouble } from '../../stores/lake/event-columns.ts'
import { type ColumnReading, readColumns } from '../../stores/lake/read-columns.ts'
import { finishVectors } from './finish-vectors.ts'
import { replayFeatures, usualThreads } from './replay.ts'
import { replayTable } from './replay-table.ts'
import { type ReplayThreads, startReplayThreads } from './replay-threads.ts'
import { sharedStatuses, sharedValues } from './shared-columns.ts'
import { tableColumns, type VectorPlan, valuesOf } from './vector.ts'

/** A stream's events as the asking rows see them, in the terms of DuckDB; see `ReplayRelations`. */
export interface EventsInSight {
  /** Relation with the lake's columns. */
  readonly events: string
  readonly visibleAt: string
  readonly hiddenAt?: string
  /** SQL over an asking row. */
  readonly cut: string
}

/** Rows that ask for the vectors of a plan. */
export interface VectorRequest {
  readonly plan: VectorPlan
  readonly project: ProjectDefinition
  /** Table of the asking rows: `_ordinal` (0 to rows - 1), `_t` in microseconds, and the columns that anything reads. */
  readonly spine: string
  /** Of the asking rows. */
  readonly schema: Schema
  readonly rows: number
  /** The earliest t, microseconds: no event further back than a group's horizon is read. */
  readonly from: number
  readonly dictionary: Dictionary
  /** Threads that were started for several tables of rows, instead of some of its own. */
  readonly workers?: ReplayThreads
  /** What is seen of a stream: by a group of features or by a reference table. */
  readonly inSight: (stream: string, of: 'features' | 'table') => EventsInSight
}

/** Vectors in columns, one array for each input of the plan, row by ordinal, in memory that threads can share. */
export interface ReplayedVectors {
  /** NaN is missing. */
  readonly values: readonly Float64Array[]
  /** The kernel's status of each value. */
  readonly statuses: readonly Uint8Array[]
}

/**
 * Makes the vectors of a table of rows from history: groups are replayed, reference tables joined, and what comes from the
 * rows themselves is computed.
 */
export async function replayVectors(connection: DuckDBConnection, request: VectorRequest): Promise<ReplayedVectors> {
  const { plan, dictionary, rows } = request
  const filled: Filled = { values: [], statuses: [] }
  const workers = request.workers ?? startReplayThreads(rows, usualThreads())
  try {
    await replayGroups(connection, request, workers, filled)
  } finally {
    if (request.workers === undefined) await workers.stop()
  }
  await joinTables(connection, request, filled)
  await readRows(connection, request, filled)
  for (const place of plan.derived) fill(filled, place, sharedValues(rows), sharedStatuses(rows))
  finishVectors(plan, dictionary, filled.values, filled.statuses)(rows)
  const { length } = plan.inputs
  return { values: filled.values.slice(0, length), statuses: filled.statuses.slice(0, length) }
}

/** What is known of a plan's values, by their places. */
interface Filled {
  readonly values: Float64Array[]
  readonly statuses: Uint8Array[]
}

function fill(filled: Filled, place: number, values: Float64Array, statuses: Uint8Array): void {
  filled.values[place] = values
  filled.statuses[place] = statuses
}

async function replayGroups(
  connection: DuckDBConnection,
  { plan, project, spine, rows, from, dictionary, inSight }: VectorRequest,
  workers: ReplayThreads,
  filled: Filled,
): Promise<void> {
  for (const [group, { definition, rowColumns }] of plan.groups.entries()) {
    const { horizon } = definition
    const oldest = horizon === 'lifetime' ? '' : ` WHERE _event_time >= ${from - horizon}`
    const { events, ...sight } = inSight(definition.from, 'features')
    const output = await replayFeatures(connection, {
      ...{ definition, dictionary, spine, rows, rowColumns, time: '_t', workers, ...sight },
      stream: project.streams[definition.from]!,
      entity: project.entities[definition.entity]!,
      events: `(SELECT * FROM ${events}${oldest})`,
    })
    for (const [place, { source }] of valuesOf(plan).entries())
      if (source.kind === 'feature' && source.group === group)
        fill(filled, place, output.values[source.index]!, output.statuses[source.index]!)
  }
}

async function joinTables(
  connection: DuckDBConnection,
  { plan, project, spine, rows, dictionary, inSight }: VectorRequest,
  filled: Filled,
): Promise<void> {
  const planned = valuesOf(plan)
  for (const [table, { definition, rowColumns }] of plan.tables.entries()) {
    const taken = tableColumns(planned, table)
    const output = await replayTable(connection, {
      ...{ definition, dictionary, spine, rows, rowColumns, time: '_t', columns: taken },
      stream: project.streams[definition.name]!,
      ...inSight(definition.name, 'table'),
    })
    for (const [place, { source }] of planned.entries()) {
      if (source.kind !== 'table' || source.table !== table) continue
      const column = taken.indexOf(source.column)
      fill(filled, place, output.values[column]!, output.statuses[column]!)
    }
  }
}

/** Evaluates what is read from the asking rows themselves. */
async function readRows(
  connection: DuckDBConnection,
  { plan, spine, schema, rows, dictionary }: VectorRequest,
  filled: Filled,
): Promise<void> {
  const ofRows = valuesOf(plan).flatMap(({ source }, place) =>
    source.kind === 'row' ? [{ place, expression: source.expression }] : [],
  )
  const read = [...new Set(ofRows.flatMap(({ expression }) => columnsOf(expression)))]
  if (ofRows.length === 0) return
  const selected = ['_ordinal::DOUBLE', ...read.map((name) => columnAsDouble(name, schema[name]!))]
  const readings = read.map((name): ColumnReading => (schema[name]!.type === 'string' ? dictionary.encode : 'double'))
  const sql = `SELECT ${selected.join(', ')} FROM ${spine} ORDER BY _ordinal`
  const [, ...values] = await readColumns(connection, sql, ['double', ...readings], rows)
  const unread = new Float64Array(0)
  const given = Object.keys(schema).map((name) => values[read.indexOf(name)] ?? unread)
  for (const { place, expression } of ofRows) {
    const evaluate = compileExpression(expression, schema, dictionary)
    const column = sharedValues(rows)
    const statuses = sharedStatuses(rows)
    for (let row = 0; row < rows; row += 1) {
      const value = evaluate(given, row)
      column[row] = value
      statuses[row] = Number.isNaN(value) ? NULL : VALUE
    }
    fill(filled, place, column, statuses)
  }
}
