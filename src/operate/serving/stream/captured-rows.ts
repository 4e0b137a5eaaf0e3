import type { EventBatch } from '../../../stores/log/event-batch.ts'
import { AskedRows, type AskedVersion, MOST_ROWS } from './asked-rows.ts'

/** Rows of a stream in the order of the log, with what they ask. */
export interface CapturedPart {
  readonly asked: AskedRows
  /** Offset of the row of the stream that came before the first of these. */
  readonly follows: number
  /** Offset of the last of them. */
  through: number
  /** When it became known, microseconds. */
  knownAt: number
  /** How many they are, with those that ask nothing. */
  received: number
}

/** What is done with a batch while it is applied to the live state. */
export interface Taking {
  /** Called before each row is applied: its vector is read then. */
  readonly before: (row: number) => void
  /** Called when all of them are. */
  done(): void
}

/** Vectors of rows that asked and were not scored yet, read when they came: bounded, so some may be left out. */
export interface CapturedRows {
  /** Offset of the last row of the stream that came. */
  readonly last: number
  /** Rows that were captured and are held. */
  readonly held: number
  /**
   * Takes the rows of a batch; those of events that came before ask nothing.
   * @param version that is asked; undefined to let them pass: the log has them
   */
  take(batch: EventBatch, version: AskedVersion | undefined): Taking
  /** The first part that is held and not behind an offset, if it asks this version; others are let go of. */
  first(after: number, version: AskedVersion): CapturedPart | undefined
  /** Lets go of the first part: nothing more is added to it. */
  shift(): void
  /** Lets go of all of them. */
  clear(): void
}

/** The live state takes the row next, whatever became of it here: the log answers it then, or says why it cannot. */
function capture(asked: AskedRows, batch: EventBatch, row: number): void {
  try {
    asked.add(batch, row)
  } catch {
    asked.withoutVector += 1
  }
}

/**
 * Captures rows of one stream.
 * @param last offset up to which rows of the stream may have come
 * @param mostBytes that are held
 */
export function createCapturedRows(last: number, mostBytes: number): CapturedRows {
  const parts: CapturedPart[] = []
  let newest = last

  const bytes = (): number => parts.reduce((sum, { asked }) => sum + asked.bytes, 0)

  function openPart(version: AskedVersion, expected: number): CapturedPart {
    const open = parts.at(-1)
    if (open !== undefined && open.through === newest && open.asked.version === version)
      if (!open.asked.isFull) return open
    const asked = new AskedRows(version, Math.min(MOST_ROWS, expected))
    const part = { asked, follows: newest, through: newest, knownAt: 0, received: 0 }
    parts.push(part)
    return part
  }

  return {
    get last() {
      return newest
    },
    get held() {
      return parts.reduce((sum, { received }) => sum + received, 0)
    },
    take(batch, version) {
      const { corrections = [] } = batch
      let next = 0
      const isHeld = version !== undefined && bytes() < mostBytes
      return {
        before(row) {
          const corrects = corrections[next]?.row === row
          if (corrects) next += 1
          if (isHeld) {
            const part = openPart(version, batch.length - row)
            part.received += 1
            part.through = batch.offset[row]!
            part.knownAt = batch.knownAt[row]!
            if (!corrects) capture(part.asked, batch, row)
          }
          newest = batch.offset[row]!
        },
        done() {
          // The log answers for a vector that the live state could not give.
          for (let index = parts.length - 1; index >= 0; index -= 1)
            if (parts[index]!.asked.withoutVector > 0) parts.splice(index, 1)
        },
      }
    },
    first(after, version) {
      while (parts.length > 0 && (parts[0]!.through <= after || parts[0]!.asked.version !== version)) parts.shift()
      return parts[0]
    },
    shift: () => void parts.shift(),
    clear: () => {
      parts.length = 0
    },
  }
}
