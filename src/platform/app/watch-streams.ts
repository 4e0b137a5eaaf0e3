import type { StreamMonitor } from '../../operate/monitoring/stream-monitor.ts'
import type { EventLog } from '../../stores/log/event-log.ts'

/**
 * Tells the monitor of the streams what came since the last call, by the log's own counts, and lets it judge.
 * @returns what to call again and again with the platform's time (microseconds)
 */
export function createStreamWatch(
  streams: readonly string[],
  log: EventLog,
  monitor: StreamMonitor,
): (now: number) => Promise<void> {
  const told = new Map(streams.map((stream) => [stream, log.conservation(stream)]))
  return async (now) => {
    for (const [stream, before] of told) {
      const counts = log.conservation(stream)
      // A row that was mended came before, as one that was rejected: it is no news of the stream.
      const mended = counts.mended - before.mended
      const rejected = counts.rejected - before.rejected + mended
      const accepted = Math.max(0, counts.accepted - before.accepted - mended)
      if (accepted + rejected === 0) continue
      monitor.took(stream, now, { accepted, rejected })
      told.set(stream, counts)
    }
    if (now >= monitor.due) await monitor.advance(now)
  }
}
