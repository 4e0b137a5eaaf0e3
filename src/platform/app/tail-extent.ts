import type { EventBatch } from '../../stores/log/event-batch.ts'
import type { EventLog } from '../../stores/log/event-log.ts'

interface Extent {
  /** Microseconds. */
  oldest: number
  lastOffset: number
}

/** How far back the events reach that are in the log's tail and not in the lake yet. */
export interface TailExtent {
  /** Takes events that were appended. */
  take(batch: EventBatch): void
  /** Whether the tail may hold an event of the stream from before a time (microseconds). */
  mayHold(stream: string, before: number): boolean
}

/**
 * Follows the tail of a log; an event that has left it may count a while longer.
 * @param before streams whose events up to an offset are not told again: how old those are is not known
 */
export function createTailExtent(
  log: Pick<EventLog, 'flushedOffset'>,
  before: Readonly<Record<string, { readonly offset: number }>> = {},
): TailExtent {
  const extents = new Map<string, Extent>()
  for (const [stream, { offset }] of Object.entries(before))
    extents.set(stream, { oldest: Number.NEGATIVE_INFINITY, lastOffset: offset })
  return {
    take({ stream, length, offset, eventTime, corrections = [] }) {
      const lastOffset = offset[length - 1] ?? -1
      if (lastOffset <= log.flushedOffset) return
      const known = extents.get(stream)
      const isPast = known === undefined || known.lastOffset <= log.flushedOffset
      // A correction also says something about the time of the row that it takes the place of.
      const replaced = corrections.map(({ old }) => old?.batch.eventTime[old.row] ?? Number.POSITIVE_INFINITY)
      const oldest = replaced.reduce(smaller, eventTime.reduce(smaller, Number.POSITIVE_INFINITY))
      extents.set(stream, { oldest: isPast ? oldest : Math.min(known.oldest, oldest), lastOffset })
    },
    mayHold(stream, before) {
      const known = extents.get(stream)
      return known !== undefined && known.lastOffset > log.flushedOffset && known.oldest < before
    },
  }
}

function smaller(a: number, b: number): number {
  return Math.min(a, b)
}
