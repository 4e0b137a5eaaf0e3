import { setImmediate } from 'node:timers/promises'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import type { Random } from '../../core/random.ts'
import { HOUR, MINUTE, SECOND } from '../../core/time.ts'
import type { DecodedPredictions, PredictionPosition } from '../../stores/log/prediction-block.ts'
import type { Lane, Predictions } from '../../stores/predictions/predictions.ts'
import { deliverText } from '../monitoring/webhook.ts'
import { LOAD_TEST_MODE } from './load-test-mode.ts'
import { createEventWriter, EVENT_BATCH_TYPE } from './prediction-event.ts'

/** Posts logged predictions to an address, each at least once, from the log at its own pace. */
export interface PredictionSink {
  readonly state: SinkState
  /** Delivers what is in the log, all that there is; after a failure it waits, longer each time. */
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
/** Versions that have a batch on its way at the same time: those of one follow each other, as its events come in order. */
const VERSIONS_AT_ONCE = 4
/** Batches of a version in one piece: whoever moves or removes predictions waits for its end, and then the cursor is kept, too. */
const BATCHES_OF_A_PIECE = 20
/** Events that are written from one turn of the event loop to the next: of 34 features some hundred microseconds. */
const EVENTS_AT_ONCE = 32
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
  /** A batch of any version was taken by nobody in this turn: no other is begun. */
  let hasFailed = false
  const refusals = new Map<string, Refusals>()
  let running: Promise<void> | undefined
  const inTurn = oneAtATime()
  const keep = (): Promise<void> => inTurn(() => cursor.save({ from, lanes: Object.fromEntries(positions) }))

  function refusalsOf(name: string): Refusals {
    const known = refusals.get(name) ?? { suspects: 0, suspectsAtOnce: 1, skippedInARow: 0 }
    refusals.set(name, known)
    return known
  }

  async function post(events: readonly WrittenEvent[], ofVersion: Refusals): Promise<Posted> {
    const result = await deliverText(url, `[${events.map(({ text }) => text).join(',')}]`, {
      ...{ random, timeout, attempts: 1, contentType: EVENT_BATCH_TYPE, signal: stop.signal },
    })
    if (result.delivered) {
      failures = 0
      skippedInARow = 0
      ofVersion.skippedInARow = 0
      delivered += events.length
      ofVersion.suspects -= events.length
      taken += 1
      if (taken >= TAKEN_BEFORE_MORE) resize(batchSize * 2)
      return 'done'
    }
    if (REFUSALS.has(result.status)) {
      if (events.length > 1) {
        if (result.status === 413) resize(events.length / 2)
        else {
          ofVersion.suspects = events.length
          ofVersion.suspectsAtOnce = Math.floor(events.length / 2)
        }
        return 'again'
      }
      if (Math.max(skippedInARow, ofVersion.skippedInARow) < MOST_SKIPPED_IN_A_ROW) {
        skipped += 1
        skippedInARow += 1
        ofVersion.skippedInARow += 1
        ofVersion.suspects = 0
        onSkip?.(events[0]!.id, result.reason)
        return 'done'
      }
    }
    // Who is slow with each event never has the time for so many.
    if (result.late === true) resize(events.length / 2)
    const asked = Math.min((result.retryAfter ?? 0) * 1000, LONGEST_ASKED)
    // Several that are on their way at once are one attempt.
    askedToWait = hasFailed ? Math.max(askedToWait, asked) : asked
    if (!hasFailed) failures += 1
    hasFailed = true
    lastFailure = result.reason
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
    await keep()
    missed += removed.rows
    onMiss?.(lane, removed.rows)
    return behind
  }

  /** Delivers a piece of a version's predictions, and keeps how far that is: once, as keeping waits for the disk. */
  async function deliver(lane: Lane, name: string): Promise<Posted> {
    const start = await passRemoved(lane, name)
    try {
      return await deliverFrom(start, lane, name)
    } finally {
      if (positions.get(name) !== undefined && positions.get(name) !== start) await keep()
    }
  }

