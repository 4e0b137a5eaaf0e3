import type { Clock } from '../../core/clock.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import { inSlices, type Slices } from '../../core/slices.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts'
import type { LabelDefinition, ModelDefinition } from '../../language/define/definitions.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { AlertDesk } from './alert-desk.ts'
import type { AlertKind } from './alert-kinds.ts'
import { createCohortQueue } from './cohort-queue.ts'
import { Conditions, type Finding } from './conditions.ts'
import { DataWatch } from './data-watch.ts'
import type { DriftPoint } from './drift-window.ts'
import {
  createLabelJoin,
  type EarlyOutcome,
  type LabelJoinOptions,
  type Outcome,
  type PredictionToJoin,
} from './label-join.ts'
import { type ClosedWindow, LiveWindows } from './live-windows.ts'
import type { FailedRows, MonitorState } from './monitor-state.ts'
import { type CohortPoint, OutcomeWatch, outcomePoints } from './outcome-watch.ts'
import { decodeReference, type PredictionPoint } from './prediction-window.ts'
import type { MonitoringReference } from './reference.ts'
import { restoreMonitor } from './restore-monitor.ts'
import { scoreFinding } from './score-finding.ts'
import { ServiceMeter } from './service-meter.ts'
import { objectivesOf, serviceFindings } from './service-watch.ts'
import { type MonitorWindow, saveWindows } from './window-store.ts'

/** Outcomes that lie further back than this before present predictions, beyond the wait for a label, are of another time. */
const LONG_AGO = 365 * DAY
const TOLD_BY_BUDGET = 'The alert about the error budget tells of it.'

/** What a monitor needs. */
export interface ModelMonitorOptions {
  /** As the project says now: its classes number outcomes. */
  readonly definition: ModelDefinition
  /** The version that serves now, and what it is compared with. */
  readonly version: number
  readonly reference: MonitoringReference
  readonly clock: Clock
  /** In which cohorts are judged, as others have their turn in between. */
  readonly slices: Slices
  readonly metadata: Metadata
  readonly desk: AlertDesk
  /** Whether another alert tells of the same, about the service; none does unless given. */
  readonly isTold?: (kind: AlertKind) => boolean
  /** Told of outcomes that lie before their prediction. */
  readonly deadLetter: (outcome: EarlyOutcome) => void
  /** Told of mature cohorts that nothing can be said about. */
  readonly lost: (cohort: CohortPoint) => void
}

/** A prediction of before a restart, as the prediction log has it. */
export interface PastPrediction extends Omit<PredictionToJoin, 'labelKey'> {
  /** Undefined where a part of the key is null: it has no outcome. */
  readonly labelKey: string | undefined
  /** The vector, until the next prediction is read. */
  readonly values: () => Float64Array
  /** When it was made, microseconds. */
  readonly at: number
  /** Microseconds. */
  readonly latency: number
  /** Of a model of several classes the number of the likeliest one. */
  readonly likeliest?: number | undefined
}

/** An outcome that became known, or what takes the place of one; without `next` it is deleted. */
export interface OutcomeChange {
  readonly old?: Outcome
  readonly next?: Outcome
}

/** The past, as the logs have it, in any order, some of it at a time. Times are microseconds. */
export interface Past {
  /**
   * Counts the answers of a version from before the monitor was made, from a minute on: how many there were in each, in some
   * parts.
   * @param latenciesFrom those from here on are told with how long they took, microseconds, and the others without
   */
  answers(
    range: { readonly version: number; readonly from: number; readonly latenciesFrom: number },
    tell: (minute: number, count: number, latency: number | undefined) => void,
  ): Promise<void>
  /** Whether a prediction from before the monitor was made, of any version, asked about a time in a range whose end is excluded. */
  isAsked(from: number, to: number): Promise<boolean>
  /** Predictions of the model from before the monitor was made, all versions, whose t or time of serving is `from` or later. */
  predictions(from: number): AsyncIterable<Iterable<PastPrediction>>
  /**
   * Events of the label's stream with an event time of `from` or later, and all that became known since the monitor was
   * made, up to the end of reading: it is told of the others when they come.
   */
  outcomes(from: number): AsyncIterable<Iterable<OutcomeChange>>
}

