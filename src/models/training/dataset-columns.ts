import type { DuckDBConnection } from '@duckdb/node-api'
import { finishVectors } from '../../data/features/finish-vectors.ts'
import { replayFeatures } from '../../data/features/replay.ts'
import { replayTable } from '../../data/features/replay-table.ts'
import { tableColumns, type VectorPlan, valuesOf } from '../../data/features/vector.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { columnAsDouble } from '../../stores/lake/event-columns.ts'
import { type ColumnReading, readColumns } from '../../stores/lake/read-columns.ts'
import type { JobEvents } from './job-events.ts'
import type { TrainingJob } from './training-job.ts'

/** Whose vectors are built: the model of a project, with these inputs. */
type VectorsOf = Pick<TrainingJob, 'project' | 'model'>

/** Columns of a training set that is being built: they are filled one by one. */
export interface DatasetColumns {
  /** The earliest t, microseconds. */
  readonly from: number
  /** Table of the asking rows: `_ordinal`, `_t` and the columns that anything reads. */
  readonly spine: string
  readonly rows: number
  readonly dictionary: Dictionary
  /** One for each value of the plan. */
  readonly columns: Float64Array[]
}

/** Fills the columns of a plan: what is replayed, what is joined, what the rows say themselves, and what is derived of it. */
export async function fillColumns(
  connection: DuckDBConnection,
  of: VectorsOf,
  plan: VectorPlan,
  build: DatasetColumns,
  eventsOf: (stream: string) => JobEvents,
): Promise<void> {
  await replayGroups(connection, of, plan, build, eventsOf)
  await joinTables(connection, of, plan, build, eventsOf)
  await evaluateRows(connection, of, plan, build)
  finishVectors(plan, build.dictionary, build.columns)(build.rows)
}

/** Replays every group into the columns of the inputs that take its features. */
async function replayGroups(
  connection: DuckDBConnection,
  job: VectorsOf,
  plan: VectorPlan,
  build: DatasetColumns,
  eventsOf: (stream: string) => JobEvents,
): Promise<void> {
  const { project } = job
  const { servingLag } = project.models[job.model]!
  for (const [group, { definition, rowColumns }] of plan.groups.entries()) {
    const oldest = definition.horizon === 'lifetime' ? '' : ` WHERE _event_time >= ${build.from - definition.horizon}`
    const events = eventsOf(definition.from)
    const output = await replayFeatures(connection, {
      definition,
      stream: project.streams[definition.from]!,
      entity: project.entities[definition.entity]!,
      dictionary: build.dictionary,
      events: `(SELECT * FROM ${events.known}${oldest})`,
      ...askedBy(events, build, servingLag),
      rowColumns,
    })
    for (const [place, { source }] of valuesOf(plan).entries())
      if (source.kind === 'feature' && source.group === group) build.columns[place] = output.values[source.index]!
  }
}

/** Joins every reference table into the columns of the values that take its columns. */
async function joinTables(
  connection: DuckDBConnection,
  job: VectorsOf,
  plan: VectorPlan,
  build: DatasetColumns,
  eventsOf: (stream: string) => JobEvents,
): Promise<void> {
  const { servingLag } = job.project.models[job.model]!
  const planned = valuesOf(plan)
  for (const [table, { definition, rowColumns }] of plan.tables.entries()) {
    const events = eventsOf(definition.name)
    const columns = tableColumns(planned, table)
    const output = await replayTable(connection, {
      ...{ definition, columns, rowColumns, stream: job.project.streams[definition.name]! },
      dictionary: build.dictionary,
      events: events.known,
      ...askedBy(events, build, servingLag),
    })
    for (const [place, { source }] of planned.entries())
      if (source.kind === 'table' && source.table === table)
        build.columns[place] = output.values[columns.indexOf(source.column)]!
  }
}

/** Evaluates what is read from the asking rows themselves. */
async function evaluateRows(
  connection: DuckDBConnection,
  { project, model }: VectorsOf,
  plan: VectorPlan,
  { spine, rows, dictionary, columns: filled }: DatasetColumns,
): Promise<void> {
  const { schema } = project.streams[project.models[model]!.at]!
  const rowValues = valuesOf(plan).flatMap(({ source }, place) =>
    source.kind === 'row' ? [{ place, expression: source.expression }] : [],
  )
  const read = [...new Set(rowValues.flatMap(({ expression }) => columnsOf(expression)))]
  // Something must be selected, also where no value is read from the rows.
  const selected = ['_t::DOUBLE', ...read.map((name) => columnAsDouble(name, schema[name]!))]
  const readings = read.map((name): ColumnReading => (schema[name]!.type === 'string' ? dictionary.encode : 'double'))
  const sql = `SELECT ${selected.join(', ')} FROM ${spine} ORDER BY _ordinal`
  const [, ...values] = (await readColumns(connection, sql, ['double', ...readings], rows)) as Float64Array[]
  const columns = Object.keys(schema).map((name) => values[read.indexOf(name)] ?? new Float64Array(0))
  for (const { place, expression } of rowValues) {
    const evaluate = compileExpression(expression, schema, dictionary)
    const column = filled[place]!
    for (let row = 0; row < rows; row += 1) column[row] = evaluate(columns, row)
  }
}

/** How the rows ask, and which events they see: those that were known to the platform by their t. */
function askedBy({ hiddenAt }: JobEvents, { spine, rows }: DatasetColumns, servingLag: number) {
  return {
    ...{ spine, rows, time: '_t', cut: '_t' },
    visibleAt: `event._known_at + ${servingLag}`,
    ...(hiddenAt === undefined ? {} : { hiddenAt: `${hiddenAt} + ${servingLag}` }),
  }
}
