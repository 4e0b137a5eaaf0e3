import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../../core/canonical.ts'
import { type ErrorCode, errorCodes } from '../../core/error-codes.ts'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { type Identity, platformIdentity } from '../../governance/identity.ts'
import type { BatchDefinition } from '../../language/define/batch-definition.ts'
import type { BatchJob, BatchReport } from '../../operate/serving/batch/batch-job.ts'
import {
  type BatchRun,
  type BatchRunQuery,
  beginBatchRun,
  endBatchRun,
  listBatchRuns,
  readBatchRun,
  resumeBatchRun,
} from '../../operate/serving/batch/batch-store.ts'
import { removeParts } from '../../operate/serving/batch/run-batch.ts'
import { writeFileDurably } from '../../stores/durable-file.ts'
import type { BatchListing, ScoringAnswer, ScoringEnd, ScoringStart } from '../api/batch-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { createBatchSchedule } from './batch-schedule.ts'
import {
  type DescribingParts,
  destinationName,
  eventFiles,
  jobDefinition,
  populationWords,
  type ScoringState,
  scoringState,
} from './describe-batch.ts'
import { keepVerdict } from './quality.ts'
import { startBatch } from './start-batch.ts'

/** What a process may come without, or with a wrong one, and the next one with. */
const settings: ReadonlySet<string> = new Set<ErrorCode>(['setting_missing', 'setting_invalid'])

/** What is asked of the batches of a platform, by name. */
export interface BatchDesk {
  list(): Promise<BatchListing[]>
  runs(query: BatchRunQuery): Promise<BatchRun[]>
  show(run: string): Promise<BatchRun>
  /** @param at microseconds; now unless given */
  run(batch: string, by: Identity, options?: { at?: number; onProgress?: OnProgress }): Promise<BatchRun>
  cancel(batch: string, by: Identity): Promise<BatchRun>
  begin(model: string, by: Identity, start: ScoringStart): Promise<ScoringAnswer>
  end(run: string, end: ScoringEnd): Promise<BatchRun>
  /** Takes up what an earlier process did not end, and begins what is due. */
  advance(now: number): Promise<void>
  /** Resolves when no run is under way. */
  settled(): Promise<void>
}

type OnProgress = (sentence: string, done: number) => void

export type BatchParts = DescribingParts & Pick<Parts, 'desk' | 'underWay' | 'logger'>

interface RunUnderWay {
  readonly run: BatchRun
  readonly stop: AbortController
  readonly ended: Promise<BatchRun>
}

/**
 * The batches of a platform: one run of each at a time.
 * @param base that relative paths of files are below: the folder of the project file
 */