/** The windows that are being counted and the cohorts that are not mature: what is not in the store yet. */
export interface PresentWindows {
  readonly hour: ClosedWindow
  readonly window: ClosedWindow
  readonly features: readonly DriftPoint[]
  readonly prediction: PredictionPoint | undefined
  readonly outcomes: readonly CohortPoint[]
}

/** Watches one model: service, inputs, scores and outcomes of whichever version serves. */
export interface ModelMonitor {
  /**
   * Counts one prediction, in some 450 ns for 34 values.
   * @param values the vector in the order of the reference; NaN is a missing value
   * @param at when it was made, microseconds
   * @param latency microseconds
   * @param failed there is no score; values and score are ignored
   * @param likeliest of a model of several classes the number of the likeliest one
   */
  observe(values: Float64Array, at: number, score: number, latency: number, failed?: boolean, likeliest?: number): void
  /** A prediction that waits for its outcome. */
  predicted(prediction: PredictionToJoin): void
  /**
   * An event of the label's stream that became known, or one that was corrected or deleted, which changes the figures of its
   * cohort unless that was judged.
   */
  outcome(change: OutcomeChange): void
  /** Another version serves from now on: it is judged anew, and alerts about the one before are resolved. */
  serve(version: number, reference: MonitoringReference): void
  /** When `advance` has something to do next, microseconds; infinity when nothing was observed. */
  readonly due: number
  /**
   * Closes what is over at `now`: windows are judged and kept, alerts raised and resolved. Nothing is while the past is being
   * read back.
   * @throws why the past could not be read back
   */
  advance(now: number): Promise<void>
  /** Keeps what is not kept yet, and leaves off reading back; windows that are being counted are not closed. */
  close(): Promise<void>
  /**
   * Reads back what a restart made forget, in slices; meanwhile predictions may be observed. It begins before anything is.
   */
  recover(past: Past): Promise<void>
  /**
   * Reads back no more than `state` shows: the answers of the last hour, which are counted where they are stored, however many
   * there were. The rest may be read back afterwards.
   */
  recoverHour(past: Past): Promise<void>
  /** What is being counted, as it stands; cohorts, which take long, as they stood a moment before. */
  present(now: number): Promise<PresentWindows>
  /** What the version that serves is compared with. */
  readonly reference: MonitoringReference
  /** What is known now, in memory: cheap. */
  state(now: number): MonitorState
}

/**
 * A monitor that goes on where the one before a restart stopped, as far as the store tells; `recover` does the rest.
 * @throws TruelineError `artifact_corrupt` for a damaged reference, `invalid_parameter` for a window length of 0
 */