  /** Writes a batch while the one before it is on its way: two of a version are never, as its events come in order. */
  async function deliverFrom(start: PredictionPosition, lane: Lane, name: string): Promise<Posted> {
    let waiting: WrittenEvent[] = []
    /** When the first of them was answered. */
    let since = 0
    let last = start
    let batches = 0
    let onItsWay: Promise<Posted> | undefined
    const ofVersion = refusalsOf(name)
    const arrived = async (): Promise<Posted> => {
      const posted = (await onItsWay) ?? 'done'
      onItsWay = undefined
      if (posted === 'done' && waiting.length > 0) oldest.set(name, since)
      return posted
    }
    const send = async (): Promise<Posted> => {
      const before = await arrived()
      if (before !== 'done') return before
      const [events, through] = [waiting, last]
      waiting = []
      batches += 1
      onItsWay = post(events, ofVersion).then((posted) => {
        if (posted === 'done') positions.set(name, through)
        return posted
      })
      // Its trouble is told where it is waited for.
      onItsWay.catch(() => undefined)
      // What is sent next depends on what becomes of it, or there is no next one.
      return ofVersion.suspects > 0 || batches >= BATCHES_OF_A_PIECE ? await arrived() : 'done'
    }
    const sendAll = async (block: DecodedPredictions): Promise<Posted> => {
      const write = createEventWriter(block, features)
      for (let index = 0; index < block.length; index += 1) {
        const position = block.position(index)
        if (!isAfter(position, start)) continue
        last = position
        if (block.mode(index) === LOAD_TEST_MODE) continue
        if (waiting.length === 0) since = block.servedAt[index]!
        if (onItsWay === undefined && waiting.length === 0) oldest.set(name, since)
        waiting.push({ id: block.id(index), text: write(index) })
        if (waiting.length % EVENTS_AT_ONCE === 0) await setImmediate()
        const { suspects, suspectsAtOnce } = ofVersion
        if (waiting.length < (suspects > 0 ? Math.min(batchSize, suspectsAtOnce) : batchSize)) continue
        const posted = await send()
        if (posted !== 'done') return posted
        if (batches >= BATCHES_OF_A_PIECE || hasFailed || stop.signal.aborted) return 'more'
      }
      return 'done'
    }
    try {
      for await (const block of predictions.after(lane, start)) {
        const posted = await sendAll(block)
        block.release()
        if (posted !== 'done') return posted
      }
      const sent = waiting.length > 0 ? await send() : 'done'
      const posted = sent === 'done' ? await arrived() : sent
      if (posted !== 'done') return posted
    } finally {
      await onItsWay
    }
    oldest.delete(name)
    // A block that was read to its end gets no more: the next turn begins behind it.
    if (last !== start) positions.set(name, { sequence: last.sequence + 1, place: -1 })
    return 'done'
  }

  async function turn(now: number): Promise<void> {
    hasFailed = false
    let isBehind: boolean
    do {
      const lanes = [...predictions.removedLanes(), ...predictions.lanes(from)]
      const left = [...new Map(lanes.map((lane) => [`${lane.version} ${lane.model}`, lane]))]
      // Whoever took nothing is asked by one of them, until it does.
      const atOnce = failures > 0 ? 1 : Math.min(VERSIONS_AT_ONCE, left.length)
      const behind = await allSettledOf(Array.from({ length: atOnce }, () => deliverInTurn(left)))
      isBehind = behind.includes(true)
    } while (isBehind && !hasFailed && !stop.signal.aborted)
    if (!hasFailed) return
    const longest = Math.min(FIRST_WAIT * 2 ** Math.max(0, failures - 1), LONGEST_WAIT)
    waitsUntil = now + Math.max(askedToWait, longest * (1 - random.next() / 2))
  }

  /** Delivers a piece of one version after the other, as long as any are left. @returns whether one of them has more */
  async function deliverInTurn(left: [name: string, lane: Lane][]): Promise<boolean> {
    let isBehind = false
    for (let next = left.shift(); next !== undefined && !hasFailed && !stop.signal.aborted; next = left.shift()) {
      const [name, lane] = next
      let posted: Posted
      do posted = await deliver(lane, name)
      while (posted === 'again' && !hasFailed && !stop.signal.aborted)
      if (posted === 'more') isBehind = true
    }
    return isBehind
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

/** Waits for all, whatever becomes of one, and throws then what the first of them did. */
async function allSettledOf<Result>(works: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(works)
  return await Promise.all(works)
}

/** What the receiver refuses of a version. */
interface Refusals {
  /** Of a batch that it refused, while the one among them is looked for that it does not take: how many are left, and to send at once. */
  suspects: number
  suspectsAtOnce: number
  skippedInARow: number
}

/** What became of a batch or a piece: taken or skipped, with more behind it, to be sent again in smaller ones, or neither for now. */
type Posted = 'done' | 'more' | 'again' | 'failed'

interface WrittenEvent {
  readonly id: string
  readonly text: string
}

function isAfter(one: PredictionPosition, other: PredictionPosition): boolean {
  return one.sequence > other.sequence || (one.sequence === other.sequence && one.place > other.place)
}
