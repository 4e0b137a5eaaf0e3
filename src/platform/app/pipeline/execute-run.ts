import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { asTruelineError, TruelineError } from '../../../core/errors.ts'
import { formatTime } from '../../../core/time.ts'
import { standingOf } from '../../../models/registry/decisions.ts'
import { finishRun, type RunOutcome } from '../../../models/registry/runs.ts'
import type { DatasetJudgement } from '../../../models/training/judge-dataset.ts'
import { countAttempt, pinSnapshot, readSteps } from '../../../models/training/pipeline/run-store.ts'
import { trimStepCache } from '../../../models/training/pipeline/step-cache.ts'
import type { StepRecorder } from '../../../models/training/pipeline/step-recorder.ts'
import type { TrainingJob, TrainingResult } from '../../../models/training/training-job.ts'
import { plural } from '../../../operate/monitoring/words.ts'
import type { TrainAnswer } from '../../api/training-answers.ts'
import { saidOfCandidate } from '../looks.ts'
import { keepVerdict } from '../quality.ts'
import { startTraining, stopReason } from '../start-training.ts'
import { beginRun, type TrainingRun } from './begin-run.ts'
import { requireSameModel } from './judge-again.ts'
import { projectState } from './project-state.ts'
import { metricsOfResult, registerCandidate, trialsOf } from './register-candidate.ts'
import type { TrainingParts, UnmetTest } from './training-parts.ts'
import { readImportOf, requestAfter } from './training-request.ts'
import { jobOf, type TrainingSnapshot, takeSnapshot } from './training-snapshot.ts'

/** How often a run whose process something ended is begun again before it has failed. */
export const MOST_ATTEMPTS = 3

/** Most bytes of outputs of steps: those that were not taken for longest go first. */
const MOST_CACHE_BYTES = 4e9

export interface RunOptions {
  readonly recorder: StepRecorder
  readonly onProgress: (sentence: string, done: number) => void
  /** Ends the run; its reason is what the run ends with. */
  readonly signal: AbortSignal
  /** A run under the same definitions, a moment ago, for which the project's tests passed. */
  readonly tested?: TestedRun | undefined
}

export interface TestedRun {
  readonly run: string
  readonly at: number
}

/** What came of a run. */
export interface ExecutedRun {
  readonly answer: TrainAnswer
  /** The full model's run that a baseline's brings along: begun in the moment in which that one ended. */
  readonly next: TrainingRun | undefined
  /** When the project's tests passed, for a run that follows while the same definitions are in force. */
  readonly testedAt: number | undefined
}

/**
 * Does the steps of a run that are not done, and ends it. When the platform shuts down the run stays as it is, and goes on at
 * the next start.
 * @throws TruelineError the codes of `startTraining` and `runTraining`, `project_tests_failed`, `training_inputs_gone`
 */
export async function executeRun(parts: TrainingParts, run: TrainingRun, options: RunOptions): Promise<ExecutedRun> {
  const { recorder } = options
  try {
    return await steps(parts, run, options)
  } catch (thrown) {
    const error = asTruelineError(thrown)
    // It goes on when the platform is back.
    const goesOn = error.code === 'platform_stopped'
    if (!goesOn) recorder.fail(error.message)
    await flushQuietly(parts, run.run, recorder)
    if (goesOn) await countAttempt(parts.metadata, run.run, -1)
    else await endAsFailed(parts, run.run, error)
    throw goesOn || !(thrown instanceof TruelineError) ? thrown : namingRun(thrown, run.run)
  }
}

