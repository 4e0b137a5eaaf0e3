import type { Logger } from 'pino'
import { canonicalJson } from '../../core/canonical.ts'
import type { Clock } from '../../core/clock.ts'
import { errorCodes } from '../../core/error-codes.ts'
import { likeliest } from '../../core/math/likeliest.ts'
import type { Slices } from '../../core/slices.ts'
import { formatTime, MINUTE, SECOND } from '../../core/time.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { readVersion } from '../../models/registry/versions.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { classOrder } from '../../operate/monitoring/class-order.ts'
import type { EarlyOutcome } from '../../operate/monitoring/label-join.ts'
import { createModelMonitor, type ModelMonitor } from '../../operate/monitoring/model-monitor.ts'
import { createObjectiveMonitor, type ObjectiveMonitor } from '../../operate/monitoring/objective-monitor.ts'
import type { CohortPoint } from '../../operate/monitoring/outcome-watch.ts'
import type { MonitoringReference } from '../../operate/monitoring/reference.ts'
import { plural } from '../../operate/monitoring/words.ts'
import { LOAD_TEST_MODE } from '../../operate/serving/load-test-mode.ts'
import type { PredictionObserver } from '../../operate/serving/model-serving.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import { STREAM_MODE } from '../../operate/serving/stream/consumed.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { Predictions } from '../../stores/predictions/predictions.ts'
import { createFaults } from './monitor-faults.ts'
import { outcomeReader } from './outcome-reader.ts'
import { type GrowingPast, pastOf } from './past.ts'
import { shownId, unknownClasses } from './unknown-classes.ts'
import { namingParts } from './unservable.ts'

/**
 * When monitors read back what came before a start: before anything serves; beside what is served, which need not wait for
 * it then; or only when they are asked, by whoever looks into a directory or changes one thing of it.
 */
export type Recovery = 'first' | 'beside' | 'asked'

export interface MonitorParts {
  readonly project: ProjectDefinition
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly log: EventLog
  readonly lake: Lake
  readonly predictions: Predictions
  readonly clock: Clock
  /** In which cohorts are judged. */
  readonly slices: Slices
  readonly desk: AlertDesk
  readonly logger: Logger
  readonly recovery: Recovery
  /** Requests of each model that were refused because too many waited; each model that is watched has its count here. */
  readonly lost: Map<string, number>
}

/** The monitors of all models: fed with what is served and what comes true. */
export interface Monitors {
  /** The monitor of a model; undefined before anything served. */
  of(model: string): ModelMonitor | undefined
  /**
   * Resolves when it has been read back of a model what is read back when it is asked for: all of it, or, for who looks at
   * its state alone, no more than that needs.
   */
  ask(model: string, what: 'all' | 'state'): Promise<void>
  /** Why what is watched of a model could not be judged when it was last tried; undefined where it could. */
  faultOf(model: string): string | undefined
  /** What watches the promises of a model; undefined for one that makes none, or before anything served. */
  objectivesOf(model: string): ObjectiveMonitor | undefined
  /**
   * Makes ready to watch a version that is about to serve; at a restart also reads back what was forgotten, now or later.
   * @returns what begins to watch it
   * @throws TruelineError `artifact_missing`, `artifact_corrupt`
   */
  prepare(served: ServedVersion, options: { readonly recover: boolean }): Promise<() => void>
  /** The observer of a version that is watched. */
  observerOf(served: ServedVersion): PredictionObserver
  /** Takes accepted events: outcomes among them are joined to their predictions. */
  take(batch: EventBatch): void
  /** Closes what is over at `now` (microseconds). A model for which that fails is logged, and is no hindrance to the others. */
  advance(now: number): Promise<void>
  /** Keeps what is not kept yet. */
  close(): Promise<void>
}

interface WatchedModel {
  readonly monitor: ModelMonitor
  version: number
  /** What is read back, or was. */
  readonly past: GrowingPast | undefined
  /** Since reading back began. */
  recovered: Promise<void> | undefined
}

