import type { Logger } from 'pino'
import type { Clock } from '../../core/clock.ts'
import { DAY, HOUR } from '../../core/time.ts'
import type { FeatureEngine } from '../../data/features/feature-engine.ts'
import type { Ingest } from '../../data/features/ingest.ts'
import { assertedIdentity, platformIdentity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { WebhookQueue } from '../../operate/monitoring/webhook-queue.ts'
import { nextRun } from '../../operate/retraining/schedule.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { DataDirectory } from '../../stores/directory/directory.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { Progress } from '../api/contract.ts'
import type { Platform, TrainAnswer } from '../api/platform.ts'
import { listFeatures, readVector } from './catalogue.ts'
import { fleetOf, modelHealth } from './health.ts'
import { createMetrics } from './metrics.ts'
import type { Monitors } from './monitors.ts'
import { predictRows, rawModelOf, type Servings, servingOf } from './predicting.ts'
import { approveVersion, listModels, pageVersions, promote, rejectVersion, rollback } from './releasing.ts'
import { type TrainRequest, trainModel } from './training.ts'
import { auditPredictions, replayPrediction, tracePrediction } from './truth.ts'
import { acknowledge, pageAlerts, pageDeadLetters } from './watching.ts'

/** Everything that a platform is made of, opened and connected. */
export interface Parts {
  readonly project: ProjectDefinition
  readonly clock: Clock
  readonly directory: DataDirectory
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly log: EventLog
  readonly lake: Lake
  readonly engine: FeatureEngine
  readonly ingest: Ingest
  readonly monitors: Monitors
  readonly servings: Servings
  readonly webhooks: WebhookQueue
  readonly logger: Logger
  /** Counts since the start. */
  readonly shed: { predictions: number }
  readonly audits: { checked: number; mismatches: number; unverifiable: number; at?: number }
  /** Takes accepted events into the feature state, in the order of their offsets. */
  readonly applyEvents: (batch: EventBatch) => void
  /** Greatest event time of each stream. */
  readonly newestEvents: Map<string, number>
  /** What a rehearsal is doing right now, for who looks. */
  readonly rehearsal: { progress?: Progress }
  /** Folder for files of work in progress. */
  readonly workFolder: string
}

/** A platform's operations over its parts. */
export function assemblePlatform(parts: Parts): Omit<Platform, 'close'> & { tick(): Promise<void> } {
  const { project, clock, log, ingest, servings, monitors, engine } = parts
  const scheduled = new Map<string, number>()
  let forgotten = clock.now()
  /** One training at a time: they would fight for the same cores. */
  let training: Promise<unknown> = Promise.resolve()

  function train(request: TrainRequest): Promise<TrainAnswer> {
    const run = training.then(() => trainModel(parts, request))
    training = run.catch(() => undefined)
    return run
  }

  async function retrainWhatIsDue(now: number): Promise<void> {
    for (const [model, { retrain }] of Object.entries(project.models)) {
      if (retrain.schedule === undefined || servings.get(model)?.served === undefined) continue
      const due = scheduled.get(model) ?? nextRun(retrain.schedule, now)
      if (due === undefined) continue
      if (due > now) {
        scheduled.set(model, due)
        continue
      }
      scheduled.delete(model)
      const answer = await train({ model, author: platformIdentity('retraining'), variant: 'full' })
      const next = retrain.approval === 'auto' && answer.gate.verdict === 'pass'
      parts.logger.info(
        { model, version: answer.version, verdict: answer.gate.verdict },
        `Retrained ${model}: ${answer.gate.sentence}`,
      )
      if (next) await promoteByPolicy(model, answer.version)
    }
  }

  async function promoteByPolicy(model: string, version: number): Promise<void> {
    const reason = 'The gate passed, and the policy of the model says auto.'
    await approveVersion(parts, model, version, platformIdentity('gate'), reason)
    await promote(parts, model, version, platformIdentity('gate'), reason)
  }

  const metrics = createMetrics({
    streams: () => Object.keys(project.streams).map((stream) => ({ stream, ...log.conservation(stream) })),
    models: () =>
      [...servings].flatMap(([model, { served, counts }]) => {
        if (served === undefined) return []
        const p50 = counts.latencies.quantile(0.5)
        const p99 = counts.latencies.quantile(0.99)
        return [
          {
            model,
            version: served.version,
            predictions: counts.predictions,
            failures: counts.failures,
            ...(p50 === undefined ? {} : { p50: p50 / 1e6 }),
            ...(p99 === undefined ? {} : { p99: p99 / 1e6 }),
          },
        ]
      }),
    parity: () => parts.audits,
    shedPredictions: () => parts.shed.predictions,
  })

  return {
    fleet: () => fleetOf(parts),
    modelHealth: (model, range) => modelHealth(parts, model, range),
    alerts: (query) => pageAlerts(parts, query),
    acknowledge: (alert, actor) => acknowledge(parts, alert, assertedIdentity(actor.name)),
    ingest: (stream, rows) => ingest.ingest(stream, rows),
    deadLetters: (query) => Promise.resolve(pageDeadLetters(parts, query)),
    predict(model, rows, options = {}) {
      const serving = servingOf(servings, model)
      const answer = predictRows(serving, model, rows, options)
      if (project.models[model]!.serve.log === 'group') return answer
      const ticket = serving.flush()
      return ticket === undefined ? answer : log.durable(ticket).then(() => answer)
    },
    servedModel: (model) => rawModelOf(servingOf(servings, model), model),
    features: () => Promise.resolve(listFeatures(parts)),
    featureVector: (group, key, at) => readVector(parts, group, key, at),
    async audit(query) {
      const answer = await auditPredictions(parts, query)
      parts.audits.checked += answer.checked
      parts.audits.mismatches += answer.mismatches
      parts.audits.unverifiable += answer.unverifiable
      parts.audits.at = clock.now()
      return answer
    },
    trace: (prediction) => tracePrediction(parts, prediction),
    replay: (prediction) => replayPrediction(parts, prediction),
    train: (model, actor, options = {}) =>
      train({
        model,
        author: assertedIdentity(actor.name),
        variant: options.variant ?? 'full',
        onProgress: options.onProgress,
      }),
    models: (model) => listModels(parts, model),
    versions: (model, page) => pageVersions(parts, model, page),
    approve: (model, version, actor, reason) =>
      approveVersion(parts, model, version, assertedIdentity(actor.name), reason),
    reject: (model, version, actor, reason) =>
      rejectVersion(parts, model, version, assertedIdentity(actor.name), reason),
    promote: (model, version, actor, reason) => promote(parts, model, version, assertedIdentity(actor.name), reason),
    rollback: (model, actor, reason) => rollback(parts, model, assertedIdentity(actor.name), reason),
    metrics: () => metrics.text(),
    ready: () => [...servings.values()].every(({ served }) => served !== undefined),
    async tick() {
      const now = clock.now()
      await monitors.advance(now)
      await retrainWhatIsDue(now)
      if (now - forgotten < HOUR) return
      forgotten = now
      engine.forget(now - DAY)
    },
  }
}