export function createBatchDesk(parts: BatchParts, base: string): BatchDesk {
  const { project, metadata, desk, underWay, logger, directory } = parts
  const batches = project.batches ?? {}
  const running = new Map<string, RunUnderWay>()
  const starting = new Map<string, Promise<RunUnderWay>>()
  /** Who looks at the run of a batch. */
  const listeners = new Map<string, OnProgress>()
  const schedule = createBatchSchedule(batches, metadata, desk)
  let resumed: Promise<void> | undefined

  function named(name: string): BatchDefinition {
    const batch = batches[name]
    if (batch === undefined) throw unknownName('unknown_batch', 'batch', name, Object.keys(batches))
    return batch
  }

  /** Folder of a batch's files in progress; what a run holds back or rejects stays there under the run's id. */
  function folderOf(run: Pick<BatchRun, 'id' | 'batch'>): string {
    return join(directory.path, 'batches', run.batch, run.id)
  }

  /** Begins a run: there is none of the same name beside it from the first moment on. */
  async function start(
    definition: BatchDefinition,
    by: Identity,
    kind: 'schedule' | 'asked',
    at?: number,
  ): Promise<RunUnderWay> {
    const { name } = definition
    await resume()
    if (running.has(name) || starting.has(name))
      throw new TruelineError('batch_under_way', `A run of '${name}' is under way.`, { path: name })
    const begun = begin(definition, by, kind, at)
    starting.set(name, begun)
    try {
      return await begun
    } finally {
      starting.delete(name)
    }
  }

  async function begin(
    definition: BatchDefinition,
    by: Identity,
    kind: 'schedule' | 'asked',
    at: number | undefined,
  ): Promise<RunUnderWay> {
    const { name } = definition
    const again = at === undefined && kind === 'asked' ? await failedRun(definition) : undefined
    if (again !== undefined) return follow(await resumeBatchRun(metadata, again.id), definition, await jobOf(again))
    const state = await scoringState(parts, definition.model, at)
    const run = await beginBatchRun(metadata, {
      ...{ batch: name, model: definition.model, version: state.version.version, kind, by },
      ...{ at: state.at, offset: state.offset },
      ...{ population: populationWords(definition.population), destination: destinationName(definition.to) },
    })
    return follow(run, definition, await writeJob(run, definition, state))
  }

  async function writeJob(run: BatchRun, definition: BatchDefinition, state: ScoringState): Promise<BatchJob> {
    const folder = folderOf(run)
    await mkdir(folder, { recursive: true })
    const job: BatchJob = { run: run.id, definition: jobDefinition(definition), base, folder, ...state }
    await writeFileDurably(join(folder, 'job.json'), canonicalJson(job))
    return job
  }

  /** The job of a run that the process before began and did not live to write down: nothing of it was done. */
  async function jobAnew(run: BatchRun, definition: BatchDefinition): Promise<BatchJob> {
    const { at, offset } = run
    const state = await scoringState(parts, definition.model, at)
    if (state.version.version === run.version) return await writeJob(run, definition, { ...state, offset })
    throw new TruelineError('batch_failed', `${run.id} cannot go on: v${run.version} serves no more.`)
  }

  /** The newest run of a batch, if it failed of what passes and can go on. */
  async function failedRun(definition: BatchDefinition): Promise<BatchRun | undefined> {
    const [run] = await listBatchRuns(metadata, { batch: definition.name, limit: 1 })
    const code = run?.error?.code
    if (run?.status !== 'failed' || code === undefined || !(code in errorCodes)) return undefined
    const isPassing = errorCodes[code as ErrorCode].status >= 500 || settings.has(code)
    if (!isPassing || !existsSync(join(folderOf(run), 'job.json'))) return undefined
    const { definition: before } = await jobOf(run)
    return canonicalJson(before) === canonicalJson(jobDefinition(definition)) ? run : undefined
  }

  async function jobOf(run: BatchRun): Promise<BatchJob> {
    const job = JSON.parse(await readFile(join(folderOf(run), 'job.json'), 'utf8')) as BatchJob
    return { ...job, files: eventFiles(parts, job.project, job.version) }
  }

  /** A run that its caller may take up again: those of batches are taken up by the platform alone. */
  async function fileRun(id: string, model: string): Promise<BatchRun> {
    const run = await readBatchRun(metadata, id)
    if (run.kind === 'file' && run.model === model) return run
    throw new TruelineError('run_finished', `${id} is no run over files of '${model}'.`, { path: 'run' })
  }

  function follow(run: BatchRun, definition: BatchDefinition, job: BatchJob): RunUnderWay {
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, underWay.signal])
    const onProgress: OnProgress = (sentence, done) => listeners.get(run.batch)?.(sentence, done)
    const ended = underWay
      .run(() => finish(run, definition, startBatch(job, { signal, onProgress }), job))
      .finally(() => running.delete(definition.name))
    // Looked at by whoever asked; a scheduled one has told the log and the desk by then.
    ended.catch(() => undefined)
    const following = { run, stop, ended }
    running.set(definition.name, following)
    return following
  }

  async function finish(
    run: BatchRun,
    { name }: BatchDefinition,
    work: ReturnType<typeof startBatch>,
    job: BatchJob,
  ): Promise<BatchRun> {
    try {
      const report = await work
      const { quality, rejected } = report
      if (quality !== undefined && quality.results.length > 0)
        await keepVerdict(parts, { scope: 'batch', subject: `batch/${name}`, batch: run.id, rejected, report: quality })
      const ended = await endBatchRun(metadata, run.id, { status: report.published ? 'succeeded' : 'held', report })
      await removeParts(job, report)
      if (report.published) await desk.resolve(subjectOf(name), 'A later run was published.')
      else await alarm(name, `The scores of ${run.id} were held back: they breach their checks.`, report.received)
      return ended
    } catch (thrown) {
      const error = asTruelineError(thrown)
      // It goes on when the platform is back.
      if (error.code === 'platform_stopped') throw error
      const status = error.code === 'batch_cancelled' ? 'cancelled' : 'failed'
      await endBatchRun(metadata, run.id, { status, error })
      logger.error({ batch: name, run: run.id, code: error.code }, error.message)
      if (status === 'cancelled') await rm(job.folder, { recursive: true, force: true })
      else await alarm(name, `${run.id} failed: ${error.message}`, 0)
      throw error
    }
  }

  async function alarm(name: string, says: string, n: number): Promise<void> {
    await desk.raise({ ...subjectOf(name), title: `batch ${name}: ${says}`, evidence: { batch: name }, effect: {}, n })
  }

  /** Runs that the process before did not live to end go on, before another one of their batch can begin. */
  function resume(): Promise<void> {
    resumed ??= takeUpAll().catch((thrown: unknown) => {
      resumed = undefined
      throw thrown
    })
    return resumed
  }

  async function takeUpAll(): Promise<void> {
    for (const run of await listBatchRuns(metadata, { status: 'running', limit: 1000 })) {
      if (run.kind === 'file' || running.has(run.batch)) continue
      try {
        await takeUp(run)
      } catch (thrown) {
        const error = asTruelineError(thrown)
        await endBatchRun(metadata, run.id, { status: 'failed', error })
        await alarm(run.batch, error.message, 0)
      }
    }
  }

  async function takeUp(run: BatchRun): Promise<void> {
    const definition = batches[run.batch]
    if (definition === undefined)
      throw new TruelineError('batch_failed', `${run.id} cannot go on: its batch is defined no more.`)
    const isWritten = existsSync(join(folderOf(run), 'job.json'))
    const job = (isWritten ? jobOf(run) : jobAnew(run, definition)).catch((cause: unknown) => {
      if (cause instanceof TruelineError) throw cause
      throw new TruelineError('batch_failed', `${run.id} cannot go on: its job cannot be read.`, { cause })
    })
    follow(run, definition, await job)
  }

  return {
    async list() {
      return await Promise.all(
        Object.values(batches).map(async (batch) => {
          const { name, model, owner, description, schedule: cron, population, to } = batch
          const [run] = await listBatchRuns(metadata, { batch: name, limit: 1 })
          const due = await schedule.due(name)
          return {
            ...{ name, model, population: populationWords(population), destination: destinationName(to) },
            ...(owner === undefined ? {} : { owner }),
            ...(description === undefined ? {} : { description }),
            ...(cron === undefined ? {} : { schedule: cron }),
            ...(due === undefined ? {} : { due }),
            ...(run === undefined ? {} : { run }),
          }
        }),
      )
    },
    runs: (query) => listBatchRuns(metadata, query),
    show: (run) => readBatchRun(metadata, run),
    async run(name, by, { at, onProgress } = {}) {
      const { ended } = await start(named(name), by, 'asked', at)
      if (onProgress !== undefined) listeners.set(name, onProgress)
      try {
        return await ended
      } finally {
        listeners.delete(name)
      }
    },
    async cancel(name, by) {
      named(name)
      const under = running.get(name) ?? (await starting.get(name))
      if (under === undefined)
        throw new TruelineError('unknown_batch', `No run of '${name}' is under way.`, { path: name })
      under.stop.abort(new TruelineError('batch_cancelled', `${under.run.id} was cancelled by ${by.name}.`))
      await under.ended.catch(() => undefined)
      return await readBatchRun(metadata, under.run.id)
    },
    async begin(model, by, { at, population, destination, run: before }) {
      if (project.models[model] === undefined)
        throw unknownName('unknown_model', 'model', model, Object.keys(project.models))
      const state = await scoringState(parts, model, at)
      const run =
        before === undefined
          ? await beginBatchRun(metadata, {
              ...{ batch: '', model, version: state.version.version, kind: 'file', by, population, destination },
              ...{ at: state.at, offset: state.offset },
            })
          : await resumeBatchRun(metadata, (await fileRun(before, model)).id)
      return { run: run.id, ...state }
    },
    async end(id, { report, error }) {
      const run = await readBatchRun(metadata, id)
      if (run.kind !== 'file') throw new TruelineError('run_finished', `${id} ends by itself.`, { path: id })
      if (isReport(report))
        return await endBatchRun(metadata, id, { status: report.published ? 'succeeded' : 'held', report })
      const code = error !== undefined && error.code in errorCodes ? (error.code as ErrorCode) : 'batch_failed'
      const { error: message = '', path, remedy } = error ?? {}
      const details = { ...(path === undefined ? {} : { path }), ...(remedy === undefined ? {} : { remedy }) }
      return await endBatchRun(metadata, id, { status: 'failed', error: new TruelineError(code, message, details) })
    },
    async advance(now) {
      await resume()
      const due = await schedule.take(now, (name) => running.has(name) || starting.has(name))
      for (const { name, at } of due) {
        try {
          await start(named(name), platformIdentity('batch'), 'schedule', at)
        } catch (thrown) {
          const { code, message } = asTruelineError(thrown)
          logger.error({ batch: name, code }, message)
          await alarm(name, `It was due and could not begin: ${message}`, 0)
        }
      }
      if (due.length > 0) await schedule.begun()
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled([...running.values()].map(({ ended }) => ended))
    },
  }
}

/** What a command sends is what the scoring process gave it. */
function isReport(report: unknown): report is BatchReport {
  if (typeof report !== 'object' || report === null) return false
  const { received, scored, rejected, published } = report as Partial<BatchReport>
  return typeof published === 'boolean' && received === (scored ?? Number.NaN) + (rejected ?? Number.NaN)
}

function subjectOf(name: string) {
  return { model: `batch/${name}`, kind: 'batch_failed' } as const
}
