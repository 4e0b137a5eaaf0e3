import { planGroup } from '../../kernel/plan.ts'
import { replayGroup, type VectorColumns } from '../../kernel/replay.ts'
import type { FeaturesDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { type ArrangedRows, sortTimes } from './arrange.ts'

/** Whole entities to be replayed: their events and the questions about them, in memory that threads can share. */
export interface ReplayPart {
  readonly definition: FeaturesDefinition
  readonly stream: StreamDefinition
  /** Columns: event time, when the row becomes visible, when it is hidden, then those of the stream that `places` names. */
  readonly events: ArrangedRows
  /** Whether rows are superseded; else there is no column that says when they are hidden. */
  readonly isRevised: boolean
  /** Whether the events of an entity are in their order already. */
  readonly isOrdered: boolean
  /** Places in the stream's schema of the columns of values. */
  readonly places: readonly number[]
  /** Columns: t, ordinal, the cut. */
  readonly queries: ArrangedRows
  readonly output: VectorColumns
  /** Whether an answer goes to its row's ordinal in the output, or to the row's place among those of the part, once sorted. */
  readonly answers: 'by ordinal' | 'by place'
}

/** A range of a part, which cuts no entity in two. */
export interface ReplayRange {
  readonly events: readonly [from: number, to: number]
  readonly queries: readonly [from: number, to: number]
}

/** Sorts a range of a part by time and answers its questions. */
export function replayRange(part: ReplayPart, range: ReplayRange, dictionary: Dictionary): void {
  const { definition, stream, events, queries, output } = part
  const [from, to] = range.events
  const [firstQuery, lastQuery] = range.queries
  if (!part.isOrdered) sortTimes(events, from, to)
  sortTimes(queries, firstQuery, lastQuery)
  const [times, visibleAt, ...others] = events.columns.map((column) => column.subarray(from, to)) as [
    Float64Array,
    Float64Array,
    ...Float64Array[],
  ]
  const hiddenAt = part.isRevised ? others.shift() : undefined
  const [askedTimes, ordinals, cuts] = queries.columns.map((column) => column.subarray(firstQuery, lastQuery)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const unread = new Float64Array(0)
  replayGroup(
    planGroup(definition, stream, dictionary),
    {
      count: to - from,
      entities: events.entities.subarray(from, to),
      times,
      visibleAt,
      ...(hiddenAt === undefined ? {} : { hiddenAt }),
      columns: Object.keys(stream.schema).map((_, place) => others[part.places.indexOf(place)] ?? unread),
    },
    {
      count: lastQuery - firstQuery,
      entities: queries.entities.subarray(firstQuery, lastQuery),
      times: askedTimes,
      cuts,
      rows: Uint32Array.from(ordinals, (ordinal, index) =>
        part.answers === 'by ordinal' ? ordinal : firstQuery + index,
      ),
    },
    output,
  )
}

/** Cuts a part into at most `most` ranges of about as many rows each. */
export function rangesOf({ events, queries }: Pick<ReplayPart, 'events' | 'queries'>, most: number): ReplayRange[] {
  const ranges: ReplayRange[] = []
  const size = (events.count + queries.count) / most
  let [event, query] = [0, 0]
  while (event < events.count || query < queries.count) {
    const [firstEvent, firstQuery] = [event, query]
    while (event - firstEvent + query - firstQuery < size && (event < events.count || query < queries.count)) {
      const entity = Math.min(entityAt(events, event), entityAt(queries, query))
      while (entityAt(events, event) === entity) event += 1
      while (entityAt(queries, query) === entity) query += 1
    }
    ranges.push({ events: [firstEvent, event], queries: [firstQuery, query] })
  }
  return ranges
}

function entityAt({ entities, count }: ArrangedRows, row: number): number {
  return row < count ? entities[row]! : Number.POSITIVE_INFINITY
}
