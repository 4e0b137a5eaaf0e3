import { setImmediate } from 'node:timers/promises'
import type { Logger } from 'pino'
import { allInTurn } from '../../core/all-in-turn.ts'
import type { Clock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import { DAY, HOUR } from '../../core/time.ts'
import type { AppliedEvents } from '../../data/features/applied-events.ts'
import type { VectorAuditor } from '../../data/features/audit-thread.ts'
import type { FeatureEngine } from '../../data/features/feature-engine.ts'
import type { Ingest } from '../../data/features/ingest.ts'
import type { ReferenceTables } from '../../data/features/reference-tables.ts'
import { readVerdict } from '../../data/quality/verdict-store.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { bundleOf } from '../../models/registry/bundle.ts'
import { toldRuns } from '../../models/registry/lineage/told-runs.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import type { ParityWatch } from '../../operate/monitoring/parity-watch.ts'
import { createRequestMonitor } from '../../operate/monitoring/request-monitor.ts'
import { createStreamMonitor } from '../../operate/monitoring/stream-monitor.ts'
import type { WebhookQueue } from '../../operate/monitoring/webhook-queue.ts'
import { listLoadTests, readLoadTest } from '../../operate/readiness/load-test-store.ts'
import type { LoadTests } from '../../operate/serving/load-test-mode.ts'
import type { ModelServing } from '../../operate/serving/model-serving.ts'
import type { PredictionSink } from '../../operate/serving/prediction-sink.ts'
import type { Protection } from '../../operate/serving/protection/protection.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { DataDirectory } from '../../stores/directory/directory.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { Predictions } from '../../stores/predictions/predictions.ts'
import type { Progress } from '../api/contract.ts'
import type { Platform } from '../api/platform.ts'
import { auditAndCount } from './audit.ts'
import type { BatchDesk } from './batches.ts'
import { createCatalogue } from './catalogue.ts'
import { diffContracts, showContract, testsOfContract } from './contracts.ts'
import { createDeadLetterDesk } from './dead-letters.ts'
import {
  cardOf,
  decideByHand,
  listDecisions,
  listPredictionOverrides,
  overridePrediction,
  revokeHandRule,
} from './decisions.ts'
import { definitionsNow } from './definition-plan.ts'
import { createExperimentDesk } from './experiment-desk.ts'
import type { Explaining } from './explaining.ts'
import { fleetOf, listObjectives, modelHealth } from './health.ts'
import { importRequest } from './import-logged.ts'
import { createInference } from './inference.ts'
import type { AuditCounts, KeptAudits } from './keep-audits.ts'
import { groupsInForce } from './kept-definitions.ts'
import { lakeFilesOf } from './lake-files.ts'
import { lineageOf } from './lineage.ts'
import { beginLoadTest, endLoadTest } from './load/load-tests.ts'
import { capacityOf } from './load/plan-capacity.ts'
import { createServerLoad } from './load/server-load.ts'
import { pagePredictions, predictionLogState, showPrediction } from './logged-predictions.ts'
import { createMetrics } from './metrics.ts'
import type { Monitors } from './monitors.ts'
import { createParityService } from './parity-service.ts'
import { createPastVectors } from './past-vectors.ts'
import { buildDatasetOf } from './pipeline/build-dataset.ts'
import { checkDatasetOf } from './pipeline/check-dataset.ts'
import { evaluateVersionOf } from './pipeline/evaluate-version.ts'
import { runLog, runSteps, stateOfRun } from './pipeline/follow-run.ts'
import { createTrainingDesk, type TrainingDesk } from './pipeline/training-desk.ts'
import type { ProjectTests } from './pipeline/training-parts.ts'
import { predictRows } from './predict-rows.ts'
import { type Servings, servingOf } from './predicting.ts'
import { createReadiness } from './production-readiness.ts'
import { pageVerdicts, profileStream, shown, streamQuality, suggestForStream } from './quality.ts'
import type { QualityGates } from './quality-gates.ts'
import type { RawModels } from './raw-models.ts'
import { reasonsNotReady } from './readiness.ts'
import type { Reading } from './reading/reading.ts'
import { createRegistryDesk } from './registry.ts'
import {
  approveVersion,
  listModels,
  pageVersions,
  promote,
  rejectVersion,
  retireVersion,
  rollback,
} from './releasing.ts'
import { createRetrainingDesk } from './retraining/retraining-desk.ts'
import { createRetrieve, readVector } from './retrieve.ts'
import { createScoreAgain } from './score-again.ts'
import type { PredictionCounter, ShedPredictions } from './shed-predictions.ts'
import { createSigningDesk } from './signing.ts'
import { createSimulations } from './simulations.ts'
import type { SourceDesk } from './sources.ts'
import type { StreamDesk } from './streaming.ts'
import { switchDefinitions } from './switch-definitions.ts'
import type { TailExtent } from './tail-extent.ts'
import { sendTestAlert } from './test-alert.ts'
import { replayPrediction, tracePrediction } from './truth.ts'
import type { UnderWay } from './under-way.ts'
import { createFreshnessWatch } from './watch-freshness.ts'
import { createPredictionWatch } from './watch-predictions.ts'
import { createSinkWatch } from './watch-sink.ts'
import { createStreamWatch } from './watch-streams.ts'
import { acknowledge, pageAlerts, showAlert } from './watching.ts'

/** Everything that a platform is made of, opened and connected. */
export interface Parts {
  /** Its features change while the platform runs. */
  project: ProjectDefinition
  readonly clock: Clock
  readonly directory: DataDirectory
  readonly metadata: Metadata
  /** Searches of the metadata. */
  readonly reading: Reading
  readonly artifacts: Artifacts
  readonly log: EventLog
  readonly lake: Lake
  /** What was predicted and logged, wherever it is kept. */
  readonly predictions: Predictions
  readonly engine: FeatureEngine
  readonly tables: ReferenceTables
  readonly ingest: Ingest
  readonly monitors: Monitors
  /** Where alerts are raised and resolved. */
  readonly desk: AlertDesk
  readonly servings: Servings
  readonly webhooks: WebhookQueue
  readonly logger: Logger
  readonly shed: ShedPredictions
  /** Predictions that are not of the sample that is logged. */
  readonly unsampled: PredictionCounter
  /** Where logged predictions are posted to; undefined where the project names no address. */
  readonly sink: PredictionSink | undefined
  /** How far back the events reach that are in no file yet. */
  readonly tail: TailExtent
  readonly underWay: UnderWay
  /** What keeps more than can be answered away from predictions. */
  readonly protection: Protection
  /** Load tests under way. */
  readonly loadTests: LoadTests
  readonly sources: SourceDesk
  readonly batches: BatchDesk
  /** Graphs that are served as they are. */
  readonly rawModels: RawModels
  readonly streaming: StreamDesk
  readonly explaining: Explaining
  readonly gates: QualityGates
  /** What audits found of each feature. */
  readonly parity: ParityWatch
  readonly audits: AuditCounts
  readonly auditor: VectorAuditor
  readonly saveAudits: KeptAudits['save']
  /** Takes accepted events into the feature state, in the order of their offsets. */
  readonly applyEvents: (batch: EventBatch, before?: (row: number) => void) => void
  /** How far each stream was applied to the feature state. */
  readonly applied: AppliedEvents
  /** It was opened for one look or change, and answers no requests. */
  readonly atRest: boolean
  /** What a rehearsal is doing right now, for who looks. */
  readonly rehearsal: { progress?: Progress }
  /** Folder for files of work in progress. */
  readonly workFolder: string
  /** Folder of the project file: relative paths begin there, and programs of the project run there. */
  readonly projectFolder: string
  /** Folder of the outputs of steps of trainings. */
  readonly cacheFolder: string
  /** Runs the project's own tests; undefined where the project is no file. */
  readonly projectTests: ProjectTests | undefined
}

/** A platform over its parts, with what has to be done again and again. */
export interface Assembled extends Omit<Platform, 'close'> {
  /** Closes windows that are over, keeps memory and the log's tail small. */
  watch(): Promise<void>
  /** Audits what was answered since the last time. */
  auditParity(): Promise<void>
  /** Decides what is trained now; a training that begins goes on. */
  retrain(): Promise<void>
  /** Resolves when no training that was decided on is under way. */
  retrained(): Promise<void>
  /** Begins to measure the process. */
  measure(): Promise<void>
  /** Where trainings are done. */
  readonly training: TrainingDesk
}

/** More events than this in the log's tail go to the lake. */
const MOST_IN_TAIL = 500_000

/** A platform's operations over its parts; the end of the platform waits for each of them. */
export function assemblePlatform(parts: Parts): Assembled {
  const { clock, log, lake, ingest, servings, monitors, engine, underWay, sources, streaming } = parts
  const { run } = underWay
  const past = createPastVectors(parts)
  const { protection, explaining } = parts
  const predictParts = { engine, clock, log, protection, past, explaining }
  const retrieve = createRetrieve(parts, past)
  const serverLoad = createServerLoad(parts)
  const letters = createDeadLetterDesk(parts, createScoreAgain(parts))
  const catalogue = createCatalogue(parts)
  const training = createTrainingDesk(parts)
  const retraining = createRetrainingDesk(parts, {
    train: (model, author) => training.train({ model, author, variant: 'full' }),
    promote: (model, version, by, reason) => release(() => promote(parts, model, version, by, reason)),
    rollback: (model, expected, by, reason) => release(() => rollback(parts, model, by, reason, { expected })),
  })
  const readiness = createReadiness(parts, { explaining, retraining })
  const metrics = createMetrics(parts, past, retraining.status)
  const { project, desk } = parts
  const watchStreams = createStreamWatch(
    Object.keys(project.streams),
    log,
    createStreamMonitor(() => parts.project, desk, clock.now()),
  )
  const watchPredictions = createPredictionWatch(Object.keys(project.models), parts.shed, desk, clock.now())
  const watchSink = parts.sink === undefined ? undefined : createSinkWatch(parts.sink, desk, clock.now())
  const watchFreshness = createFreshnessWatch(() => groupsInForce(parts), parts.logger)
  const watchRequests = createRequestMonitor(desk, protection.counts, clock.now())
  const parityService = createParityService(parts)
  let forgotten = clock.now()
  /** Changes of what serves. */
  const release = oneAtATime()
  /** Changes of definitions. */
  const switching = oneAtATime()

  function serving(model: string): ModelServing {
    if (underWay.signal.aborted) throw new TruelineError('platform_stopped', 'The platform is shutting down.')
    return servingOf(servings, model)
  }

  async function forgetOld(now: number): Promise<void> {
    if (now - forgotten < HOUR) return
    forgotten = now
    for (const _ of engine.forgetSteps(now - DAY)) await setImmediate()
  }

  return {
    fleet: () => run(() => fleetOf(parts)),
    modelHealth: (model, range) => run(() => modelHealth(parts, model, range)),
    objectives: (model) => run(async () => listObjectives(parts, model)),
    alerts: (query) => run(() => pageAlerts(parts, query)),
    alert: (id) => run(() => showAlert(parts, id)),
    acknowledge: (alert, actor) => run(() => acknowledge(parts, alert, assertedIdentity(actor.name))),
    testAlert: (model, actor) => run(() => sendTestAlert(parts, model, assertedIdentity(actor.name))),
    ingest: (stream, rows) => run(() => ingest.ingest(stream, rows)),
    refuse: (stream, body, reason) => run(() => ingest.refuse(stream, body, reason)),
    deadLetters: (query) => run(async () => letters.page(query)),
    deadLetter: (letter) => run(async () => letters.show(letter)),
    fixDeadLetters: (fix, actor) => run(() => letters.fix(fix, assertedIdentity(actor.name))),
    discardDeadLetters: (choice, actor, reason) =>
      run(() => letters.discard(choice, assertedIdentity(actor.name), reason)),
    sources: () => run(() => sources.listings()),
    sourceRuns: (source, limit, before) => run(() => sources.runs(source, limit, before)),
    streamScoring: () => run(async () => streaming.list()),
    pauseStream: (model, actor, reason) => run(() => streaming.pause(model, assertedIdentity(actor.name), reason)),
    resumeStream: (model, actor, reason) => run(() => streaming.resume(model, assertedIdentity(actor.name), reason)),
    streamAnswers: (model, query) => run(() => streaming.answers(model, query)),
    runSource: (source) => run(() => sources.run(source)),
    backfillSource: (source, range, actor) => run(() => sources.backfill(source, range, assertedIdentity(actor.name))),
    resetSource: (source, actor, reason) => run(() => sources.reset(source, assertedIdentity(actor.name), reason)),
    acceptSource: (source, actor) => run(() => sources.accept(source, assertedIdentity(actor.name))),
    predict(model, rows, options = {}) {
      const asked = serving(model)
      const answer = predictRows(asked, rows, options, predictParts)
      return answer instanceof Promise ? run(() => answer) : answer
    },
    inference: createInference(parts, serving, release),
    registry: createRegistryDesk(parts),
    experiments: createExperimentDesk(parts),
    signing: createSigningDesk(parts),
    readiness: {
      of: (model) => run(() => readiness.of(model)),
      rebuild: (model, version, actor, options) => run(() => readiness.rebuild(model, version, actor, options)),
      keepRebuild: (model, evidence, actor) => run(() => readiness.keepRebuild(model, evidence, actor)),
      keepPackage: (model, evidence, actor) => run(() => readiness.keepPackage(model, evidence, actor)),
      keepImage: (model, evidence, actor) => run(() => readiness.keepImage(model, evidence, actor)),
      keepDrill: (evidence, actor) => run(() => readiness.keepDrill(evidence, actor)),
    },
    retraining: {
      status: (model) => run(() => retraining.status(model)),
      history: (query) => run(() => retraining.history(query)),
      run: (model, actor, reason) => run(() => retraining.run(model, actor, reason)),
    },
    simulations: createSimulations(parts, run),
    lakeFiles: (stream) => run(() => lakeFilesOf(parts, stream)),
    tracking: {
      ...{ metadata: parts.metadata, artifacts: parts.artifacts, run },
      read: (call) => parts.reading.ask('call', call),
    },
    definitions: () => run(() => definitionsNow(parts.metadata)),
    switchDefinitions: (change, actor) =>
      run(() => switching(() => switchDefinitions(parts, past, { ...change, by: assertedIdentity(actor.name) }))),
    features: (query) => run(() => catalogue.page(query)),
    feature: (feature) => run(() => catalogue.show(feature)),
    retrieve: (query) => run(() => retrieve(query)),
    featureVector: (group, key, at) => run(() => readVector(retrieve, group, key, at)),
    audit: (query) => run(() => auditAndCount(parts, query)),
    loggedPredictions: (query) => run(() => pagePredictions(parts, query)),
    loggedPrediction: (prediction) => run(() => showPrediction(parts, prediction)),
    predictionLog: () => run(async () => predictionLogState(parts)),
    lineage: (query) => run(() => lineageOf(parts, query)),
    lineageEvents: (page) => run(() => toldRuns(parts.metadata, parts.project, parts.predictions.secret, page)),
    takeLineage: (event) =>
      run(async () => {
        const { takeOpenLineage } = await import('../../models/registry/lineage/take-open-lineage.ts')
        await takeOpenLineage(parts.metadata, event)
      }),
    trace: (prediction) => run(() => tracePrediction(parts, explaining, prediction)),
    replay: (prediction) => run(() => replayPrediction(parts, prediction)),
    card: (model) => run(() => cardOf(parts, model)),
    decisions: (query) => run(() => listDecisions(parts, query)),
    predictionOverrides: (query) => run(() => listPredictionOverrides(parts, query)),
    decide: (model, decision, actor, reason) =>
      run(() => decideByHand(parts, model, decision, assertedIdentity(actor.name), reason)),
    revokeDecision: (number, actor, reason) =>
      run(() => revokeHandRule(parts, number, assertedIdentity(actor.name), reason)),
    overridePrediction: (prediction, decision, actor, reason) =>
      run(() => overridePrediction(parts, prediction, decision, assertedIdentity(actor.name), reason)),
    train: (model, actor, { variant = 'full', ...options } = {}) =>
      run(() => training.train({ model, author: assertedIdentity(actor.name), variant, ...options })),
    buildDataset: (model, options = {}) => run(() => buildDatasetOf(parts, training, model, options)),
    evaluate: (model, version, options = {}) => run(() => evaluateVersionOf(parts, training, model, version, options)),
    checkDataset: (model, options = {}) => run(() => checkDatasetOf(parts, training, model, options)),
    runSteps: (id) => run(() => runSteps(parts, training, id)),
    runLog: (query) => run(() => runLog({ ...parts, signal: underWay.signal }, training, query)),
    cancelRun: (id, actor) => run(async () => stateOfRun(await training.cancel(id, assertedIdentity(actor.name)))),
    importModel: (model, actor, { onProgress, ...file }) =>
      run(async () => {
        const imported = await importRequest(parts, model, file)
        const author = assertedIdentity(actor.name)
        return await training.train({ model, author, variant: 'full', onProgress, imported })
      }),
    models: (model) => run(() => listModels(parts, model)),
    versions: (model, page) => run(() => pageVersions(parts, model, page)),
    bundle: (model, version) => run(() => bundleOf(parts.metadata, parts.artifacts, model, version)),
    approve: (model, version, actor, reason) =>
      run(() => approveVersion(parts, model, version, assertedIdentity(actor.name), reason)),
    reject: (model, version, actor, reason) =>
      run(() => rejectVersion(parts, model, version, assertedIdentity(actor.name), reason)),
    retire: (model, version, actor, reason) =>
      run(() => release(() => retireVersion(parts, model, version, assertedIdentity(actor.name), reason))),
    promote: (model, version, actor, reason, options) =>
      run(() => release(() => promote(parts, model, version, assertedIdentity(actor.name), reason, options))),
    rollback: (model, actor, reason, options) =>
      run(() => release(() => rollback(parts, model, assertedIdentity(actor.name), reason, options))),
    contract: (model, version) => run(() => showContract(parts, model, version)),
    contractDiff: (model, from, to) => run(() => diffContracts(parts, model, from, to)),
    contractTests: (model, version) => run(() => testsOfContract(parts, model, version)),
    servedContracts: () =>
      [...servings.values()].flatMap(({ served }) => (served === undefined ? [] : [served.contract.content])),
    quality: (query) => run(() => pageVerdicts(parts, query)),
    qualityVerdict: (verdict) => run(async () => shown(await readVerdict(parts.metadata, verdict))),
    streamQuality: (stream, page) => run(() => streamQuality(parts, stream, page)),
    profileStream: (stream) => run(() => profileStream(parts, stream)),
    suggestChecks: (stream, options) => run(() => suggestForStream(parts, stream, options)),
    batches: () => run(() => parts.batches.list()),
    batchRuns: (query) => run(() => parts.batches.runs(query)),
    batchRun: (id) => run(() => parts.batches.show(id)),
    runBatch: (batch, actor, options) => run(() => parts.batches.run(batch, assertedIdentity(actor.name), options)),
    cancelBatch: (batch, actor) => run(() => parts.batches.cancel(batch, assertedIdentity(actor.name))),
    beginScoring: (model, actor, start) => run(() => parts.batches.begin(model, assertedIdentity(actor.name), start)),
    endScoring: (id, end) => run(() => parts.batches.end(id, end)),
    loadTests: (query) => run(() => listLoadTests(parts.metadata, query)),
    loadTest: (number) => run(() => readLoadTest(parts.metadata, number)),
    beginLoadTest: (model, rows, actor) => run(() => beginLoadTest(parts, model, rows, assertedIdentity(actor.name))),
    endLoadTest: (model, end, actor) => run(() => endLoadTest(parts, model, end, assertedIdentity(actor.name))),
    serverLoad: () => run(async () => serverLoad()),
    capacity: (model, target, question) => run(() => capacityOf(parts, model, target, question)),
    measure: () => run(metrics.measure),
    metrics: () => run(() => metrics.text()),
    ready: () => reasonsNotReady(parts).length === 0,
    reasonsNotReady: () => reasonsNotReady(parts),
    watch: () =>
      run(async () => {
        const now = clock.now()
        // What fails is no hindrance to the others: above all not to what keeps the log short and the memory small.
        await allInTurn([
          () => monitors.advance(now),
          () => watchStreams(now),
          () => watchRequests.advance(now),
          () => watchFreshness(now),
          () => parts.gates.watch(now),
          parts.shed.save,
          parts.unsampled.save,
          parts.saveAudits,
          () => watchPredictions(now),
          () => watchSink?.(now),
          () => (log.nextOffset - 1 - log.flushedOffset > MOST_IN_TAIL ? lake.flush() : undefined),
          () => forgetOld(now),
        ])
      }),
    auditParity: () => run(() => parityService.advance(clock.now())),
    retrain: () => run(() => retraining.advance(clock.now())),
    retrained: retraining.settled,
    training,
  }
}
