import type { Clock } from '../../core/clock.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import type { VectorBuffer, VectorState } from '../../data/features/vector-reader.ts'
import type { RowFault } from '../../data/quality/row-reader.ts'
import { NULL, VALUE } from '../../kernel/status.ts'
import { LatencyHistogram } from '../../stats/histograms/latency-histogram.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import { type FailureCause, fallbackOf } from './fallback.ts'
import type { HandRules } from './hand-rules.ts'
import type { Recording } from './prediction-layout.ts'
import { createPredictionLogger, type PredictionLogger } from './prediction-logger.ts'
import { scoreFault } from './score-fault.ts'
import {
  createScoringPath,
  type LateQuestion,
  type Scored,
  type ScoredOrFault,
  type ScoringPath,
} from './scoring-path.ts'
import type { ServedVersion } from './served-version.ts'
import { createVectorScoring, type VectorScoring } from './vector-scoring.ts'
import type { Verdict } from './verdict.ts'

/** Told of every prediction; buffers hold until the next one. */
export interface PredictionObserver {
  observe(prediction: ObservedPrediction): void
  /** A row got an error instead of a prediction. */
  failed(code: ErrorCode, mode: string): void
}

export interface ObservedPrediction {
  readonly id: string
  readonly t: number
  readonly at: number
  /** How it was asked for. */
  readonly mode: string
  readonly values: Float64Array
  readonly score: number
  /** Of a model of several classes one for each. */
  readonly probabilities?: Float64Array | undefined
  /** Microseconds. */
  readonly latency: number
  readonly labelKey: string | undefined
}

/** A prediction as it is answered; the vector's buffers hold until the next prediction. */
export interface Answered {
  readonly id: string
  readonly score: number
  /** Of a model of several classes one for each, in their order; they hold until the next prediction. */
  readonly probabilities: Float64Array | undefined
  readonly verdict: Verdict
  readonly vector: VectorBuffer
}

/** A prediction, or why there is none and what is decided without it. */
export type AnsweredRow =
  | { readonly answered: Answered }
  | { readonly fault: RowFault; readonly decision: string | undefined }

export type RowAnswer = AnsweredRow | { readonly late: LateRow }

/** A row that only the log can answer: its vector has to be made again as of the positions that it carries. */
export interface LateRow {
  readonly served: ServedVersion
  readonly question: LateQuestion
  /** Scores the row with its vector and enqueues it for the log, whatever serves by now. */
  answer(values: Float64Array, statuses: Uint8Array): AnsweredRow
  /** The vector could not be had. Returns the decision for this case. */
  fail(code: ErrorCode, cause: FailureCause): string | undefined
}

/** The version that serves at some moment, for a request that goes on with it whatever serves by then. */
export interface PresentVersion {
  readonly served: ServedVersion
  /**
   * Scores one row and enqueues it for the log.
   * @param mode how it was asked for, recorded with it
   * @throws TruelineError `disk_full`, `log_unavailable`
   */
  predict(row: unknown, mode: string): RowAnswer
  /** A row that is not tried. Returns the decision for this case. */
  fail(code: ErrorCode, cause: FailureCause, mode: string): string | undefined
}

/** A version that serves, or served when it was asked for, past the feature layer. */
export interface RawServing {
  readonly served: ServedVersion
  /**
   * Scores a raw vector and enqueues it for the log, whatever serves by now.
   * @throws TruelineError `disk_full`, `log_unavailable`
   */
  infer(vector: Float64Array, mode: string): AnsweredRow
}

/** Counts since the start. */
export interface ServingCounts {
  readonly predictions: number
  readonly failures: number
  /** Predictions that were handed to the log. */
  readonly appended: number
  readonly latencies: LatencyHistogram
}