/** An error of a run, which also says where more of it is. */
function namingRun(error: TruelineError, run: string): TruelineError {
  const { code, message, path, retryAfter } = error
  return new TruelineError(code, message, {
    ...(path === undefined ? {} : { path }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    remedy: `${error.remedy} It was ${run}: trueline runs logs ${run}`,
    cause: error,
  })
}

/** Ends a run as failed, however it went; why that could not be written down is for the log alone. */
export async function endAsFailed(
  { metadata, logger }: Pick<TrainingParts, 'metadata' | 'logger'>,
  run: string,
  { code, message }: TruelineError,
): Promise<void> {
  try {
    await finishRun(metadata, run, { status: 'failed', error: { code, message } })
  } catch (second) {
    // Why the run failed says more; the next start marks it as failed.
    logger.error({ run }, `The end of ${run} could not be recorded: ${asTruelineError(second).message}`)
  }
}

async function flushQuietly({ logger }: TrainingParts, run: string, recorder: StepRecorder): Promise<void> {
  await recorder.flush().catch((thrown: unknown) => {
    logger.error({ run }, `The steps of ${run} could not be recorded: ${asTruelineError(thrown).message}`)
  })
}

/** A run that has ended well stays so, whatever becomes of what others kept. */
async function trimQuietly({ cacheFolder, logger }: TrainingParts, run: string): Promise<void> {
  await trimStepCache(cacheFolder, MOST_CACHE_BYTES, run).catch((thrown: unknown) => {
    logger.error({ run }, `Outputs of steps could not be removed: ${asTruelineError(thrown).message}`)
  })
}

async function steps(parts: TrainingParts, run: TrainingRun, options: RunOptions): Promise<ExecutedRun> {
  const { recorder, signal } = options
  const { request } = run
  // What is in force now may be replaced while the run goes on.
  const { project } = parts
  const testedAt = await runTests(parts, run, options)
  if (signal.aborted) throw stopReason(signal)
  const snapshot = await extract(parts, run, recorder)
  await mkdir(parts.workFolder, { recursive: true })
  const folder = await mkdtemp(join(parts.workFolder, `${run.run}-`))
  const judged: DatasetJudgement[] = []
  try {
    const imported = await readImportOf(parts.artifacts, request.imported)
    const given = { run: run.run, folder, ...(imported === undefined ? {} : { imported }) }
    const job = await jobOf({ ...parts, project }, request, snapshot, given)
    // While the rows are read: git may take its time.
    const state = projectState(parts.projectFolder, parts.artifacts)
    state.catch(() => undefined)
    const result = await trainWithPatience(parts, run, job, options, judged)
    if (request.judges !== undefined) await requireSameModel(parts, { project, request }, request.judges, result)
    recorder.take({ step: 'register', kind: 'begun' })
    const registered = await registerCandidate(parts, project, request, run.run, result, imported)
    recorder.take({ step: 'register', kind: 'done', files: {} })
    await recorder.flush()
    const metrics = metricsOfResult(result)
    const outcome: RunOutcome = {
      ...{ status: 'succeeded', metrics, data: result.dataset },
      environment: { ...result.environment, project: await state },
      ...(result.chosen === undefined ? {} : { chosen: result.chosen }),
      trials: trialsOf(run.run, result),
    }
    const after = requestAfter(request, project)
    const importedAfter = await readImportOf(parts.artifacts, after?.imported)
    let next: TrainingRun | undefined
    // Before the run has ended: one that is broken off here says it when it is taken up.
    const gate = await saidOfCandidate(parts.metadata, registered, result.gate, {
      ...{ gate: project.models[request.model]!.gate, runId: run.run, by: request.author },
    })
    // A crash between the two would lose the one that was asked for.
    await finishRun(parts.metadata, run.run, outcome, async (transaction) => {
      if (after === undefined) return
      next = await beginRun(transaction, project, { request: after, imported: importedAfter, at: parts.clock.now() })
    })
    await trimQuietly(parts, run.run)
    const { missing, open } = await standingOf(parts.metadata, registered.version)
    const deadlock = open !== null && open.length < missing ? { deadlock: { missing, open } } : {}
    const answer = answerOf(run, registered, result, { metrics, gate, cached: recorder.taken() })
    return { answer: { ...answer, ...deadlock }, next, testedAt: project === parts.project ? testedAt : undefined }
  } finally {
    for (const judgement of judged) await keepVerdict(parts, { ...judgement, batch: run.run })
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * @returns when they passed; undefined when the project has none, or the model asks for none
 * @throws TruelineError `project_tests_failed`
 */
async function runTests(
  parts: TrainingParts,
  { run, request }: TrainingRun,
  { recorder, signal, tested }: RunOptions,
): Promise<number | undefined> {
  const { projectTests, project, metadata, directory } = parts
  const before = (await readSteps(metadata, run)).find(({ step }) => step === 'tests')
  if (before?.status === 'done') return before.finishedAt
  const { training } = project.models[request.model]!
  if (projectTests === undefined || training?.tests === false) return
  recorder.take({ step: 'tests', kind: 'begun' })
  if (tested !== undefined) {
    recorder.take({ step: 'tests', kind: 'log', text: `The tests of the project passed for ${tested.run}.` })
    recorder.take({ step: 'tests', kind: 'done', files: {}, from: tested })
    return tested.at
  }
  const { model } = request
  const limits = training?.limits ?? {}
  const report = await projectTests({ model, directory: directory.path, limits, signal })
  if (report === undefined) {
    recorder.skip('tests', 'The project has no tests.')
    return
  }
  const { passed, failed, errors, others, unmet } = report
  const say = (text: string): void => recorder.take({ step: 'tests', kind: 'log', text })
  const count = passed + failed + errors
  if (count === 0) {
    recorder.skip('tests', `No test of the project is about ${model} or what it uses.`)
    return
  }
  if (others > 0) say(`Not run, as ${model} does not use what they are about: ${plural(others, 'test')}.`)
  for (const { name, causes } of unmet) for (const line of [`did not pass: ${name}`, ...causes]) say(line)
  if (unmet.length > 0)
    throw new TruelineError(
      'project_tests_failed',
      `${unmet.length} of ${plural(count, 'test')} of ${model} did not pass: ${named(unmet)}.`,
    )
  say(`${plural(passed, 'test')} of ${model} passed.`)
  recorder.take({ step: 'tests', kind: 'done', files: {} })
  return parts.clock.now()
}

/** The first of the tests that did not pass. */
function named(unmet: readonly UnmetTest[]): string {
  return unmet
    .slice(0, 3)
    .map(({ name }) => name)
    .join('; ')
}

async function extract(parts: TrainingParts, run: TrainingRun, recorder: StepRecorder): Promise<TrainingSnapshot> {
  recorder.take({ step: 'extract', kind: 'begun' })
  if (run.snapshot !== undefined) {
    const { cut: at } = run.snapshot
    recorder.take({ step: 'extract', kind: 'done', files: {}, from: { run: run.run, at } })
    return run.snapshot
  }
  const snapshot = run.request.judges?.snapshot ?? (await takeSnapshot(parts, run.request))
  await pinSnapshot(parts.metadata, run.run, snapshot)
  const files = Object.values(snapshot.files).reduce((sum, list) => sum + list.length, 0)
  const { offset, cut } = snapshot
  recorder.take({
    step: 'extract',
    kind: 'log',
    text: `${files} files, events up to ${offset}, known before ${formatTime(cut)}.`,
  })
  recorder.take({ step: 'extract', kind: 'done', files: {} })
  return snapshot
}

/** A process that something else ended is begun again: it goes on with the step that it was ended in. */
async function trainWithPatience(
  parts: TrainingParts,
  { run, request, attempts }: TrainingRun,
  job: TrainingJob,
  { recorder, onProgress, signal }: RunOptions,
  judged: DatasetJudgement[],
): Promise<TrainingResult> {
  const limits = parts.project.models[request.model]!.training?.limits ?? {}
  for (let attempt = attempts; ; attempt += 1) {
    judged.length = 0
    try {
      return await startTraining(job, {
        ...{ limits, signal },
        onStep: recorder.take,
        onProgress(sentence, done) {
          recorder.progress(sentence)
          onProgress(sentence, done)
        },
        onJudged: (found) => judged.push(...found),
      })
    } catch (thrown) {
      const error = asTruelineError(thrown)
      if (error.code !== 'training_killed' || attempt >= MOST_ATTEMPTS) throw thrown
      const { step } = recorder.current() ?? { step: 'extract' as const }
      recorder.take({ step, kind: 'log', text: `${error.message} It goes on.` })
      await countAttempt(parts.metadata, run)
    }
  }
}

function answerOf(
  { run, request: { model, variant } }: TrainingRun,
  { version, isNew }: Awaited<ReturnType<typeof registerCandidate>>,
  result: TrainingResult,
  {
    metrics,
    gate,
    cached,
  }: Pick<TrainAnswer, 'metrics' | 'gate'> & { readonly cached: NonNullable<TrainAnswer['cached']> },
): TrainAnswer {
  return {
    ...{ run, model, version: version.version, digest: version.digest, isNew, variant, metrics },
    dataset: {
      rows: result.dataset.rows,
      parts: result.dataset.parts,
      seconds: result.datasetSeconds,
      digest: result.dataset.content,
    },
    trainSeconds: result.trainSeconds,
    ...(Object.keys(cached).length === 0 ? {} : { cached }),
    ...(result.imported === undefined ? {} : { imported: result.imported }),
    gate,
  }
}
