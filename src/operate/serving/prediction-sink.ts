import type { Random } from '../../core/random.ts'
import { HOUR, MINUTE, SECOND } from '../../core/time.ts'
import type { PredictionPosition } from '../../stores/log/prediction-block.ts'
import type { Lane, Predictions } from '../../stores/predictions/predictions.ts'
import { deliverWebhook } from '../monitoring/webhook.ts'
import { LOAD_TEST_MODE } from './load-test-mode.ts'
import { EVENT_BATCH_TYPE, type PredictionEvent, predictionEvent } from './prediction-event.ts'

/** Posts logged predictions to an address, each at least once, from the log at its own pace. */
export interface PredictionSink {
  readonly state: SinkState
  /** Delivers what is in the log, for a while; after a failure it waits, longer each time. */
  advance(now: number): Promise<void>
  /** Breaks off what is under way; it is delivered again after the next start. */
  close(): Promise<void>
}

export interface SinkState {
  /** Events since the start. */
  readonly delivered: number
  /** Events that the receiver refused for good, each alone, since the start: it gets them no more. */
  readonly skipped: number
  /** Attempts that failed since the last that did not. */
  readonly failures: number
  readonly lastFailure?: string
  /** Removed from the log, since the start, before they were delivered; by whole files, so it may be some more than were. */
  readonly missed: number
  /** When the oldest prediction was answered that is known to wait, whether the receiver fails or is slow; microseconds. */
  readonly oldest?: number
}

/** How far the sink has come: what it began with, and of each version how far it is. */
export interface SinkCursor {
  readonly from: number
  readonly lanes: Readonly<Record<string, PredictionPosition>>
}

export interface PredictionSinkOptions {
  readonly url: string
  /** Whether events carry the features. */
  readonly features?: boolean
  readonly predictions: Pick<Predictions, 'lanes' | 'after' | 'state' | 'removedLanes' | 'removedAfter'>
  /** Where the cursor is kept; what was not kept when a process ended is delivered again. */
  readonly cursor: { load(): Promise<SinkCursor | undefined>; save(cursor: SinkCursor): Promise<void> }
  readonly random: Random
  /** Real milliseconds of one attempt; 10,000 unless given. */
  readonly timeout?: number
  /** Told of each event that is skipped, and what the receiver said. */
  readonly onSkip?: (id: string, reason: string) => void
  /** Told of predictions that were removed before they were delivered. */
  readonly onMiss?: (lane: Lane, rows: number) => void
}

const EVENTS_OF_A_BATCH = 500
/** Batches of a version in one turn: whoever moves or removes predictions waits for the end of a turn. */
const BATCHES_OF_A_TURN = 20
/** After so many batches of a size were taken, twice as many events may be as well. */
const TAKEN_BEFORE_MORE = 20
/** What the receiver says of what it is sent, and not of who sends it, where to, or how often. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([400, 413, 415, 422])
/** A receiver that refuses so many in a row, each alone, refuses all: it is not skipped any more, and nothing more is lost. */
const MOST_SKIPPED_IN_A_ROW = 20
const FIRST_WAIT = SECOND
const LONGEST_WAIT = 5 * MINUTE
/** Whoever asks to be left alone is, for so long at most. */
const LONGEST_ASKED = HOUR

