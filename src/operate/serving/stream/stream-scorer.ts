import { setImmediate } from 'node:timers/promises'
import { asTruelineError, TruelineError } from '../../../core/errors.ts'
import type { Slices } from '../../../core/slices.ts'
import { createEventReader } from '../../../data/features/event-reader.ts'
import type { VectorState } from '../../../data/features/vector-reader.ts'
import type { ModelDefinition, StreamDefinition } from '../../../language/define/definitions.ts'
import type { Lake } from '../../../stores/lake/lake.ts'
import { beginAfter, type ConsumerPosition } from '../../../stores/log/consumer.ts'
import type { EventBatch } from '../../../stores/log/event-batch.ts'
import type { PredictionObserver } from '../model-serving.ts'
import type { ServedVersion } from '../served-version.ts'
import { type AskedRows, type AskedVersion, askedVersion, MOST_ROWS } from './asked-rows.ts'
import { createCapturedRows, type Taking } from './captured-rows.ts'
import {
  type ConsumingParts,
  consume,
  givesReasons,
  isScoredInSlices,
  type Reasoning,
  type ScoredRows,
  scoreInSlices,
  scoreRows,
  withReasons,
} from './consumed.ts'
import { createQuestionReader } from './question-reader.ts'
import { type ReadBackPart, readBack } from './read-back.ts'

/** Scores the events of a model's stream as they come, and answers each in the stream of its predictions. */
export interface StreamScorer {
  readonly model: ModelDefinition
  /** Where it stands; undefined before it began. */
  readonly position: ConsumerPosition | undefined
  /** Rows of the stream that it is behind. */
  readonly behind: number
  /** Since when the oldest of them waits, microseconds; undefined when there is none. */
  readonly waitingSince: number | undefined
  readonly isPaused: boolean
  /** Why it does not go on, or not now; it tries again. */
  readonly failure: TruelineError | undefined
  /** What to do with a batch while it is applied to the live state; undefined for one of another stream. */
  take(batch: EventBatch): Taking | undefined
  /**
   * Goes on until it has caught up, is paused, or nothing serves.
   * @throws nothing: what fails is in `failure`, and tried again at the next call
   */
  advance(): Promise<void>
  pause(): void
  resume(): void
  /** Ends after the batch under way. */
  stop(): Promise<void>
}

export interface StreamScorerOptions extends Omit<ConsumingParts, 'output' | 'classes'> {
  readonly lake: Lake
  readonly state: VectorState
  /** As the project says now. */
  readonly model: ModelDefinition
  /** The stream whose events ask. */
  readonly stream: StreamDefinition
  /** The stream of predictions. */
  readonly output: StreamDefinition
  /** What serves now, if anything. */
  readonly served: () => ServedVersion | undefined
  readonly observerOf: (served: ServedVersion) => PredictionObserver
  readonly slices: Slices
  /** Gives the reasons of answers, where their stream has them. */
  readonly reasoning?: Reasoning
  /** Told of answers in the order of the log, like of all accepted events. */
  readonly onProduced: (batch: EventBatch) => void
  /** Bytes of vectors that wait to be scored; 64 MiB unless given. Without any, all are read back from the log. */
  readonly mostBytes?: number
  /** Rows that are read back from the log together; they are scored and committed in parts. */
  readonly mostReadBack?: number
}

/** A stretch on its way back from the log, for a version. */
interface ReadAhead {
  readonly version: AskedVersion
  readonly after: number
  readonly read: Promise<readonly ReadBackPart[] | { readonly failed: unknown }>
}

/** Commits under way to the disk before the next one waits: enough that a slow disk has work while others are scored. */
const MOST_IN_FLIGHT = 8

/** More rows than this that wait are scored before others have their turn, for so long at most (microseconds). */
const MANY_HELD = 4096
const LONGEST_RUN = 50_000

/** Name of a model's consumer in the log. */
export function consumerOf(model: string): string {
  return `scoring/${model}`
}

/**
 * A scorer of one model that begins with what is appended from now on, or goes on where it stood.
 *
 * An event is scored as of the log just before it, whenever that happens: its vector is read from the live state while
 * the event is on its way into it, and is read back from the log where that was not possible: after a start, a pause, or
 * when too many wait. Both are the same to the bit, so what is answered depends on the log and on the version alone.
 */
