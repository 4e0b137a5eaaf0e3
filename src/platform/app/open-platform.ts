import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { pino } from 'pino'
import { allInTurn } from '../../core/all-in-turn.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { asTruelineError, type TruelineError } from '../../core/errors.ts'
import { seededRandom } from '../../core/random.ts'
import { createAppliedEvents } from '../../data/features/applied-events.ts'
import { createVectorAuditor } from '../../data/features/audit-thread.ts'
import { createIngest, type Ingest } from '../../data/features/ingest.ts'
import { createReferenceTables } from '../../data/features/reference-tables.ts'
import { loadState } from '../../data/features/saved-state.ts'
import { type Identity, platformIdentity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { limits } from '../../language/define/limits.ts'
import { failInterruptedRuns } from '../../models/registry/runs.ts'
import { openPipelines } from '../../models/training/pipeline/run-store.ts'
import { createAlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { createWebhookQueue } from '../../operate/monitoring/webhook-queue.ts'
import { createHandRules } from '../../operate/serving/hand-rules.ts'
import { createLoadTests } from '../../operate/serving/load-test-mode.ts'
import { createModelServing, type ModelServing } from '../../operate/serving/model-serving.ts'
import { recordingOf } from '../../operate/serving/prediction-layout.ts'
import { createProtection } from '../../operate/serving/protection/protection.ts'
import { openArtifacts } from '../../stores/artifacts/artifacts.ts'
import { openDirectory } from '../../stores/directory/directory.ts'
import { readSecret } from '../../stores/directory/secret.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { openPredictions } from '../../stores/predictions/open-predictions.ts'
import type { Platform } from '../api/platform.ts'
import { settleLoggedTrees } from './artifacts/settle-logged-trees.ts'
import { assemblePlatform, type Parts } from './assemble-platform.ts'
import { createBatchDesk } from './batches.ts'
import { restoreHandRules } from './decisions.ts'
import { createExplaining } from './explaining.ts'
import { type ImportedHistory, type ImportHistoryOptions, importHistory } from './import-history.ts'
import { openAudits } from './keep-audits.ts'
import { createCallerKeeper } from './keep-callers.ts'
import { createLakeKeeper, removeMergedFiles } from './keep-lake.ts'
import { createLineageKeeper } from './keep-lineage.ts'
import { createPredictionKeeper } from './keep-predictions.ts'
import { createStateKeeper } from './keep-state.ts'
import { keepTickShape } from './keep-tick-shape.ts'
import { definitionsInUse } from './kept-definitions.ts'
import { letHeapGrow } from './let-heap-grow.ts'
import { createMonitors, type Recovery } from './monitors.ts'
import type { ProjectTests } from './pipeline/training-parts.ts'
import { openPredictionSink } from './prediction-sink.ts'
import { type GivenProject, givenProject, projectInForce } from './project-to-open.ts'
import { createQualityGates } from './quality-gates.ts'
import { createRawModels } from './raw-models.ts'
import { createReading } from './reading/reading.ts'
import { recoverState } from './recover-state.ts'
import { restoreServing } from './releasing.ts'
import { openRotatingFile } from './rotating-file.ts'
import { underRulesInForce } from './serve-bundle.ts'
import { settleDefinitions } from './settle-definitions.ts'
import { openShedPredictions, openUnsampledPredictions } from './shed-predictions.ts'
import { createSourceDesk } from './sources.ts'
import { createStreamDesk, type StreamDesk } from './streaming.ts'
import { createTailExtent } from './tail-extent.ts'
import { startTimers } from './timers.ts'
import { createUnderWay } from './under-way.ts'

/** An answer precedes the disk by at most this and a commit. */
const GROUP_COMMIT_MS = 40
const WATCH_MS = 1000
/** The platform's own log, of which six files hold 60 MiB. */
const logSize = { mostBytes: 10 * 2 ** 20, kept: 5 }

/** A platform whose data directory this process owns. */
export interface OwnedPlatform extends Platform {
  readonly project: ProjectDefinition
  readonly clock: Clock
  readonly parts: Parts
  /** Imports a file of history into a stream: paths come from the command line or the config, never from a request. */
  importHistory(stream: string, path: string, options?: ImportHistoryOptions): Promise<ImportedHistory>
  /** Does what is due at the platform's time: closes windows, then retrains what its policy says. */
  tick(): Promise<void>
  /** Resolves when the log has room for more. */
  hasRoom(): Promise<void>
  /** Does what is due, and the group commit, by real timers until `close`. */
  startTimers(): void
  /** Begins to end: takes nothing more and breaks off a training, so that whoever waits gets an answer. */
  stop(): void
  /** Tells the command line where this platform can be talked to. */
  announce(address: { readonly url: string }): Promise<void>
  reportDefect(error: TruelineError): void
  /** Begins to measure the process for its metrics; without it the first scrape does. */
  measure(): Promise<void>
}

export interface OpenOptions {
  /** Path of the project file, or the project itself. */
  readonly config: GivenProject
  /** The data directory. */
  readonly directory: string
  /** The project came with a bundle: the rules that a project file put in force stay. */
  readonly bundled?: boolean
  /** Where relative paths of sources begin: the folder of the project file unless given. */
  readonly folder?: string
  readonly clock?: Clock
  /** Takes definitions into force that mean something else than those before. */
  readonly apply?: boolean
  /** Goes on with the definitions in force, whatever the project says by now. */
  readonly inForce?: boolean
  /** Who takes them into force; the platform itself unless given. */
  readonly by?: Identity
  /** Told of what a person should know about the start. */
  readonly onNote?: (text: string) => void
  /** Runs the project's own tests before a model of it is trained. */
  readonly projectTests?: ProjectTests
  /** When monitors read back what came before; first unless given, and when asked at rest. */
  readonly recovery?: Recovery
  /** It answers no requests, and ends with one look or change. */
  readonly atRest?: boolean
  /** Most pages of the log's file: a disk that fills up, for tests. */
  readonly mostLogPages?: number
}

/**
 * Opens a data directory with everything in it and brings the platform to where it stood.
 * @throws TruelineError `config_not_found`, `config_invalid` and the codes of mistakes in it; `directory_in_use`,
 *   `directory_newer`, `directory_damaged`; `definitions_changed`
 */
export async function openPlatform(options: OpenOptions): Promise<OwnedPlatform> {
  keepTickShape()
  const { config, inForce = false, apply = false, by = platformIdentity('start'), onNote } = options
  const given = inForce ? undefined : await givenProject(config)
  const clock = options.clock ?? systemClock()
  const closers: (() => Promise<void> | void)[] = []
  /** Closes in the opposite order, each whatever became of the others, and then throws the first error. */
  const closeAll = (): Promise<void> => allInTurn(closers.splice(0).reverse())
  try {
    const directory = await openDirectory(options.directory, { clock })
    closers.push(() => directory.close())
    const logFile = openRotatingFile(join(directory.path, 'trueline.log'), logSize)
    closers.push(logFile.close)
    const logger = pino({}, logFile)
    const metadata = await openMetadata(directory.paths.metadata, { clock })
    closers.push(() => metadata.close())
    const reading = createReading({ metadata, path: directory.paths.metadata })
    closers.push(reading.close)
    const auditor = createVectorAuditor()
    const chosen = given ?? (await projectInForce(metadata, config, onNote))
    const project = options.bundled === true ? await underRulesInForce(metadata, chosen) : chosen
    const artifacts = await openArtifacts(directory.paths.artifacts)
    const { mostLogPages: maxPages } = options
    const secret = await readSecret(directory.paths.secret)
    const log = await openLog(directory.paths.log, { clock, secret, ...(maxPages === undefined ? {} : { maxPages }) })
    closers.push(() => log.close())
    await settleDefinitions({ metadata, log, paths: directory.paths }, project, { apply, by, onNote })
    const lake = await openLake({
      folder: directory.paths.lake,
      log,
      logPath: directory.paths.log,
      streams: project.streams,
    })
    closers.push(() => lake.close())
    await removeMergedFiles({ lake, metadata })
    const predictions = await openPredictions({ log, logPath: directory.paths.log, lake, secret })
    closers.push(() => predictions.close())
    const webhooks = createWebhookQueue({
      random: seededRandom(process.pid),
      urls: project.alerts === undefined ? [] : [project.alerts.webhook],
      onFailure: (host, result) => logger.error({ host, ...result }, `An alert could not be delivered to ${host}.`),
    })
    closers.push(() => webhooks.close())
    const desk = createAlertDesk(metadata, logger, (notice) => webhooks.send(notice))
    const protection = createProtection(project.limits ?? limits(), clock)
    const { lost, slices } = protection
    const callers = await createCallerKeeper({ project, metadata, protection, clock })
    closers.push(callers.close)
    const { atRest = false, recovery = atRest ? 'asked' : 'first' } = options
    const monitors = createMonitors({
      ...{ project, metadata, artifacts, log, lake, predictions, clock, slices, desk, logger, recovery, lost },
    })
    closers.push(() => monitors.close())
    const { streams } = project
    const { state: path } = directory.paths
    const inUse = await definitionsInUse(metadata, project)
    const loaded = await loadState({ path, groups: inUse.groups, streams, log, lake })
    if (loaded.rebuilt !== undefined)
      logger.warn({ code: 'state_unusable' }, `The feature state is made again from the log: ${loaded.rebuilt}`)
    const { engine } = loaded
    const tables = createReferenceTables(inUse.tables, engine.dictionary)
    const applied = createAppliedEvents(loaded.streams)
    const tail = createTailExtent(log, loaded.streams)
    const applyEvents: Parts['applyEvents'] = (batch, before) => {
      engine.apply(batch, before)
      tables.apply(batch)
      tail.take(batch)
      applied.take(batch)
    }
    let streaming: StreamDesk | undefined
    const ingest: Ingest = createIngest({
      streams: project.streams,
      log,
      readEvents: lake.readEvents,
      onAccepted(batch) {
        const asked = streaming?.take(batch)
        applyEvents(batch, asked?.before)
        asked?.done()
        monitors.take(batch)
      },
    })
    const shed = await openShedPredictions(metadata)
    const unsampled = await openUnsampledPredictions(metadata)
    const keptAudits = await openAudits(metadata, desk, clock)
    const underWay = createUnderWay()
    const servings = new Map<string, ModelServing>()
    const state = { engine, tables }
    for (const [name, { at }] of Object.entries(project.models)) {
      const onShed = (count: number): void => shed.add(name, count)
      const onUnsampled = (count: number): void => unsampled.add(name, count)
      const recording = recordingOf(project, name)
      const { sync } = recording.log
      const { observerOf } = monitors
      const hand = createHandRules(project.streams[at]!.schema, clock.now)
      servings.set(
        name,
        createModelServing({ name, state, log, clock, recording, sync, onShed, onUnsampled, observerOf, hand }),
      )
    }
    const folder = options.folder ?? (typeof config === 'string' ? dirname(config) : '.')
    const withoutDesks: Omit<Parts, 'sources' | 'streaming' | 'batches'> = {
      project,
      clock,
      directory,
      metadata,
      reading,
      artifacts,
      log,
      lake,
      predictions,
      engine,
      tables,
      ingest,
      monitors,
      desk,
      servings,
      webhooks,
      logger,
      shed,
      unsampled,
      sink: await openPredictionSink({ project, predictions, metadata, logger }),
      tail,
      underWay,
      protection,
      loadTests: createLoadTests(clock),
      workFolder: join(directory.path, 'work'),
      projectFolder: resolve(folder),
      cacheFolder: join(directory.path, 'cache'),
      projectTests: options.projectTests,
      parity: keptAudits.parity,
      audits: keptAudits.audits,
      auditor,
      saveAudits: keptAudits.save,
      applied,
      applyEvents,
      gates: createQualityGates({ project, lake, log, metadata, clock, desk }),
      rehearsal: {},
      atRest,
      rawModels: createRawModels({ project, metadata, artifacts, clock }, resolve(folder)),
      explaining: createExplaining({ metadata, artifacts }),
    }
    closers.push(withoutDesks.rawModels.close)
    streaming = await createStreamDesk(withoutDesks)
    const withoutSources = { ...withoutDesks, streaming }
    const sources = await createSourceDesk(withoutSources, resolve(folder))
    const batches = createBatchDesk(withoutSources, resolve(folder))
    const parts: Parts = { ...withoutSources, sources, batches }
    await rm(parts.workFolder, { recursive: true, force: true })
    await settleLoggedTrees(metadata)
    await failInterruptedRuns(metadata, new Set((await openPipelines(metadata)).map(({ run }) => run)))
    await recoverState(parts, loaded)
    const savedOffset = Object.values(loaded.streams).reduce((last, { offset }) => Math.max(last, offset), -1)
    const predictionKeeper = createPredictionKeeper(parts)
    if (parts.sink !== undefined) closers.push(parts.sink.close)
    const deliver = async (): Promise<void> => parts.sink?.advance(clock.now())
    const lineage = createLineageKeeper(parts)
    const lakeKeeper = createLakeKeeper(parts)
    const keeper = createStateKeeper(parts, loaded.rebuilt === undefined ? savedOffset : -1)
    await restoreHandRules(parts, onNote)
    await restoreServing(parts, onNote)
    await parts.rawModels.restore(onNote)
    const { watch, auditParity, retrain, retrained, training, ...platform } = assemblePlatform(parts)
    let stopTimers: (() => void) | undefined
    let isMoving = false
    return {
      ...platform,
      get project() {
        return parts.project
      },
      clock,
      parts,
      importHistory: (stream, path, given) => underWay.run(() => importHistory(parts, stream, path, given)),
      hasRoom: () => log.ready(),
      async tick() {
        await watch()
        await auditParity()
        // It goes by real time, tells of its trouble itself, and nothing that is due waits for it; the platform's end does.
        if (!isMoving) {
          isMoving = true
          const settled = (): void => {
            isMoving = false
          }
          underWay.run(() => predictionKeeper.advance(clock.now())).then(settled, settled)
        }
        await lakeKeeper.advance()
        await deliver()
        await sources.advance(clock.now())
        await sources.settled()
        await batches.advance(clock.now())
        await batches.settled()
        await training.resume()
        await training.settled()
        await retrain()
        await retrained()
      },
      startTimers() {
        const commit = (): void => {
          for (const serving of servings.values()) serving.flush()
        }
        const repeated = [
          { every: GROUP_COMMIT_MS, work: commit },
          { every: WATCH_MS, work: watch },
          { every: WATCH_MS, work: auditParity },
          { every: WATCH_MS, work: retrain },
          { every: WATCH_MS, work: () => underWay.run(() => sources.advance(clock.now())) },
          { every: WATCH_MS, work: () => underWay.run(() => batches.advance(clock.now())) },
          { every: WATCH_MS, work: () => underWay.run(keeper.advance) },
          { every: WATCH_MS, work: () => underWay.run(() => predictionKeeper.advance(clock.now())) },
          { every: WATCH_MS, work: () => underWay.run(lakeKeeper.advance) },
          { every: WATCH_MS, work: () => underWay.run(deliver) },
          { every: WATCH_MS, work: () => underWay.run(callers.advance) },
          { every: WATCH_MS, work: () => underWay.run(lineage.advance) },
          { every: WATCH_MS, work: () => underWay.run(parts.streaming.advance) },
          { every: WATCH_MS, work: () => underWay.run(parts.streaming.watch) },
        ]
        parts.streaming.start()
        reading.moveOut()
        auditor.moveOut()
        letHeapGrow()
        // Runs that were broken off go on; what comes of them is in their records.
        training.resume().catch((thrown: unknown) => logger.error(asTruelineError(thrown).message))
        stopTimers ??= startTimers(repeated, logger)
      },
      stop: underWay.stop,
      announce: (address) => directory.announce(address),
      reportDefect: (error) =>
        logger.error(
          {
            code: error.code,
            path: error.path,
            cause: String((error.cause as Error | undefined)?.stack ?? error.cause),
          },
          error.message,
        ),
      async close() {
        stopTimers?.()
        // First of all: a receiver that does not answer would keep the turn under way from ending.
        await parts.sink?.close()
        // Searches that wait for their turn change nothing: nobody waits for them to end.
        await reading.close()
        await underWay.ended()
        await parts.streaming.stop()
        closers.push(() => parts.gates.end(clock.now()))
        closers.push(() => keeper.close())
        closers.push(() => handOver(parts))
        await closeAll()
      },
    }
  } catch (thrown) {
    await closeAll()
    throw thrown
  }
}

/**
 * Hands what was predicted to the log; one that has failed takes nothing, and what it does not take is counted.
 * @throws TruelineError `disk_full`, `log_unavailable` of a log that has failed
 */
async function handOver({ servings, log, shed, unsampled, saveAudits }: Parts): Promise<void> {
  await Promise.allSettled([log.ready()])
  await Promise.allSettled(Array.from(servings.values(), async (serving) => serving.flush(true)))
  await Promise.allSettled([log.drained()])
  await allInTurn([shed.save, unsampled.save, () => saveAudits(true), () => log.drained()])
}