/** A sink that begins with what is logged from now on, or where the last one of the directory ended. */
export async function createPredictionSink(options: PredictionSinkOptions): Promise<PredictionSink> {
  const { url, features = false, predictions, cursor, random, timeout = 10_000, onSkip, onMiss } = options
  const stop = new AbortController()
  const kept = await cursor.load()
  const from = kept?.from ?? predictions.state().lastSequence + 1
  const positions = new Map(Object.entries(kept?.lanes ?? {}))
  if (kept === undefined) await cursor.save({ from, lanes: {} })
  let delivered = 0
  let skipped = 0
  let skippedInARow = 0
  /** Batches of this size that were taken. */
  let taken = 0
  let failures = 0
  let lastFailure: string | undefined
  /** How long the receiver asked to be left alone when it last failed; microseconds. */
  let askedToWait = 0
  let missed = 0
  /** Of each version when the oldest prediction was answered that waits. */
  const oldest = new Map<string, number>()
  let waitsUntil = Number.NEGATIVE_INFINITY
  /** What the receiver takes at once, by what it said. */
  let batchSize = EVENTS_OF_A_BATCH
  /** Of a batch that it refused, while the one among them is looked for that it does not take: how many are left, and to send at once. */
  let suspects = 0
  let suspectsAtOnce = 1
  let running: Promise<void> | undefined

  async function post(events: readonly PredictionEvent[]): Promise<Posted> {
    const result = await deliverWebhook(url, events, {
      ...{ random, timeout, attempts: 1, contentType: EVENT_BATCH_TYPE, signal: stop.signal },
    })
    if (result.delivered) {
      failures = 0
      skippedInARow = 0
      delivered += events.length
      suspects -= events.length
      taken += 1
      if (taken >= TAKEN_BEFORE_MORE) resize(batchSize * 2)
      return 'done'
    }
    if (REFUSALS.has(result.status)) {
      if (events.length > 1) {
        if (result.status === 413) resize(events.length / 2)
        else {
          suspects = events.length
          suspectsAtOnce = Math.floor(events.length / 2)
        }
        return 'again'
      }
      if (skippedInARow < MOST_SKIPPED_IN_A_ROW) {
        skipped += 1
        skippedInARow += 1
        suspects = 0
        onSkip?.(events[0]!.id, result.reason)
        return 'done'
      }
    }
    // Who is slow with each event never has the time for so many.
    if (result.late === true) resize(events.length / 2)
    failures += 1
    lastFailure = result.reason
    askedToWait = Math.min((result.retryAfter ?? 0) * 1000, LONGEST_ASKED)
    return 'failed'
  }

  function resize(size: number): void {
    batchSize = Math.min(EVENTS_OF_A_BATCH, Math.max(1, Math.floor(size)))
    taken = 0
  }

  /** Where a version is gone on with: behind what was removed meanwhile, which nobody gets any more. */
  async function passRemoved(lane: Lane, name: string): Promise<PredictionPosition> {
    const start = positions.get(name) ?? { sequence: from, place: -1 }
    const removed = predictions.removedAfter(lane, start.sequence)
    if (removed === undefined) return start
    const behind = { sequence: removed.lastSequence + 1, place: -1 }
    positions.set(name, behind)
    await cursor.save({ from, lanes: Object.fromEntries(positions) })
    missed += removed.rows
    onMiss?.(lane, removed.rows)
    return behind
  }

  /** Delivers a version's predictions. */
  async function deliver(lane: Lane, name: string): Promise<Posted> {
    const start = await passRemoved(lane, name)
    let reached = start
    let waiting: PredictionEvent[] = []
    let last = start
    let batches = 0
    const send = async (): Promise<Posted> => {
      const posted = await post(waiting)
      if (posted !== 'done') return posted
      waiting = []
      batches += 1
      reached = last
      positions.set(name, reached)
      await cursor.save({ from, lanes: Object.fromEntries(positions) })
      return 'done'
    }
    for await (const block of predictions.after(lane, start))
      for (let index = 0; index < block.length; index += 1) {
        const position = block.position(index)
        if (!isAfter(position, start)) continue
        if (block.mode(index) === LOAD_TEST_MODE) {
          last = position
          continue
        }
        if (waiting.length === 0) oldest.set(name, block.servedAt[index]!)
        waiting.push(predictionEvent(block, index, features))
        last = position
        if (waiting.length < (suspects > 0 ? Math.min(batchSize, suspectsAtOnce) : batchSize)) continue
        const posted = await send()
        if (posted !== 'done') return posted
        if (batches >= BATCHES_OF_A_TURN || stop.signal.aborted) return 'done'
      }
    const posted = waiting.length > 0 ? await send() : 'done'
    if (posted !== 'done') return posted
    reached = last
    oldest.delete(name)
    // A block that was read to its end gets no more: the next turn begins behind it.
    if (reached !== start) positions.set(name, { sequence: reached.sequence + 1, place: -1 })
    return 'done'
  }

  async function turn(now: number): Promise<void> {
    const lanes = [...predictions.removedLanes(), ...predictions.lanes(from)]
    for (const [name, lane] of new Map(lanes.map((lane) => [`${lane.version} ${lane.model}`, lane]))) {
      if (stop.signal.aborted) return
      let posted: Posted
      do posted = await deliver(lane, name)
      while (posted === 'again' && !stop.signal.aborted)
      if (posted !== 'failed') continue
      const longest = Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT)
      waitsUntil = now + Math.max(askedToWait, longest * (1 - random.next() / 2))
      return
    }
  }

  return {
    get state() {
      return {
        ...{ delivered, skipped, missed, failures },
        ...(failures === 0 || lastFailure === undefined ? {} : { lastFailure }),
        ...(oldest.size === 0 ? {} : { oldest: Math.min(...oldest.values()) }),
      }
    },
    async advance(now) {
      if (now < waitsUntil || running !== undefined || stop.signal.aborted) return
      running = turn(now)
      try {
        await running
      } finally {
        running = undefined
      }
    },
    async close() {
      stop.abort()
      await Promise.allSettled([running])
    },
  }
}

/** What became of a batch: taken or skipped, to be sent again in smaller ones, or neither for now. */
type Posted = 'done' | 'again' | 'failed'

function isAfter(one: PredictionPosition, other: PredictionPosition): boolean {
  return one.sequence > other.sequence || (one.sequence === other.sequence && one.place > other.place)
}