export function createStreamScorer(options: StreamScorerOptions): StreamScorer {
  const {
    log,
    lake,
    clock,
    model,
    stream,
    state,
    onProduced,
    slices,
    mostBytes = 2 ** 26,
    mostReadBack = 32 * MOST_ROWS,
  } = options
  const name = consumerOf(model.name)
  const reasoning = givesReasons(options.output) ? options.reasoning : undefined
  const { classes } = model.label
  const parts = { ...options, output: createEventReader(options.output), classes }
  const inFlight: number[] = []
  let waitingSince: number | undefined
  let isPaused = false
  let isStopped = false
  let failure: TruelineError | undefined
  let version: AskedVersion | undefined
  let turn: Promise<void> | undefined
  /** What was read back and is scored next, the first part first. */
  let parted: ReadBackPart[] = []
  /** What is read back while the stretch before it is scored. */
  let ahead: ReadAhead | undefined
  /** The last step scored what was read back: it is not as urgent as what comes now. */
  let wasReadBack = false
  let isWoken = false

  if (log.consumer(name) === undefined) log.beginConsumer(name, beginAfter(log.nextOffset - 1, log.knownAt()))
  let behind = rowsAfter(position().offset)
  // What came before is read back, where there is anything.
  const captured = createCapturedRows(behind === 0 ? position().offset : log.nextOffset - 1, mostBytes)

  function position(): ConsumerPosition {
    return log.consumer(name)!
  }

  /** At most so many rows of the stream lie after an offset. */
  function rowsAfter(offset: number): number {
    const files = log.lakeFiles(stream.name).filter(({ lastOffset }) => lastOffset > offset)
    const inLake = files.reduce((sum, { rows, lastOffset }) => sum + Math.min(rows, lastOffset - offset), 0)
    return inLake + log.countTail(stream.name, offset)
  }

  /** What is asked; undefined while nothing serves. */
  function versionNow(): AskedVersion | undefined {
    const served = options.served()
    if (served === undefined) version = undefined
    else if (version?.served !== served)
      version = askedVersion(served, createQuestionReader(served, stream, state), options.observerOf(served))
    return version
  }

  /** Scores of a part that takes its time, with the reasons where answers give some. */
  async function scoredBefore(asked: AskedRows): Promise<ScoredRows> {
    const isSlow = isScoredInSlices(asked.version)
    const scored = isSlow ? await scoreInSlices(asked, clock, slices) : scoreRows(asked, clock)
    return reasoning === undefined ? scored : await withReasons(asked, scored, reasoning)
  }

  function commit(
    asked: AskedRows,
    through: number,
    knownAt: number,
    received: number,
    scored = scoreRows(asked, clock),
  ): void {
    const { offset: after } = position()
    if (asked.offsets[0]! <= after && asked.length > 0)
      throw new TruelineError('internal', `${name} was to answer ${asked.offsets[0]} again, and stands at ${after}.`)
    const { outputs, predictions, rejected, counts } = consume(parts, asked, scored)
    const passed = received - counts.scored - counts.rejected
    const appended = log.commitConsumed({
      ...{ consumer: name, after, offset: through, knownAt, predictions, rejected },
      counts: { ...counts, received, passed },
      outputs: { stream: options.output.name, events: outputs.events() },
    })
    if (outputs.length > 0) onProduced(outputs.batch(appended))
    inFlight.push(appended.ticket)
    behind = Math.max(0, behind - received)
    waitingSince = knownAt
  }

  /** Whether rows are scored where they are committed: neither a graph nor reasons take their time. */
  function isQuick(asking: AskedVersion): boolean {
    return reasoning === undefined && !isScoredInSlices(asking)
  }

  /** Whether another version serves by now, which is asked then, or none is to be asked any more. */
  function isStale({ served }: AskedVersion): boolean {
    return options.served() !== served || isPaused || isStopped
  }

  /** @returns whether there was something to do */
  async function step(): Promise<boolean> {
    if (isPaused || isStopped) return false
    // Consumption waits where its outputs would not fit; who ingests does not.
    await log.ready()
    while (inFlight.length >= MOST_IN_FLIGHT) await log.durable(inFlight.shift()!)
    const asking = versionNow()
    if (asking === undefined || isPaused || isStopped) return false
    const { offset } = position()
    const part = captured.first(offset, asking)
    if (part !== undefined && part.follows <= offset) {
      captured.shift()
      const scored = isQuick(asking) ? undefined : await scoredBefore(part.asked)
      // What was taken for nothing is read back from the log.
      if (scored !== undefined && isStale(asking)) return true
      commit(part.asked, part.through, part.knownAt, part.received, scored)
      return true
    }
    const to = part?.follows ?? captured.last
    if (to <= offset) {
      behind = captured.held
      waitingSince = undefined
      return false
    }
    if (parted[0]?.after !== offset || parted[0].asked.version !== asking) {
      parted = [...(await stretchAfter(asking, offset, to))]
      const { through } = parted.at(-1)!
      if (through < to) ahead = readAhead(asking, through, to)
    }
    const { asked, through, received } = parted.shift()!
    const scored = isQuick(asking) ? undefined : await scoredBefore(asked)
    await log.ready()
    if (isStale(asking)) return true
    commit(asked, through, asked.knownAt[asked.length - 1] ?? position().knownAt, received, scored)
    wasReadBack = true
    return true
  }

  /** The stretch that was read ahead, if it is the one that is asked for. */
  async function stretchAfter(asking: AskedVersion, after: number, to: number): Promise<readonly ReadBackPart[]> {
    const known = ahead
    ahead = undefined
    // One that is of no use any more is read to its end even so: it takes as much of the machine as the one that is.
    const read = known === undefined ? undefined : await known.read
    if (read === undefined || known?.version !== asking || known.after !== after)
      return await readBack(lake, asking, stretchOf(after, to))
    if ('failed' in read) throw read.failed
    return read
  }

  function readAhead(version: AskedVersion, after: number, to: number): ReadAhead {
    const read = readBack(lake, version, stretchOf(after, to)).catch((failed: unknown) => ({ failed }))
    return { version, after, read }
  }

  function stretchOf(after: number, to: number) {
    return { stream, after, to, most: reasoning === undefined ? mostReadBack : Math.min(MOST_ROWS, mostReadBack) }
  }

  async function drain(): Promise<void> {
    try {
      let yielded = clock.elapsed()
      while (await step()) {
        const isLeftToOthers = wasReadBack
        wasReadBack = false
        if (!isLeftToOthers && captured.held > MANY_HELD && clock.elapsed() - yielded < LONGEST_RUN) continue
        // A flood of commits may keep the loop from its immediates.
        await Promise.race([setImmediate(), log.durable(inFlight.at(-1) ?? 0)])
        yielded = clock.elapsed()
      }
      failure = undefined
    } catch (thrown) {
      failure = asTruelineError(thrown)
    }
    // Nothing is left behind that would still read when the lake is closed.
    await ahead?.read
    ahead = undefined
    parted = []
  }

  async function advance(): Promise<void> {
    isWoken = true
    if (turn !== undefined) return await turn
    turn = (async () => {
      while (isWoken) {
        isWoken = false
        await drain()
      }
    })()
    try {
      await turn
    } finally {
      turn = undefined
    }
  }

  return {
    model,
    get position() {
      return log.consumer(name)
    },
    get behind() {
      return behind
    },
    get waitingSince() {
      return behind === 0 ? undefined : (waitingSince ?? position().knownAt)
    },
    get isPaused() {
      return isPaused
    },
    get failure() {
      return failure
    },
    take(batch) {
      if (batch.stream !== stream.name) return undefined
      if (behind === 0) waitingSince = batch.knownAt[0]!
      behind += batch.length
      return captured.take(batch, isPaused || isStopped ? undefined : capturing())
    },
    advance,
    pause() {
      isPaused = true
      captured.clear()
    },
    resume() {
      isPaused = false
    },
    async stop() {
      isStopped = true
      await turn
    },
  }

  /** The version whose vectors can be read while events come; the log answers for others. */
  function capturing(): AskedVersion | undefined {
    try {
      const asking = versionNow()
      // Rows of a table are applied together.
      return asking?.served.plan.tables.some(({ definition }) => definition.name === stream.name) ? undefined : asking
    } catch (thrown) {
      failure = asTruelineError(thrown)
      return undefined
    }
  }
}
