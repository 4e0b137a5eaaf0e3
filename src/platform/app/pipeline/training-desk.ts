import { canonicalJson } from '../../../core/canonical.ts'
import { asTruelineError, TruelineError } from '../../../core/errors.ts'
import { oneAtATime } from '../../../core/one-at-a-time.ts'
import { formatTime } from '../../../core/time.ts'
import { planVector } from '../../../data/features/vector.ts'
import { recordAct } from '../../../governance/audit-log.ts'
import type { Identity } from '../../../governance/identity.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import { digestOfModel } from '../../../language/define/digest.ts'
import { type Run, readRun } from '../../../models/registry/runs.ts'
import { countAttempt, openPipelines } from '../../../models/training/pipeline/run-store.ts'
import { createStepRecorder } from '../../../models/training/pipeline/step-recorder.ts'
import type { TrainAnswer } from '../../api/training-answers.ts'
import { servingOf } from '../predicting.ts'
import { baselineOf } from '../rivals.ts'
import { beginRun, type RunToBegin, type TrainingRun } from './begin-run.ts'
import { type ExecutedRun, endAsFailed, executeRun, MOST_ATTEMPTS, type TestedRun } from './execute-run.ts'
import { requestToJudge } from './judge-again.ts'
import type { TrainingParts } from './training-parts.ts'
import { type KeptRequest, keepRequest, type TrainRequest } from './training-request.ts'
import type { TrainingSnapshot } from './training-snapshot.ts'

/** What a run is doing. */
export interface RunProgress {
  readonly sentence: string
  /** Share of the run, 0 to 1. */
  readonly done: number
}