/** Monitors for the models of a project; none exists before a version is prepared. */
export function createMonitors(parts: MonitorParts): Monitors {
  const { project, clock, slices, recovery, logger } = parts
  /** The monitor of each model, and which version it watches. */
  const watched = new Map<string, WatchedModel>()
  const promises = new Map<string, ObjectiveMonitor>()
  const faults = createFaults(logger)
  const readers = Object.values(project.models).map((model) => ({ model, outcomes: outcomeReader(model, project) }))

  /** Outcomes are read and judged, and promises made, as the project says now, whenever a version was trained. */
  function presentOf(model: ModelDefinition): ModelDefinition {
    return project.models[model.name] ?? model
  }

  function readBack(known: WatchedModel): Promise<void> {
    known.recovered ??= known.past === undefined ? Promise.resolve() : known.monitor.recover(known.past)
    return known.recovered
  }

  /** Nobody waits for it: its trouble is told as that of judging is. */
  function readBackBeside(model: string, known: WatchedModel): Promise<void> {
    const begun = clock.elapsed()
    return faults.guard(model, 'monitor', async () => {
      await readBack(known)
      const seconds = (clock.elapsed() - begun) / SECOND
      logger.info({ model, seconds }, `What came before the start was read back for ${model}.`)
    })
  }

  return {
    of: (model) => watched.get(model)?.monitor,
    async ask(model, what) {
      const known = watched.get(model)
      if (known === undefined || recovery !== 'asked') return
      if (what === 'all') await readBack(known)
      else if (known.past !== undefined) await known.monitor.recoverHour(known.past)
    },
    objectivesOf: (model) => promises.get(model),
    faultOf: faults.of,
    async prepare(served, { recover }) {
      const { model, version } = served
      const reference = await readReference(parts, model.name, version)
      const known = watched.get(model.name)
      if (known !== undefined)
        return () => {
          known.monitor.serve(version, reference)
          known.version = version
        }
      const present = presentOf(model)
      const deadLetter = (outcome: EarlyOutcome): void => refuseOutcome(parts, present, outcome)
      const { metadata, desk } = parts
      const monitor = await createModelMonitor({
        definition: present,
        version,
        reference,
        clock,
        slices,
        metadata,
        desk,
        deadLetter,
        lost: (cohort) => reportLost(parts, model.name, cohort),
        isTold: (kind) =>
          promises.get(model.name)?.isPaged(kind === 'latency_slo' ? 'latency' : 'availability') ?? false,
      })
      parts.lost.set(model.name, 0)
      const lost = (): number => parts.lost.get(model.name) ?? 0
      const objectives = await createObjectiveMonitor(present, { metadata, desk, clock, lost })
      if (objectives !== undefined) promises.set(model.name, objectives)
      const makePast = (): GrowingPast => pastOf(parts, present, outcomeReader(present, project))
      const first = recover && recovery === 'first' ? makePast() : undefined
      if (first !== undefined) await monitor.recover(first)
      return () => {
        const past = first ?? (recover ? makePast() : undefined)
        const known: WatchedModel = { monitor, version, past, recovered: first && Promise.resolve() }
        watched.set(model.name, known)
        if (recovery === 'beside' && past !== undefined) void readBackBeside(model.name, known)
      }
    },
    observerOf(served) {
      const { version, model } = served
      const known = watched.get(model.name)
      if (known === undefined) throw new Error(`the monitor of ${model.name} was not prepared`)
      const { monitor } = known
      const nothing = new Float64Array(0)
      const objectives = promises.get(model.name)
      const { classes } = presentOf(model).label
      const inOrder = classOrder(model.label.classes, classes)
      const isJoined = (model.label.classes === undefined) === (classes === undefined)
      return {
        observe({ id, t, at, mode, values, score, probabilities, latency, labelKey }) {
          if (mode === LOAD_TEST_MODE) return
          if (mode !== STREAM_MODE) objectives?.add(at, latency, false)
          // The windows belong to the version that serves; an answer may come when another one does.
          if (known.version === version) {
            if (probabilities === undefined) monitor.observe(values, at, score, latency)
            else monitor.observe(values, at, score, latency, false, likeliest(probabilities, 0, probabilities.length))
          }
          if (labelKey === undefined || !isJoined) return
          const ofClasses = probabilities && inOrder?.(probabilities)
          monitor.predicted({ predictionId: id, labelKey, t, score, probabilities: ofClasses, version })
        },
        failed(code, mode) {
          if (mode === LOAD_TEST_MODE) return
          monitor.observe(nothing, clock.now(), Number.NaN, 0, true)
          // What whoever asks can mend is no fault of ours.
          if (mode !== STREAM_MODE && errorCodes[code].status >= 500) objectives?.add(clock.now(), 0, true)
        },
      }
    },
    take(batch) {
      for (const { model, outcomes } of readers) {
        const known = batch.stream === model.label.from ? watched.get(model.name) : undefined
        if (known === undefined) continue
        const changes = [...outcomes(batch)]
        const letters = unknownClasses(parts.project, model, changes)
        if (letters.length > 0) parts.log.appendDeadLetters(letters)
        if (known.past?.isRead(batch) !== true) for (const change of changes) known.monitor.outcome(change)
      }
    },
    async advance(now) {
      // First of all what pages about budgets: nothing else is told of the same cause then.
      for (const [model, objectives] of promises)
        if (now >= objectives.due) await faults.guard(model, 'objectives', () => objectives.advance(now))
      for (const [model, { monitor, past, recovered }] of watched)
        if ((past === undefined || recovered !== undefined) && now >= monitor.due)
          await faults.guard(model, 'monitor', () => monitor.advance(now))
    },
    async close() {
      for (const { monitor } of watched.values()) await monitor.close()
      for (const objectives of promises.values()) await objectives.close()
    },
  }
}

/** What a version is compared with while it serves, as training froze it. */
export async function readReference(
  { metadata, artifacts }: Pick<MonitorParts, 'metadata' | 'artifacts'>,
  model: string,
  number: number,
): Promise<MonitoringReference> {
  const version = await readVersion(metadata, model, number)
  const bytes = await namingParts(version, artifacts, () => artifacts.get(version.attachments['monitoring'] ?? ''))
  return JSON.parse(new TextDecoder().decode(bytes)) as MonitoringReference
}

/** An outcome from before its prediction is no outcome of it: kept as a dead letter, for who mends its source. */
function refuseOutcome(
  { log, project }: MonitorParts,
  { label }: ModelDefinition,
  { code, predictionId, t, eventTime, id }: EarlyOutcome,
): void {
  const minutes = ((t - eventTime) / MINUTE).toFixed(1)
  const reason = `The outcome lies ${minutes} minutes before the time of prediction ${predictionId}.`
  const row = canonicalJson({ id: shownId(project, label.from, id), event_time: eventTime, prediction: predictionId })
  log.appendDeadLetters([{ stream: label.from, scope: 'label', code, reason, row }])
}

function reportLost({ logger }: MonitorParts, model: string, cohort: CohortPoint): void {
  const { version, from, predictions, labelled, fault } = cohort
  const what = `The outcomes of ${plural(predictions, 'prediction')} of ${model} v${version} of ${formatTime(from)} are lost`
  logger.error({ model, version, from, predictions, labelled }, `${what}: ${fault}`)
}
