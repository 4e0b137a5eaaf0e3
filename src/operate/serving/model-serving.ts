import type { Clock } from '../../core/clock.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import type { FeatureEngine } from '../../data/features/feature-engine.ts'
import type { VectorBuffer } from '../../data/features/vector-reader.ts'
import type { RowFault } from '../../data/quality/row-reader.ts'
import { VALUE } from '../../kernel/status.ts'
import { LatencyHistogram } from '../../stats/histograms/latency-histogram.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import { decide } from './decide.ts'
import { createPredictionLogger, type PredictionLogger } from './prediction-logger.ts'
import { createScoringPath, type Scored, type ScoringPath } from './scoring-path.ts'
import type { ServedVersion } from './served-version.ts'

/** Told of every prediction; buffers hold until the next one. */
export interface PredictionObserver {
  observe(prediction: ObservedPrediction): void
  /** A row got an error instead of a prediction. */
  failed(code: ErrorCode): void
}

export interface ObservedPrediction {
  readonly id: string
  readonly t: number
  readonly at: number
  readonly values: Float64Array
  readonly score: number
  /** Microseconds. */
  readonly latency: number
  readonly labelKey: string | undefined
}

/** A prediction as it is answered; the vector's buffers hold until the next prediction. */
export interface Answered {
  readonly id: string
  readonly score: number
  readonly decision: string | undefined
  readonly vector: VectorBuffer
}

export type RowAnswer =
  | { readonly answered: Answered }
  | { readonly fault: RowFault; readonly decision: string | undefined }

/** Counts since the start. */
export interface ServingCounts {
  readonly predictions: number
  readonly failures: number
  readonly latencies: LatencyHistogram
}

/** The serving side of one model: the version that serves, swapped without a lost request, and its log. */
export interface ModelServing {
  /** What serves; undefined before the first promotion. */
  readonly served: ServedVersion | undefined
  readonly counts: ServingCounts
  /**
   * Makes another version ready to serve.
   * @returns what lets it serve from the next row on
   * @throws TruelineError `definitions_changed` when it reads features that are defined otherwise now
   */
  prepare(served: ServedVersion): () => void
  /**
   * Scores one row and enqueues it for the log.
   * @param mode how it was asked for, recorded with it
   * @throws TruelineError `no_model_serving`, `disk_full`, `log_unavailable`
   */
  predict(row: unknown, mode: string): RowAnswer
  /** Scores a raw vector, past the feature layer. */
  infer(vector: Float64Array, mode: string): Answered
  /** Enqueues what was scored and not handed to the log yet. Returns the ticket for the log's `durable`. */
  flush(): number | undefined
}

export interface ModelServingOptions {
  readonly name: string
  readonly engine: FeatureEngine
  readonly log: EventLog
  readonly clock: Clock
  readonly onShed: (count: number) => void
  /** The observer of a version that starts to serve. */
  readonly observerOf: (served: ServedVersion) => PredictionObserver
}

interface Active {
  readonly path: ScoringPath
  readonly logger: PredictionLogger
  readonly observer: PredictionObserver
}

/** The serving side of a model that nothing serves yet. */
export function createModelServing({
  name,
  engine,
  log,
  clock,
  onShed,
  observerOf,
}: ModelServingOptions): ModelServing {
  let active: Active | undefined
  let predictions = 0
  let failures = 0
  const latencies = new LatencyHistogram()

  function required(): Active {
    if (active !== undefined) return active
    throw new TruelineError('no_model_serving', `No version of '${name}' serves yet.`, { path: name })
  }

  function record({ path, logger, observer }: Active, scored: Scored, mode: string, started: number): string {
    const latency = clock.elapsed() - started
    const servedAt = clock.now()
    const { vector, score, decision, t } = scored
    const id = logger.add({ t, servedAt, mode, row: path.rowText(scored.row), vector, score, decision, latency })
    predictions += 1
    latencies.add(latency)
    observer.observe({ id, t, at: servedAt, values: vector.values, score, latency, labelKey: scored.labelKey })
    return id
  }

  return {
    get served() {
      return active?.path.served
    },
    get counts() {
      return { predictions, failures, latencies }
    },
    prepare(served) {
      const path = createScoringPath(served, engine, clock)
      const logger = createPredictionLogger(served, log, onShed)
      return () => {
        active?.logger.flush()
        active = { path, logger, observer: observerOf(served) }
      }
    },
    predict(row, mode) {
      const now = required()
      const started = clock.elapsed()
      const result = now.path.score(row)
      if ('fault' in result) {
        failures += 1
        now.observer.failed(result.fault.code)
        return { fault: result.fault, decision: now.path.served.model.serve.fallback }
      }
      const { scored } = result
      const id = record(now, scored, mode, started)
      return { answered: { id, score: scored.score, decision: scored.decision, vector: scored.vector } }
    },
    infer(values, mode) {
      const now = required()
      const started = clock.elapsed()
      const { model, scorer, plan } = now.path.served
      const score = scorer.scoreRow(values, 0)
      const vector: VectorBuffer = {
        values,
        statuses: new Uint8Array(values.length).fill(VALUE),
        partitions: new Uint8Array(plan.groups.length),
        offsets: new Float64Array(plan.groups.length).fill(-1),
      }
      const decision = decide(model.serve, score)
      const latency = clock.elapsed() - started
      const servedAt = clock.now()
      const id = now.logger.add({ t: servedAt, servedAt, mode, row: '{}', vector, score, decision, latency })
      predictions += 1
      latencies.add(latency)
      now.observer.observe({ id, t: servedAt, at: servedAt, values, score, latency, labelKey: undefined })
      return { id, score, decision, vector }
    },
    flush: () => active?.logger.flush(),
  }
}