/** The serving side of one model: the version that serves, swapped without a lost request, and its log. */
export interface ModelServing {
  /** What serves; undefined before the first promotion. */
  readonly served: ServedVersion | undefined
  /** What served before it, kept ready: to serve again it needs nothing from the disk. */
  readonly before: ServedVersion | undefined
  readonly counts: ServingCounts
  /** What people decide in the place of whatever serves. */
  readonly hand: HandRules | undefined
  /** Predictions are in the log before they are answered. */
  readonly sync: boolean
  /** Predictions that were not handed to the log yet. */
  readonly pending: number
  /** When the oldest prediction was answered that is not on disk, microseconds; undefined when all are. */
  readonly oldestPending: number | undefined
  /**
   * Makes another version ready to serve.
   * @returns what lets it serve from the next row on
   * @throws TruelineError `definitions_changed` when it reads features that are defined otherwise now
   */
  prepare(served: ServedVersion): () => void
  /**
   * What serves now.
   * @throws TruelineError `no_model_serving`, `disk_full`, `log_unavailable`
   */
  present(): PresentVersion
  /**
   * Scores one row with what serves now: see `PresentVersion`.
   * @throws TruelineError `no_model_serving`, `disk_full`, `log_unavailable`
   */
  predict(row: unknown, mode: string): RowAnswer
  /** It was told to serve nothing, and nothing was made to serve since. */
  readonly isWithdrawn: boolean
  /** Why the version that was promoted last cannot serve, and what mends that; undefined where nothing is the matter. */
  readonly fault: TruelineError | undefined
  /** Answers with an error that says why it serves nothing, until a version is made to serve. */
  cannotServe(fault: TruelineError): void
  /**
   * The version that serves, for raw vectors.
   * @throws TruelineError `no_model_serving`, `disk_full`, `log_unavailable`
   */
  raw(): RawServing
  /** Serves nothing from the next row on, and keeps nothing ready; what was predicted is still handed to the log. */
  withdraw(): void
  /**
   * Enqueues what was scored and not handed to the log yet; while the log has no room it waits for the next call, unless
   * `always` says otherwise.
   * @returns the ticket for the log's `durable`
   */
  flush(always?: boolean): number | undefined
}

export interface ModelServingOptions {
  readonly name: string
  readonly state: VectorState
  readonly log: EventLog
  readonly clock: Clock
  /** How predictions are recorded; as each version's own definitions say unless given. */
  readonly recording?: Recording
  /** Whoever asks waits for the log to have room before, and to be durable after. */
  readonly sync: boolean
  /** Told of predictions that were answered and will never be in the log. */
  readonly onShed: (count: number) => void
  /** Told of predictions that are not of the sample that is logged. */
  readonly onUnsampled: (count: number) => void
  /** What people decide in the place of whatever serves. */
  readonly hand?: HandRules
  /** The observer of a version that starts to serve. */
  readonly observerOf: (served: ServedVersion) => PredictionObserver
}

interface Active {
  readonly path: ScoringPath
  /** Of raw vectors, and what is recorded of one besides its values: written anew for each. */
  readonly scoring: VectorScoring
  readonly raw: Omit<VectorBuffer, 'values'>
  readonly logger: PredictionLogger
  readonly observer: PredictionObserver
  readonly present: PresentVersion
}