/** Where trainings are done, one after the other: they would fight for the same cores. */
export interface TrainingDesk {
  /**
   * Trains a candidate on everything known, judges it, and registers it whatever the verdict, so that a refusal can be
   * looked into. A full model brings its baseline along when there is none that it can be compared with. A model that comes
   * from elsewhere is judged in the same way. What somebody asks for who asks for the very same already is that.
   * @throws TruelineError `unknown_model`, `no_training_rows`, the codes of `executeRun`
   */
  train(request: TrainRequest): Promise<TrainAnswer>
  /** Goes on with the runs that an earlier process did not live to finish; they are in the queue when it resolves. */
  resume(): Promise<void>
  /** Resolves when the queue is empty. */
  settled(): Promise<void>
  /**
   * Ends a run that goes on, or that would.
   * @throws TruelineError `unknown_run`, `run_finished`
   */
  cancel(run: string, by: Identity): Promise<Run>
  /** What a run is doing; undefined of one that does nothing now. */
  progress(run: string): RunProgress | undefined
  /** Whether a run is worked on here, or waits for its turn. */
  isGoing(run: string): boolean
  /** Does other work of the same kind in its turn. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>
}

/** A request that is waiting or worked on, with all who wait for it. */
interface Flight {
  readonly answer: Promise<TrainAnswer>
  readonly listeners: Set<NonNullable<TrainRequest['onProgress']>>
  /** The offset that its data reaches to; undefined while it is to be seen. */
  offset: number | undefined
}

/** A run under way. */
interface Going {
  readonly stop: AbortController
  readonly ended: Promise<ExecutedRun>
}

export function createTrainingDesk(parts: TrainingParts): TrainingDesk {
  const { metadata, underWay, logger, log } = parts
  const inTurn = oneAtATime()
  const flights = new Map<string, Flight>()
  const going = new Map<string, Going>()
  const progress = new Map<string, RunProgress>()
  /** Runs of an earlier process that wait for their turn. */
  const waiting = new Set<string>()
  let queued = 0
  let resumed: Promise<void> | undefined

  function queue<Result>(work: () => Promise<Result>): Promise<Result> {
    queued += 1
    return inTurn(work).finally(() => {
      queued -= 1
    })
  }

  /** The same key, the same model of the same data, if that is the same. */
  function keyOf({ model, variant, author, at, imported, judges, cache = true }: TrainRequest | KeptRequest): string {
    const judged = typeof judges === 'object' ? judges.version : (judges ?? null)
    return canonicalJson({ model, variant, author, at: at ?? null, imported: imported?.digest ?? null, judged, cache })
  }

  function follow(key: string, offset: number | undefined, work: (flight: Flight) => Promise<TrainAnswer>): Flight {
    const flight: Flight = {
      ...{ listeners: new Set(), offset },
      answer: queue(() => work(flight)).finally(() => {
        if (flights.get(key) === flight) flights.delete(key)
      }),
    }
    flights.set(key, flight)
    return flight
  }

  async function train(request: TrainRequest): Promise<TrainAnswer> {
    servingOf(parts.servings, request.model)
    const now = parts.clock.now()
    if (request.at !== undefined && request.at > now)
      throw new TruelineError('invalid_arguments', `${formatTime(request.at)} lies in the future.`, { path: 'at' })
    await resume()
    const key = keyOf(request)
    const known = flights.get(key)
    const flight =
      known !== undefined && isAbout(known, request) ? known : follow(key, undefined, (of) => begin(request, of))
    if (request.onProgress !== undefined) flight.listeners.add(request.onProgress)
    return await flight.answer
  }

  /** Whether a flight gives what is asked for: it has not looked at the data yet, or nothing came since. */
  function isAbout({ offset }: Flight, { at }: TrainRequest): boolean {
    return at !== undefined || offset === undefined || offset === log.nextOffset - 1
  }

  async function begin(request: TrainRequest, flight: Flight): Promise<TrainAnswer> {
    if (underWay.signal.aborted) throw new TruelineError('platform_stopped', 'The platform is shutting down.')
    flight.offset = log.nextOffset - 1
    const { project } = parts
    const { model, variant, imported } = request
    if (request.judges !== undefined)
      return await startKept(await requestToJudge(parts, request, request.judges), flight)
    const lacksBaseline =
      variant === 'full' && hasWindows(project, model) && (await baselineOf(parts, model)) === undefined
    if (!lacksBaseline) return await startVariant(request, flight)
    const { imported: _, ...ofBaseline } = request
    const full = imported === undefined ? {} : { imported }
    return await startVariant({ ...ofBaseline, variant: 'without_windows' }, flight, full)
  }

  async function startVariant(
    request: TrainRequest,
    flight: Flight,
    full?: Pick<TrainRequest, 'imported'>,
  ): Promise<TrainAnswer> {
    const { project, artifacts } = parts
    const kept = await keepRequest(artifacts, project, request, full)
    return await startKept({ request: kept, imported: request.imported }, flight)
  }

  async function startKept(asked: Omit<RunToBegin, 'at'>, flight: Flight): Promise<TrainAnswer> {
    const { project, clock } = parts
    const toBegin = { ...asked, at: clock.now() }
    const run = await metadata.database.transaction().execute((transaction) => beginRun(transaction, project, toBegin))
    return await executeWithNext(run, flight)
  }

  /** Executes a run and the one that it brought along, which the tests of the project passed for with it. */
  async function executeWithNext(run: TrainingRun, flight: Flight, tested?: TestedRun): Promise<TrainAnswer> {
    const { answer, next, testedAt } = await execute(run, flight, tested)
    if (next === undefined) return answer
    await requireOpen(next.run)
    const testedNow = testedAt === undefined ? undefined : { run: run.run, at: testedAt }
    return { ...(await executeWithNext(next, flight, testedNow)), baseline: answer.version }
  }

  /** @throws TruelineError `run_cancelled` when it was cancelled while it was waiting */
  async function requireOpen(run: string): Promise<void> {
    const { status, error } = await readRun(metadata, run)
    if (status !== 'running') throw new TruelineError('run_cancelled', error?.message ?? `${run} has ended.`)
  }

  async function execute(run: TrainingRun, flight: Flight, tested?: TestedRun): Promise<ExecutedRun> {
    const stop = new AbortController()
    const ended = executeRun(parts, run, {
      recorder: createStepRecorder(metadata, run.run),
      tested,
      signal: AbortSignal.any([stop.signal, underWay.signal]),
      onProgress(sentence, done) {
        progress.set(run.run, { sentence, done })
        for (const listener of flight.listeners) listener(sentence, done)
      },
    })
    going.set(run.run, { stop, ended })
    try {
      return await ended
    } finally {
      going.delete(run.run)
      progress.delete(run.run)
    }
  }

  function resume(): Promise<void> {
    resumed ??= takeUpAll().catch((thrown: unknown) => {
      resumed = undefined
      throw thrown
    })
    return resumed
  }

  async function takeUpAll(): Promise<void> {
    for (const run of await openPipelines<KeptRequest, TrainingSnapshot>(metadata)) {
      waiting.add(run.run)
      const flight = follow(keyOf(run.request), run.snapshot?.offset, (of) =>
        underWay.run(() => takeUp(run, of)).finally(() => waiting.delete(run.run)),
      )
      flight.answer.catch((thrown: unknown) => {
        const { code, message } = asTruelineError(thrown)
        logger.error({ run: run.run, code }, message)
      })
    }
  }

  async function takeUp(run: TrainingRun, flight: Flight): Promise<TrainAnswer> {
    await requireOpen(run.run)
    const reason = whyNot(run)
    if (reason !== undefined) {
      await endAsFailed(parts, run.run, reason)
      throw reason
    }
    await countAttempt(metadata, run.run)
    logger.info({ run: run.run }, `${run.run} goes on where it was broken off.`)
    return await executeWithNext({ ...run, attempts: run.attempts + 1 }, flight)
  }

  /** Why a run cannot go on; undefined when it can. */
  function whyNot({ run, request, attempts }: TrainingRun): TruelineError | undefined {
    const definition = parts.project.models[request.model]
    if (definition === undefined || digestOfModel(definition, parts.project) !== request.definition)
      return new TruelineError(
        'training_inputs_gone',
        `${run} cannot go on: '${request.model}' is defined otherwise now than when it was begun.`,
        { path: request.model },
      )
    if (attempts < MOST_ATTEMPTS) return undefined
    return new TruelineError('training_killed', `${run} was broken off ${attempts} times, and is not begun again.`)
  }

  return {
    train,
    resume,
    inTurn: queue,
    progress: (run) => progress.get(run),
    isGoing: (run) => going.has(run) || waiting.has(run),
    async settled() {
      // What is waiting may bring more.
      while (queued > 0) await inTurn(async () => undefined)
    },
    async cancel(run, by) {
      const before = await readRun(metadata, run)
      if (before.status !== 'running') throw new TruelineError('run_finished', `${run} has ${before.status} before.`)
      const reason = new TruelineError('run_cancelled', `${run} was cancelled by ${by.name}.`)
      const at = parts.clock.now()
      await metadata.database
        .transaction()
        .execute((transaction) => recordAct(transaction, { by, at, action: 'run.cancel', target: run }))
      const under = going.get(run)
      if (under === undefined) {
        await endAsFailed(parts, run, reason)
        return await readRun(metadata, run)
      }
      under.stop.abort(reason)
      await under.ended.catch(() => undefined)
      return await readRun(metadata, run)
    },
  }
}

function hasWindows(project: ProjectDefinition, model: string): boolean {
  return planVector(project.models[model]!, project).groups.length > 0
}
