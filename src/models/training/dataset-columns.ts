import type { DuckDBConnection } from '@duckdb/node-api'
import { replayFeatures } from '../../data/features/replay.ts'
import { replayTable } from '../../data/features/replay-table.ts'
import { tableColumns, type VectorPlan, valuesOf } from '../../data/features/vector.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import type { JobEvents } from './job-events.ts'
import type { TrainingJob } from './training-job.ts'

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

/** Replays every group into the columns of the inputs that take its features. */
export async function replayGroups(
  connection: DuckDBConnection,
  job: TrainingJob,
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
export async function joinTables(
  connection: DuckDBConnection,
  job: TrainingJob,
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

/** How the rows ask, and which events they see: those that were known to the platform by their t. */
function askedBy({ hiddenAt }: JobEvents, { spine, rows }: DatasetColumns, servingLag: number) {
  return {
    ...{ spine, rows, time: '_t', cut: '_t' },
    visibleAt: `event._known_at + ${servingLag}`,
    ...(hiddenAt === undefined ? {} : { hiddenAt: `${hiddenAt} + ${servingLag}` }),
  }
}
