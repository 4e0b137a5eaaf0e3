import type { LetterChange, NewDeadLetter } from './dead-letter.ts'
import type { NewEvents } from './event-log.ts'
import type { PredictionBlock } from './prediction-block.ts'

/** What became of the events of a stream that a consumer went past: received = scored + rejected + passed, always. */
export interface ConsumedCounts {
  readonly received: number
  readonly scored: number
  /** Those that could not be scored, each of which is a dead letter. */
  readonly rejected: number
  /** Those that ask nothing: corrections, deletions, and history that was known before it came. */
  readonly passed: number
  /** Of the rejected: those that were answered by a fallback. */
  readonly fallbacks: number
}

/** How far a consumer of the log has come. */
export interface ConsumerPosition extends ConsumedCounts {
  /** Every event of its stream at or below it was dealt with. */
  readonly offset: number
  /** When the last of them became known; microseconds. */
  readonly knownAt: number
}

/**
 * What a consumer made of the events up to an offset. All of it is committed with the offset or none of it is, so each
 * event counts once for whoever reads what is committed; in a log that is Kafka it is one transaction: outputs,
 * predictions and letters are produced, and the offset is sent to the consumer's group.
 */
export interface ConsumedBatch {
  readonly consumer: string
  /** Where the consumer stood before. */
  readonly after: number
  /** Where it stands from here on. */
  readonly offset: number
  readonly knownAt: number
  /** Of this batch; below 0 where what was counted before counts as something else from here on. */
  readonly counts: ConsumedCounts
  /** Events of the stream of outputs. */
  readonly outputs: { readonly stream: string; readonly events: NewEvents }
  /** Filled blocks; nothing may be added to them afterwards. */
  readonly predictions: readonly PredictionBlock[]
  readonly rejected: readonly NewDeadLetter[]
  /** What became of the letters of earlier batches whose events were scored again. */
  readonly retried?: readonly LetterChange[]
}

const noCounts: ConsumedCounts = { received: 0, scored: 0, rejected: 0, passed: 0, fallbacks: 0 }

/** Where a consumer stands that has consumed nothing and begins after an offset. */
export function beginAfter(offset: number, knownAt: number): ConsumerPosition {
  return { offset, knownAt, ...noCounts }
}

/** Where a consumer stands after a batch. */
export function movedBy(position: ConsumerPosition, { offset, knownAt, counts }: ConsumedBatch): ConsumerPosition {
  return {
    offset,
    knownAt,
    received: position.received + counts.received,
    scored: position.scored + counts.scored,
    rejected: position.rejected + counts.rejected,
    passed: position.passed + counts.passed,
    fallbacks: position.fallbacks + counts.fallbacks,
  }
}
