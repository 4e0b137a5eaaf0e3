import type { Random } from '../../core/random.ts'
import { MINUTE, SECOND } from '../../core/time.ts'
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
  /** Attempts that failed since the last that did not. */
  readonly failures: number
  readonly lastFailure?: string
  /** When the oldest prediction was answered that could not be delivered; microseconds. */
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
  readonly predictions: Pick<Predictions, 'lanes' | 'after' | 'state'>
  /** Where the cursor is kept; what was not kept when a process ended is delivered again. */
  readonly cursor: { load(): Promise<SinkCursor | undefined>; save(cursor: SinkCursor): Promise<void> }
  readonly random: Random
  /** Real milliseconds of one attempt; 10,000 unless given. */
  readonly timeout?: number
}

const EVENTS_OF_A_BATCH = 500
/** Batches of a version in one turn: whoever moves or removes predictions waits for the end of a turn. */
const BATCHES_OF_A_TURN = 20
const FIRST_WAIT = SECOND
const LONGEST_WAIT = 5 * MINUTE

/** A sink that begins with what is logged from now on, or where the last one of the directory ended. */
export async function createPredictionSink(options: PredictionSinkOptions): Promise<PredictionSink> {
  const { url, features = false, predictions, cursor, random, timeout = 10_000 } = options
  const stop = new AbortController()
  const kept = await cursor.load()
  const from = kept?.from ?? predictions.state().lastSequence + 1
  const positions = new Map(Object.entries(kept?.lanes ?? {}))
  if (kept === undefined) await cursor.save({ from, lanes: {} })
  let delivered = 0
  let failures = 0
  let lastFailure: string | undefined
  let oldest: number | undefined
  let waitsUntil = Number.NEGATIVE_INFINITY
  let batchSize = EVENTS_OF_A_BATCH
  let running: Promise<void> | undefined

  async function post(events: readonly PredictionEvent[]): Promise<boolean> {
    const result = await deliverWebhook(url, events, {
      ...{ random, timeout, attempts: 1, contentType: EVENT_BATCH_TYPE, signal: stop.signal },
    })
    if (result.delivered) {
      failures = 0
      oldest = undefined
      delivered += events.length
      return true
    }
    failures += 1
    lastFailure = result.reason
    // Too large for the receiver, perhaps: fewer do it.
    if (result.reason === 'answered 413') batchSize = Math.max(1, Math.floor(batchSize / 2))
    return false
  }

  /** Delivers a version's predictions; false when that failed. */
  async function deliver(lane: Lane, name: string): Promise<boolean> {
    const start = positions.get(name) ?? { sequence: from, place: -1 }
    let reached = start
    let waiting: PredictionEvent[] = []
    let last = start
    let firstServedAt = 0
    let batches = 0
    const send = async (): Promise<boolean> => {
      if (!(await post(waiting))) {
        oldest = firstServedAt
        return false
      }
      waiting = []
      batches += 1
      reached = last
      positions.set(name, reached)
      await cursor.save({ from, lanes: Object.fromEntries(positions) })
      return true
    }
    for await (const block of predictions.after(lane, start))
      for (let index = 0; index < block.length; index += 1) {
        const position = block.position(index)
        if (!isAfter(position, start)) continue
        if (block.mode(index) === LOAD_TEST_MODE) {
          last = position
          continue
        }
        if (waiting.length === 0) firstServedAt = block.servedAt[index]!
        waiting.push(predictionEvent(block, index, features))
        last = position
        if (waiting.length < batchSize) continue
        if (!(await send())) return false
        if (batches >= BATCHES_OF_A_TURN || stop.signal.aborted) return true
      }
    if (waiting.length > 0 && !(await send())) return false
    reached = last
    // A block that was read to its end gets no more: the next turn begins behind it.
    if (reached !== start) positions.set(name, { sequence: reached.sequence + 1, place: -1 })
    return true
  }

  async function turn(now: number): Promise<void> {
    for (const lane of predictions.lanes(from)) {
      const name = `${lane.version} ${lane.model}`
      if (stop.signal.aborted) return
      if (await deliver(lane, name)) continue
      const longest = Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT)
      waitsUntil = now + longest * (1 - random.next() / 2)
      return
    }
  }

  return {
    get state() {
      return {
        ...{ delivered, failures },
        ...(failures === 0 || lastFailure === undefined ? {} : { lastFailure }),
        ...(oldest === undefined ? {} : { oldest }),
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

function isAfter(one: PredictionPosition, other: PredictionPosition): boolean {
  return one.sequence > other.sequence || (one.sequence === other.sequence && one.place > other.place)
}
