import type { VectorMeaning } from '../../data/features/recompute-vectors.ts'
import { type TracedEvent, traceEvents, visibleEvents } from '../../data/features/trace-events.ts'
import { tracedVersion } from '../../data/features/trace-table.ts'
import type { VectorInput } from '../../data/features/vector.ts'
import { MASK } from '../../data/quality/mask-row.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { eventsIn } from '../../stores/lake/event-columns.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { Prediction } from '../../stores/log/prediction-block.ts'

/** Events that a feature was made from, as a prediction saw them. */
export interface TracedEvents {
  readonly total: number
  /** The latest by event time, newest first. */
  readonly newest: readonly TracedEvent[]
}

const MOST_NEWEST = 5

/**
 * Finds the events that each windowed feature of a prediction was made from, each in the revision that counted, and the
 * rows that were read of its reference tables.
 * @returns the events for an input of the plan; undefined for one that no event made
 */
export async function newestEvents(
  lake: Lake,
  { plan, project }: VectorMeaning,
  prediction: Pick<Prediction, 't' | 'row' | 'cut'>,
): Promise<(input: VectorInput) => TracedEvents | undefined> {
  const row = JSON.parse(prediction.row) as Record<string, unknown>
  const found: TracedEvents[][] = []
  const rows: TracedEvents[] = []
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder })
  try {
    for (const [group, { definition, features, rowColumns }] of plan.groups.entries()) {
      const stream = project.streams[definition.from]!
      const events = eventsIn(
        lake.files(definition.from).map(({ path }) => path),
        stream.schema,
      )
      const traced = await duckdb.withConnection(async (connection) => {
        const visible = await visibleEvents(connection, events, {
          ...{ definition, stream, entity: project.entities[definition.entity]! },
          key: rowColumns.map((column) => row[column] ?? null),
          ...{ t: prediction.t, offset: prediction.cut[group]!.offset },
        })
        const ofFeatures: TracedEvents[] = []
        for (const name of features)
          ofFeatures.push(await newestOf(traceEvents(connection, visible, definition.select[name]!)))
        return ofFeatures
      })
      found.push(showsIds(stream) ? traced : traced.map(withoutIds))
    }
    for (const [table, { definition, rowColumns }] of plan.tables.entries()) {
      const stream = project.streams[definition.name]!
      const events = eventsIn(
        lake.files(stream.name).map(({ path }) => path),
        stream.schema,
      )
      const { offset } = prediction.cut[plan.groups.length + table]!
      const key = rowColumns.map((column) => row[column] ?? null)
      const version = await duckdb.withConnection((connection) =>
        tracedVersion(connection, events, { definition, stream, key, t: prediction.t, offset }),
      )
      const traced = version === undefined ? { total: 0, newest: [] } : { total: 1, newest: [version] }
      rows.push(showsIds(stream) ? traced : withoutIds(traced))
    }
  } finally {
    duckdb.close()
  }
  return ({ source }) => {
    if (source.kind === 'feature') return found[source.group]![source.index]!
    return source.kind === 'table' ? rows[source.table]! : undefined
  }
}

function showsIds({ id, schema }: StreamDefinition): boolean {
  return id.every((name) => schema[name]?.sensitive !== true)
}

async function newestOf(events: AsyncIterable<TracedEvent>): Promise<TracedEvents> {
  const newest: TracedEvent[] = []
  let total = 0
  for await (const event of events) {
    total += 1
    if (newest.length < MOST_NEWEST) newest.push(event)
  }
  return { total, newest }
}

function withoutIds({ total, newest }: TracedEvents): TracedEvents {
  return { total, newest: newest.map((event) => ({ ...event, id: MASK })) }
}
