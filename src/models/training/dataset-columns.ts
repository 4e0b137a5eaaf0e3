import type { DuckDBConnection } from '@duckdb/node-api'
import { type EventsInSight, replayVectors } from '../../data/features/replay-vectors.ts'
import type { VectorPlan } from '../../data/features/vector.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import type { JobEvents } from './job-events.ts'
import type { TrainingJob } from './training-job.ts'

/** Whose vectors are built: the model of a project, with these inputs. */
type VectorsOf = Pick<TrainingJob, 'project' | 'model'>

/** Rows that a training set is built for. */
export interface DatasetRows {
  /** The earliest t, microseconds. */
  readonly from: number
  /** Table of the asking rows: `_ordinal`, `_t` and the columns that anything reads. */
  readonly spine: string
  readonly rows: number
  readonly dictionary: Dictionary
}

/** The vectors of rows as they were at the t of each: one array an input. */
export async function datasetColumns(
  connection: DuckDBConnection,
  { project, model }: VectorsOf,
  plan: VectorPlan,
  rows: DatasetRows,
  eventsOf: (stream: string) => JobEvents,
): Promise<readonly Float64Array[]> {
  const { at, servingLag } = project.models[model]!
  const { values } = await replayVectors(connection, {
    ...{ plan, project, ...rows, schema: project.streams[at]!.schema },
    inSight: (stream) => knownBy(eventsOf(stream), servingLag),
  })
  return values
}

/** What the rows see: the events that were known to the platform by their t. */
function knownBy({ known, hiddenAt }: JobEvents, servingLag: number): EventsInSight {
  return {
    ...{ events: known, cut: '_t', visibleAt: `event._known_at + ${servingLag}` },
    ...(hiddenAt === undefined ? {} : { hiddenAt: `${hiddenAt} + ${servingLag}` }),
  }
}
