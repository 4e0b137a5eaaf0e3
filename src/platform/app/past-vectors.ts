import type { ErrorCode } from '../../core/error-codes.ts'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import { formatDuration } from '../../core/time.ts'
import {
  type RecomputedVectors,
  type RecordedQuestions,
  recomputeVectors,
  type VectorMeaning,
} from '../../data/features/recompute-vectors.ts'
import { sequencesOf } from '../../data/features/vector.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { type CircuitBreaker, createCircuitBreaker } from '../../operate/serving/protection/circuit-breaker.ts'
import type { Protection } from '../../operate/serving/protection/protection.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { Parts } from './assemble-platform.ts'
import type { TailExtent } from './tail-extent.ts'

/** Answers questions about times that the live state no longer reaches. */
export interface PastVectors {
  /**
   * Makes vectors from the history as of the positions asked about, one call at a time.
   * @param told see `recomputeVectors`
   * @throws TruelineError `overloaded` when too many calls wait
   */
  read(meaning: VectorMeaning, asked: RecordedQuestions, told?: Dictionary): Promise<RecomputedVectors>
  /**
   * The same for who waits for a prediction: while the history fails or is slow, it is left alone.
   * @param isWanted whether somebody still waits, asked when its turn has come
   * @throws TruelineError `overloaded`; `history_unavailable`, also where it could not be read: why is for those who keep the platform,
   *   and in its log; `deadline_exceeded` when nobody waited any more
   */
  readOnline(
    meaning: VectorMeaning,
    asked: RecordedQuestions,
    options: { readonly told: Dictionary; readonly isWanted: () => boolean },
  ): Promise<RecomputedVectors>
  readonly breaker: Pick<CircuitBreaker, 'state' | 'counts'>
}

const MOST_WAITING = 64

/** Codes of errors that say nothing about the history itself. */
const blameless: readonly ErrorCode[] = ['overloaded', 'deadline_exceeded', 'platform_stopped']

export interface PastParts {
  readonly lake: Lake
  readonly tail: TailExtent
  readonly protection: Pick<Protection, 'limits' | 'clock' | 'late'>
  readonly logger: Parts['logger']
}

/** Reads the past from the lake, where the log's tail goes first when it holds anything of that time. */
export function createPastVectors({ lake, tail, protection, logger }: PastParts): PastVectors {
  const { limits, clock, late } = protection
  const inTurn = oneAtATime()
  const breaker = createCircuitBreaker(
    limits.breaker,
    clock,
    (thrown) => !blameless.includes(asTruelineError(thrown).code),
  )
  let waiting = 0

  async function recompute(...[meaning, asked, told]: Parameters<PastVectors['read']>): Promise<RecomputedVectors> {
    const newest = asked.t.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY)
    const streams = new Set(sequencesOf(meaning.plan).map(({ stream }) => stream))
    if ([...streams].some((stream) => tail.mayHold(stream, newest))) await lake.flush()
    const duckdb = await openDuckdb({ threads: 1, temporaryFolder: lake.temporaryFolder })
    try {
      return await duckdb.withConnection((connection) =>
        recomputeVectors(connection, meaning, asked, (stream) => lake.files(stream).map(({ path }) => path), told),
      )
    } finally {
      duckdb.close()
    }
  }

  async function wait(work: () => Promise<RecomputedVectors>): Promise<RecomputedVectors> {
    if (waiting >= MOST_WAITING)
      throw new TruelineError('overloaded', `${waiting} questions about the past wait for their answer.`)
    waiting += 1
    try {
      return await inTurn(work)
    } finally {
      waiting -= 1
    }
  }

  async function watched(work: () => Promise<RecomputedVectors>): Promise<RecomputedVectors> {
    const { opened, refused } = breaker.counts
    const started = clock.elapsed()
    try {
      return await work()
    } catch (thrown) {
      const error = asTruelineError(thrown)
      if (blameless.includes(error.code) || breaker.counts.refused > refused) throw error
      logger.error({ code: error.code }, `The history of events could not be read: ${error.message}`)
      throw new TruelineError('history_unavailable', 'The history of events could not be read.', { cause: thrown })
    } finally {
      const took = clock.elapsed() - started
      const { slow, pause } = limits.breaker
      if (took > slow)
        logger.error({ milliseconds: took / 1000 }, `The history of events took ${formatDuration(took)}.`)
      if (breaker.counts.opened > opened)
        logger.error(`The history of events is left alone for ${formatDuration(pause)}.`)
    }
  }

  return {
    breaker,
    read: (...question) => wait(() => recompute(...question)),
    readOnline: (meaning, asked, { told, isWanted }) =>
      wait(async () => {
        if (!isWanted()) throw late()
        return await watched(() => breaker.run(() => recompute(meaning, asked, told)))
      }),
  }
}
