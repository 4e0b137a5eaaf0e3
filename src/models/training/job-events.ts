import type { DuckDBConnection } from '@duckdb/node-api'
import type { EventsInSight } from '../../data/features/replay-vectors.ts'
import { eventsIn } from '../../stores/lake/event-columns.ts'
import { countedAt, type RevisedEvents, reviseEvents } from '../../stores/lake/revised-events.ts'
import type { TrainingJob } from './training-job.ts'

/** A stream's events up to a job's state of the data, as SQL relations; a stream may have none yet. */
export interface JobEvents {
  /** All rows but deletions, for features: each counts from when it is known until it is superseded. */
  readonly known: string
  /** SQL over a row of `known`: when it is superseded, microseconds; undefined where no row is. */
  readonly hiddenAt: string | undefined
  /** The rows that count in the end: outcomes. */
  readonly counted: string
  /**
   * The rows that ask, one an event: the first of its revisions that was not superseded by its own t; none of an event
   * that is deleted in the end. What was corrected later was not known when the question was asked.
   * @param time SQL for t over a row
   */
  asking(time: string): string
}

/** The state of the data that a job reads. */
export type JobData = Pick<TrainingJob, 'project' | 'files' | 'offset' | 'cut'>

/** What rows see that ask of a model: the events that were known to the platform by their t, less its serving lag. */
export function inSight({ known, hiddenAt }: JobEvents, servingLag: number): EventsInSight {
  return {
    ...{ events: known, visibleAt: `event._known_at + ${servingLag}`, cut: '_t' },
    ...(hiddenAt === undefined ? {} : { hiddenAt: `${hiddenAt} + ${servingLag}` }),
  }
}

/** The events of some of a job's streams, each looked through for revisions once. */
export async function jobEvents(
  connection: DuckDBConnection,
  job: JobData,
  streams: Iterable<string>,
): Promise<(stream: string) => JobEvents> {
  const found = new Map<string, JobEvents>()
  for (const name of new Set(streams)) {
    const { schema, corrections } = job.project.streams[name]!
    const files = (job.files[name] ?? []).map(({ path }) => path)
    const events = `(SELECT * FROM ${eventsIn(files, schema)} WHERE _offset <= ${job.offset})`
    found.set(name, eventsOf(await reviseEvents(connection, events, corrections.within, name), job.cut))
  }
  return (stream) => found.get(stream)!
}

function eventsOf(revised: RevisedEvents, cut: number): JobEvents {
  const { events, supersession } = revised
  const known = `(SELECT * FROM ${events} WHERE _known_at < ${cut})`
  if (supersession === undefined) return { known, hiddenAt: undefined, counted: known, asking: () => known }
  const deleted = `SELECT (_id, _life) FROM ${supersession}
    WHERE _tombstone AND _known_at < ${cut} AND coalesce(_hidden_known_at >= ${cut}, true)`
  return {
    known,
    hiddenAt: 'event._hidden_known_at',
    counted: countedAt(revised, cut),
    asking: (time) => `(
      SELECT * FROM ${known} WHERE _life IS NULL
      UNION ALL
      SELECT * FROM ${known} WHERE _life IS NOT NULL AND _hidden_known_at >= ${time} AND (_id, _life) NOT IN (${deleted})
      QUALIFY row_number() OVER (PARTITION BY _id, _life ORDER BY _offset) = 1)`,
  }
}