export async function createModelMonitor(options: ModelMonitorOptions): Promise<ModelMonitor> {
  const { definition, clock, slices, metadata, desk, deadLetter, lost, isTold = () => false } = options
  const { name: model, task, label, monitor, serve } = definition
  const { windowLength } = options.reference
  const driftSettings = { psi: monitor.psi, alpha: monitor.alpha, minimum: monitor.minimum }
  const objectives = objectivesOf(serve.slo, monitor.minimum)
  const meter = new ServiceMeter(objectives)
  /** Answers of the version that serves: what alerts about the service are judged by goes on from one version to the next. */
  let answered = new ServiceMeter(objectives)
  const ofVersion = new Conditions(model, desk)
  const ofService = new Conditions(model, desk)
  const watchOf = (reference: MonitoringReference): OutcomeWatch =>
    new OutcomeWatch(reference, {
      minimum: monitor.minimum,
      drop: monitor.performanceDrop,
      watchCoverage: label.absent === 'exclude',
    })

  let version = options.version
  let reference = options.reference
  let data = new DataWatch(reference)
  let outcomes = watchOf(reference)
  let lastOutcome: MonitorState['lastOutcome']
  /** The last outcome, if it was found to be of another time than the predictions that wait for theirs. */
  let ofLongAgo: MonitorState['lastOutcome']
  let lastHour: ClosedWindow | undefined
  let evaluatedMinute = Number.NEGATIVE_INFINITY
  let running: Promise<void> | undefined
  let recovering: Promise<void> | undefined
  /** Since the answers of the last hour are read back. */
  let hourRead: Promise<void> | undefined
  /** What went wrong with reading back. */
  let unread: { readonly reason: unknown } | undefined
  let isClosed = false
  let judging: Promise<void> | undefined
  let unjudged = 0
  const looks = oneAtATime()
  const queue = createCohortQueue(task)
  let savedAt = clock.elapsed()
  const unsaved: MonitorWindow[] = []
  const tasks: (() => Promise<void>)[] = []
  const live = new LiveWindows({ version, decoded: decodeReference(reference) }, clock.now())

  const restored = await restoreMonitor(metadata, desk, {
    ...{ model, version, reference, now: clock.now(), ofVersion, ofService, data, outcomes },
  })
  lastOutcome = restored.lastOutcome
  const { within, grace, classes } = label
  const { judgedUntil } = restored
  const outputs = classes?.length ?? 1
  const join = createLabelJoin(
    { within, grace, absent: absentOf(label), outputs, cohortLength: windowLength, judgedUntil },
    deadLetter,
  )

  function later(work: (() => Promise<void>) | undefined): void {
    if (work !== undefined) tasks.push(work)
  }

  function takeFindings(conditions: Conditions, findings: readonly Finding[]): void {
    for (const finding of findings) later(conditions.take(finding))
  }

  function closeWindows(): void {
    for (const closed of live.takeClosed()) {
      const { from, to, service, predictions, whole } = closed
      const stretch = { model, version: closed.version, start: from, length: to - from }
      unsaved.push({ ...stretch, kind: 'service', payload: service })
      if (predictions === undefined) lastHour = closed
      const scores = predictions?.judgeScores(driftSettings, whole)
      if (predictions === undefined || scores === undefined) continue
      const points = predictions.judgeFeatures(driftSettings, whole)
      unsaved.push({ ...stretch, kind: 'prediction', payload: scores })
      for (const [index, feature] of closed.decoded.reference.features.entries())
        unsaved.push({ ...stretch, kind: 'data', feature: feature.name, payload: points[index] })
      if (closed.version !== version) continue
      const findings = data.take({ model, version }, points, from)
      takeFindings(ofVersion, [...findings, scoreFinding({ model, version }, reference, scores, from)])
    }
  }

  async function judgeCohorts(now: number): Promise<void> {
    const mature = await inSlices(join.takeMature(now), slices)
    for (const cohort of await queue.measure(mature, now)) {
      const { version: ofCohort, from, to, ...point } = cohort
      if (point.fault !== undefined) {
        unjudged += point.predictions
        lost(cohort)
      }
      unsaved.push({ model, version: ofCohort, kind: 'outcome', start: from, length: to - from, payload: point })
      if (ofCohort !== version) continue
      lastOutcome = { until: to, point }
      takeFindings(ofVersion, outcomes.take({ model, version }, point, from, to))
    }
  }

  /** Predictions that ask about long ago are judged at once, and say nothing of those that wait for their outcomes. */
  function isPresent(outcome: MonitorState['lastOutcome'], now: number): boolean {
    if (outcome === undefined) return true
    return outcome !== ofLongAgo && join.newestBegun(now) - outcome.until <= within + grace + LONG_AGO
  }

  /** The same of predictions that are not read back: whether there are any of later cohorts that have begun. */
  async function findLongAgo(past: Past, now: number): Promise<void> {
    if (lastOutcome === undefined) return
    const later = lastOutcome.until + within + grace + LONG_AGO
    const from = Math.max(join.judgedUntil, startOfCohort(later) + windowLength)
    const to = startOfCohort(now) + windowLength
    if (from < to && (await past.isAsked(from, to))) ofLongAgo = lastOutcome
  }

  function startOfCohort(time: number): number {
    return Math.floor(time / windowLength) * windowLength
  }

  function judgeService(now: number): void {
    const minute = Math.floor(now / MINUTE)
    if (minute <= evaluatedMinute || !meter.active(now)) return
    evaluatedMinute = minute
    meter.moveTo(now)
    for (const finding of serviceFindings({ model, version }, meter, objectives, minute * MINUTE))
      later(isTold(finding.kind) ? ofService.cede(finding, TOLD_BY_BUDGET) : ofService.take(finding))
  }

  /** Hours of service may wait: on a virtual clock many of them pass in a second. */
  function mustSave(): boolean {
    if (clock.elapsed() - savedAt >= SECOND) return unsaved.length > 0
    return unsaved.some(({ kind, length }) => kind !== 'service' || length === windowLength)
  }

  /** Saves and alerts, in order; what failed stays, to be tried again. */
  async function work(always: boolean): Promise<void> {
    while (tasks.length > 0 || mustSave() || (always && unsaved.length > 0)) {
      const saving = unsaved.slice()
      if (saving.length > 0) await saveWindows(metadata, saving)
      unsaved.splice(0, saving.length)
      savedAt = clock.elapsed()
      while (tasks[0] !== undefined) {
        await tasks[0]()
        tasks.shift()
      }
    }
  }

  function start(always: boolean): Promise<void> {
    running ??= work(always).finally(() => {
      running = undefined
    })
    return running
  }

  function takeOutcome({ old, next }: OutcomeChange): void {
    if (old === undefined && next !== undefined) join.outcome(next)
    else join.correct(old, next)
  }

  /** Gives each item to `take`, and others their turn in between; leaves off when the monitor is closed. */
  async function each<Item>(lists: AsyncIterable<Iterable<Item>>, take: (item: Item) => void): Promise<void> {
    const slice = slices.begin()
    for await (const list of lists) {
      for (const item of list) {
        take(item)
        if (slice.isOver()) await slice.next()
      }
      if (isClosed) return
    }
  }

  /** Counted where they are stored, so that it takes no time even where the rest takes long. */
  async function readHour(past: Past): Promise<void> {
    const { firstHour } = live
    const now = clock.now()
    const meterOfVersion = answered
    meterOfVersion.moveTo(now)
    const from = Math.min(firstHour, now - HOUR)
    await past.answers({ version, from, latenciesFrom: firstHour }, (minute, count, latency) => {
      meterOfVersion.recount(minute, count)
      if (latency !== undefined) live.recountAnswers(latency, count)
    })
  }

  async function readBack(past: Past): Promise<void> {
    const { windowStart } = live
    const { judgedUntil } = join
    const watched = version
    hourRead ??= readHour(past)
    await hourRead
    let earliest = Number.POSITIVE_INFINITY
    await each(past.predictions(Math.min(judgedUntil, windowStart)), (prediction) => {
      const { t, at, values, score, latency, likeliest, labelKey } = prediction
      if (t >= judgedUntil && labelKey !== undefined) {
        join.predicted({ ...prediction, labelKey })
        earliest = Math.min(earliest, t)
      }
      if (prediction.version === watched && at >= windowStart) live.recount(values(), at, score, latency, likeliest)
    })
    // An outcome may lie up to a cohort's length before its prediction: then it is reported.
    if (!isClosed) await each(past.outcomes(earliest - windowLength), takeOutcome)
  }

  return {
    observe(values, at, score, latency, failed = false, likeliest) {
      const without = failed || Number.isNaN(score)
      meter.add(at, latency, without)
      if (!failed) answered.add(at, latency, false)
      live.observe(values, at, score, latency, without, likeliest)
    },
    predicted: join.predicted,
    outcome: takeOutcome,
    serve(nextVersion, nextReference) {
      if (nextVersion === version) return
      live.serve({ version: nextVersion, decoded: decodeReference(nextReference) }, clock.now())
      closeWindows()
      version = nextVersion
      reference = nextReference
      data = new DataWatch(reference)
      outcomes = watchOf(reference)
      lastOutcome = undefined
      lastHour = undefined
      answered = new ServiceMeter(objectives)
      later(ofVersion.reset(`Version ${version} serves now.`))
    },
    get reference() {
      return reference
    },
    get due() {
      if (recovering !== undefined) return unread === undefined ? Number.POSITIVE_INFINITY : 0
      const minute = meter.active(clock.now()) ? (evaluatedMinute + 1) * MINUTE : Number.POSITIVE_INFINITY
      return Math.min(tasks.length > 0 ? 0 : minute, live.closesAt, join.nextMature, queue.due)
    },
    async advance(now) {
      if (unread !== undefined) throw unread.reason
      if (recovering !== undefined) return
      live.moveTo(now)
      closeWindows()
      judgeService(now)
      if (now >= Math.min(join.nextMature, queue.due))
        judging ??= looks(() => judgeCohorts(now)).finally(() => {
          judging = undefined
        })
      await judging
      await start(false)
    },
    async close() {
      isClosed = true
      // Whoever began it is told of its trouble.
      await Promise.allSettled([recovering, hourRead])
      await looks(async () => undefined)
      await running
      await start(true)
    },
    async recover(past) {
      recovering = readBack(past)
      try {
        await recovering
        if (!isClosed) recovering = undefined
      } catch (thrown) {
        unread = { reason: thrown }
        throw thrown
      }
    },
    async recoverHour(past) {
      hourRead ??= readHour(past)
      await hourRead
      await findLongAgo(past, clock.now())
    },
    async present(now) {
      const immature = await looks(async () => await outcomePoints(task, await inSlices(join.immature(now), slices)))
      const { hour, window } = live.present(now)
      return {
        hour,
        window,
        features: window.predictions.judgeFeatures(driftSettings, false),
        prediction: window.predictions.judgeScores(driftSettings, false),
        outcomes: immature,
      }
    },
    state(now) {
      const { hour } = live.present(now)
      answered.moveTo(now)
      meter.moveTo(now)
      const isAsked = answered.lastHour > 0
      return {
        version,
        lastHour: answered.lastHour,
        perMinute: answered.perMinute,
        failures: failedRows(meter, objectives.failuresAllowed),
        p99: isAsked ? (hour.service.n < monitor.minimum ? lastHour : hour)?.service.p99 : undefined,
        expected: reference.expected,
        lastOutcome: isPresent(lastOutcome, now) ? lastOutcome : undefined,
        performance: outcomes.judgement,
        late: join.late,
        unjudged,
        drift: data.open.map(({ leader, since, drifted }) => ({ feature: drifted[0]?.feature ?? leader, since })),
        open: [...ofService.open(), ...ofVersion.open()],
        isReadingBack: recovering !== undefined && unread === undefined,
      }
    },
  }
}

function failedRows(meter: ServiceMeter, allowed: number): FailedRows {
  const { n, share, low } = meter.failures()
  return { n, failed: Math.round(share * n), isTooMany: low > allowed }
}

/** What an absent outcome means, as a number; one that is none of the classes labels nothing. */
function absentOf({ absent, classes }: LabelDefinition): LabelJoinOptions['absent'] {
  if (absent === 'exclude') return absent
  if (classes === undefined) return { value: Number(absent.value) }
  const value = classes.indexOf(String(absent.value))
  return value === -1 ? 'exclude' : { value }
}
