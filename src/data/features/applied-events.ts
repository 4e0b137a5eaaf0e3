import type { EventBatch } from '../../stores/log/event-batch.ts'

/** How far a stream was applied to the feature state. Times are microseconds. */
export interface AppliedStream {
  /** Of the last event: its place in the log, and its id. */
  readonly offset: number
  readonly id: string
  /** The greatest of all events. */
  readonly eventTime: number
  readonly knownAt: number
}

/** Follows what was applied, stream by stream. */
export interface AppliedEvents {
  /** Takes events that were applied; batches come in the order of their offsets. */
  take(batch: EventBatch): void
  /** Undefined before the first event of a stream. */
  of(stream: string): AppliedStream | undefined
  streams(): Readonly<Record<string, AppliedStream>>
}

/** @param before what was applied to the state that is gone on with */
export function createAppliedEvents(before: Readonly<Record<string, AppliedStream>> = {}): AppliedEvents {
  const streams = new Map(Object.entries(before))
  return {
    take({ stream, length, offset, id, eventTime, knownAt }) {
      const known = streams.get(stream)
      if (length === 0 || offset[length - 1]! <= (known?.offset ?? -1)) return
      const newest = (times: Float64Array, least: number): number =>
        times.reduce((latest, time) => Math.max(latest, time), least)
      streams.set(stream, {
        offset: offset[length - 1]!,
        id: id[length - 1]!,
        eventTime: newest(eventTime, known?.eventTime ?? Number.NEGATIVE_INFINITY),
        knownAt: newest(knownAt, known?.knownAt ?? Number.NEGATIVE_INFINITY),
      })
    },
    of: (stream) => streams.get(stream),
    streams: () => Object.fromEntries(streams),
  }
}
