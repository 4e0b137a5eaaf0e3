import type { LetterChange, NewDeadLetter } from './dead-letter.ts'
import type { NewEvents } from './event-log.ts'
import type { LogEntry, StoredDeadLetter } from './log-messages.ts'
import type { PredictionBlock } from './prediction-block.ts'

/** What was counted of a stream, and its number in the log. */
export interface StreamCounters {
  readonly number: number
  accepted: number
  duplicates: number
  rejected: number
  mended: number
}

export const noCounts = { accepted: 0, duplicates: 0, rejected: 0, mended: 0 }

/** Adds what came of rows to the counts of their stream. */
export function addCounts(counters: StreamCounters, counts: typeof noCounts): void {
  counters.accepted += counts.accepted
  counters.duplicates += counts.duplicates
  counters.rejected += counts.rejected
  counters.mended += counts.mended
}

/** Adds an entry for a block with the buffers that it gives away, and gives about how many bytes it holds. */
export function addPredictions(block: PredictionBlock, entries: LogEntry[], transfers: ArrayBuffer[]): number {
  const columns = block.seal()
  const { doubles, words, bytes, rows } = columns
  entries.push({ kind: 'predictions', number: block.number, columns })
  for (const { buffer } of [doubles, words, bytes, rows]) transfers.push(buffer as ArrayBuffer)
  return doubles.byteLength + words.byteLength + bytes.byteLength + rows.length
}

/** Adds an entry for events, which get the offsets from a first one on, and gives about how many bytes it holds. */
export function addEvents(
  events: NewEvents,
  place: {
    readonly stream: number
    readonly firstOffset: number
    readonly generation: number
    readonly knownAt: number
  },
  entries: LogEntry[],
): number {
  const { length, ids, keys, rows, revisions } = events
  if (length === 0) return 0
  // A view would take its whole buffer across.
  const partitions = events.partitions.slice(0, length)
  const eventTimes = events.eventTimes.slice(0, length)
  const given = { partitions, eventTimes, ids, keys, rows, ...(revisions === undefined ? {} : { revisions }) }
  entries.push({ kind: 'events', ...place, ...given })
  return sizeOf(events)
}

/**
 * Adds an entry for dead letters where there are any, and gives about how many bytes it holds.
 * @param receivedAt microseconds
 * @param numberOf the number of a stream in the log
 */
export function addDeadLetters(
  letters: readonly NewDeadLetter[],
  receivedAt: number,
  numberOf: (stream: string) => number,
  entries: LogEntry[],
): number {
  if (letters.length === 0) return 0
  let bytes = 0
  const stored = letters.map((letter): StoredDeadLetter => {
    bytes += 100 + letter.reason.length + letter.row.length
    const { scope, code, reason, path = null, row, source = null, partial = false } = letter
    return [numberOf(letter.stream), scope, code, reason, path, row, source, Number(partial)]
  })
  entries.push({ kind: 'deadLetters', receivedAt, letters: stored })
  return bytes
}

/** Adds an entry for what was done with dead letters, and gives about how many bytes it holds. */
export function addLetterChanges(changes: readonly LetterChange[], at: number, entries: LogEntry[]): number {
  if (changes.length === 0) return 0
  entries.push({ kind: 'letterChanges', at, changes })
  return changes.reduce(
    (sum, { how = '', reason = '', row = '' }) => sum + 100 + how.length + reason.length + row.length,
    0,
  )
}

/** About how many bytes events take on their way: characters, and numbers beside them. */
function sizeOf({ ids, keys, rows }: NewEvents): number {
  return rows.reduce((sum, row, index) => sum + row.length + ids[index]!.length + keys[index]!.length + 60, 0)
}
