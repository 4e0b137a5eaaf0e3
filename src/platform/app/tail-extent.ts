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

/** Follows the tail of a log; an event that has left it may count a while longer. */
export function createTailExtent(log: Pick<EventLog, 'flushedOffset'>): TailExtent {
  const extents = new Map<string, Extent>()
  return {
    take({ stream, length, offset, eventTime }) {
      const lastOffset = offset[length - 1] ?? -1
      if (lastOffset <= log.flushedOffset) return
      const known = extents.get(stream)
      const isPast = known === undefined || known.lastOffset <= log.flushedOffset
      const oldest = eventTime.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
      extents.set(stream, { oldest: isPast ? oldest : Math.min(known.oldest, oldest), lastOffset })
    },
    mayHold(stream, before) {
      const known = extents.get(stream)
      return known !== undefined && known.lastOffset > log.flushedOffset && known.oldest < before
    },
  }
}