/** The serving side of a model that nothing serves yet. */
export function createModelServing(options: ModelServingOptions): ModelServing {
  const { name, state, log, clock, recording, sync, onShed, onUnsampled, observerOf, hand } = options
  let active: Active | undefined
  let before: ServedVersion | undefined
  let isWithdrawn = false
  let fault: TruelineError | undefined
  /** Of versions that served before and still have predictions to hand over. */
  const retired = new Set<PredictionLogger>()
  let predictions = 0
  let failures = 0
  let appended = 0
  const onAppended = (count: number): void => {
    appended += count
  }
  const latencies = new LatencyHistogram()

  /** Whoever still asks a version that was let go gets the same bits, only slower. */
  function letGo(version: ServedVersion | undefined): void {
    if (version !== undefined && version.scorer !== active?.path.served.scorer) version.scorer.close()
  }

  function required(): Active {
    if (sync && log.failure !== undefined) throw log.failure
    if (active !== undefined) return active
    throw fault ?? servesNothing(name, isWithdrawn)
  }

  function record({ logger, observer }: Active, scored: Scored, mode: string, started: number): Answered {
    const latency = clock.elapsed() - started
    const servedAt = clock.now()
    const { row, vector, score, probabilities, verdict, t, labelKey } = scored
    const { decision, decidedBy } = verdict
    const id = logger.add({
      t,
      servedAt,
      mode,
      row,
      vector,
      score,
      probabilities,
      decision,
      decidedBy,
      latency,
    })
    predictions += 1
    latencies.add(latency)
    const { values } = vector
    observer.observe({ id, t, at: servedAt, mode, values, score, probabilities, latency, labelKey })
    return { id, score, probabilities, verdict, vector }
  }

  function fail({ path, observer }: Active, code: ErrorCode, cause: FailureCause, mode: string): string | undefined {
    failures += 1
    observer.failed(code, mode)
    return fallbackOf(path.served.model.serve, cause)
  }

  function answerOf(asked: Active, result: ScoredOrFault, mode: string, started: number): AnsweredRow {
    if ('fault' in result) return { fault: result.fault, decision: fail(asked, result.fault.code, 'invalid', mode) }
    if (asked !== active) retired.add(asked.logger)
    return { answered: record(asked, result.scored, mode, started) }
  }

  function lateRow(asked: Active, question: LateQuestion, mode: string, started: number): LateRow {
    return {
      served: asked.path.served,
      question,
      answer(values, statuses) {
        return answerOf(asked, asked.path.scoreLate(question, values, statuses), mode, started)
      },
      fail: (code, cause) => fail(asked, code, cause, mode),
    }
  }

  function predictBy(asked: Active, row: unknown, mode: string): RowAnswer {
    if (sync && log.failure !== undefined) throw log.failure
    const started = clock.elapsed()
    const result = asked.path.score(row)
    if ('late' in result) return { late: lateRow(asked, result.late, mode, started) }
    return answerOf(asked, result, mode, started)
  }

  function inferRaw(asked: Active, values: Float64Array, mode: string): AnsweredRow {
    if (sync && log.failure !== undefined) throw log.failure
    const started = clock.elapsed()
    const { statuses, partitions, offsets } = asked.raw
    for (let index = 0; index < values.length; index += 1) statuses[index] = Number.isNaN(values[index]!) ? NULL : VALUE
    const vector: VectorBuffer = { values, statuses, partitions, offsets }
    const { score, probabilities, verdict } = asked.scoring.score(values, vector.statuses)
    const fault = scoreFault(score)
    const scored: Scored = { row: '{}', t: clock.now(), vector, score, probabilities, verdict, labelKey: undefined }
    return answerOf(asked, fault === undefined ? { scored } : { fault }, mode, started)
  }

  function flush(always?: boolean): number | undefined {
    let last: number | undefined
    for (const logger of active === undefined ? retired : [...retired, active.logger]) {
      const ticket = logger.flush(always)
      if (ticket !== undefined) last = Math.max(last ?? ticket, ticket)
      // What is on its way to the disk still counts for how far the log lags behind.
      if (logger.pending === 0 && logger.oldest === undefined) retired.delete(logger)
    }
    return last
  }

  return {
    sync,
    get served() {
      return active?.path.served
    },
    get before() {
      return before
    },
    get counts() {
      return { predictions, failures, appended, latencies }
    },
    get oldestPending() {
      const loggers = active === undefined ? [...retired] : [...retired, active.logger]
      const times = loggers.flatMap(({ oldest }) => (oldest === undefined ? [] : [oldest]))
      return times.length === 0 ? undefined : Math.min(...times)
    },
    get pending() {
      let pending = active?.logger.pending ?? 0
      for (const logger of retired) pending += logger.pending
      return pending
    },
    hand,
    prepare(version) {
      const served = { ...version, hand }
      const path = createScoringPath(served, state, clock)
      const scoring = createVectorScoring(served)
      const logger = createPredictionLogger({ served, recording, log, sync, onShed, onAppended, onUnsampled })
      return () => {
        const [replaced, older] = [active?.path.served, before]
        if (active !== undefined) retired.add(active.logger)
        isWithdrawn = false
        fault = undefined
        const next: Active = {
          ...{ path, scoring, raw: rawBufferOf(served), logger, observer: observerOf(served) },
          present: {
            served,
            predict: (row, mode) => predictBy(next, row, mode),
            fail: (code, cause, asked) => fail(next, code, cause, asked),
          },
        }
        active = next
        if (replaced !== undefined && replaced.scorer !== served.scorer) before = replaced
        if (older !== before) letGo(older)
      }
    },
    present: () => required().present,
    predict: (row, mode) => predictBy(required(), row, mode),
    get isWithdrawn() {
      return isWithdrawn
    },
    get fault() {
      return fault
    },
    cannotServe(error) {
      fault = error
    },
    raw() {
      const asked = required()
      return { served: asked.path.served, infer: (values, mode) => inferRaw(asked, values, mode) }
    },
    withdraw() {
      const versions = [active?.path.served, before]
      if (active !== undefined) retired.add(active.logger)
      active = undefined
      before = undefined
      for (const version of versions) letGo(version)
      isWithdrawn = true
    },
    flush,
  }
}

function servesNothing(name: string, isWithdrawn: boolean): TruelineError {
  if (!isWithdrawn) return new TruelineError('no_model_serving', `No version of '${name}' serves yet.`, { path: name })
  const remedy = `Load it: POST /v2/repository/models/${name}/load. A start loads it, too, and so does a promotion.`
  return new TruelineError('no_model_serving', `Model '${name}' was unloaded.`, { path: name, remedy })
}

/** Nothing was looked up for a raw vector. */
function rawBufferOf({ plan }: ServedVersion): Omit<VectorBuffer, 'values'> {
  const sequences = plan.groups.length + plan.tables.length
  return {
    statuses: new Uint8Array(plan.inputs.length),
    partitions: new Uint8Array(sequences),
    offsets: new Float64Array(sequences).fill(-1),
  }
}
