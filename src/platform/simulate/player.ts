import { setImmediate, setTimeout } from 'node:timers/promises'
import type { VirtualClock } from '../../core/clock.ts'
import { DAY, formatTime, HOUR } from '../../core/time.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { isStreamed } from '../../language/define/prediction-stream.ts'
import type { DecodedPredictions } from '../../stores/log/prediction-block.ts'
import { auditAndCount } from '../app/audit.ts'
import type { OwnedPlatform } from '../app/open-platform.ts'
import { countAlertsOf } from './count-alerts.ts'
import { createHttpClient, type HttpClient } from './http-client.ts'
import type { Month } from './months.ts'
import { type History, type Moment, playTimeline } from './timeline.ts'

/** What is played, and how. */
export interface PlayOptions {
  readonly platform: OwnedPlatform
  readonly clock: VirtualClock
  readonly url: string
  readonly model: ModelDefinition
  readonly histories: readonly History[]
  /** What is predicted in [start, until) is reported, once its outcomes had their time to come. Microseconds. */
  readonly start: number
  readonly until: number
  /** About how many predictions there will be. */
  readonly expectedRows: number
  readonly onProgress: (sentence: string, done: number) => void
}

/** What a month of play showed, but for the outcomes, which come later. */
export interface PlayedMonth {
  readonly month: Month
  readonly predictions: number
  readonly alerts: number
  readonly p50: number | undefined
  readonly p99: number | undefined
  /** Goes on beside the months that follow. */
  readonly audit: Promise<MonthAudit>
  /** What served at its end. */
  readonly version: number
}

/** How the vectors of a month came out again. */
interface MonthAudit {
  readonly audited: number
  readonly mismatches: number
}

/** A candidate that came of the schedule. */
export interface Retrained {
  readonly version: number
  readonly verdict: string
  readonly promoted: boolean
}

const APPROVER = { name: 'domain-expert' }
const OPERATOR = { name: 'sre' }
/** One moment in so many has its predictions asked for over HTTP: fewer once there are enough of them. */
const HTTP_STRIDE = { first: 32, later: 128 }
const ENOUGH_OVER_HTTP = 12_000
/** About so many predictions are audited, besides all that went over HTTP. */
const ROWS_AUDITED = 200_000
/** The rollback drill comes a week after the start, or half way where there is less time. */
const DRILL_AFTER = 7 * DAY
/** How much of the history that follows is kept ready, to go on with at real speed. */
const PLAYED_ON = 7 * DAY
const PLAY_MODE = 'play'

/** Lives through the time of a rehearsal: every event when it became known, every question at its time. */
export class Player {
  readonly #options: PlayOptions
  /** When what is predicted before `until` has had all its time to come true, microseconds. */
  readonly #end: number
  readonly #moments: AsyncGenerator<Moment>
  readonly #http: HttpClient
  readonly retrained: Retrained[] = []
  /** Predictions that were asked for over HTTP. */
  overHttp = 0
  /** Real seconds of the drilled rollback, and back. */
  rollbackSeconds: number | undefined
  #pending: Moment | undefined
  #nextTick: number
  #nextDay: number
  #moment = 0
  /** Ends with the audit of the month before: one at a time. */
  #auditing: Promise<void> = Promise.resolve()

  constructor(options: PlayOptions) {
    const { histories, start, until, model, url } = options
    this.#options = options
    this.#end = until + model.label.within + model.label.grace
    this.#moments = playTimeline(histories, start, this.#end + PLAYED_ON)
    this.#http = createHttpClient(url)
    this.#nextTick = start + HOUR
    this.#nextDay = start + DAY
  }

  /** Plays on to the end of a month. */
  async playMonth(month: Month): Promise<PlayedMonth> {
    const { platform, model } = this.#options
    const serving = platform.parts.servings.get(model.name)!
    const before = serving.counts.predictions
    await this.#playUntil(month.to)
    serving.flush()
    const latencies = this.#http.takeLatencies()
    await this.#auditing
    const audit = this.#audit(month)
    // Whoever reads the month is told how it went.
    const ignored = (): void => undefined
    this.#auditing = audit.then(ignored, ignored)
    const range = { from: month.from, until: month.to }
    return {
      month,
      predictions: serving.counts.predictions - before,
      alerts: await countAlertsOf(platform.parts.metadata, model.name, range),
      p50: latencies.quantile(0.5),
      p99: latencies.quantile(0.99),
      audit,
      version: serving.served!.version,
    }
  }

  /** Plays on until every label of what is reported had its time to come. */
  async awaitOutcomes(): Promise<void> {
    const { platform, clock } = this.#options
    await this.#playUntil(this.#end)
    clock.advanceTo(this.#end)
    await platform.tick()
    await platform.parts.log.drained()
    await platform.parts.lake.flush()
  }

  /**
   * Goes on with the history at real speed, once the clock runs by itself and the platform's timers do what is due.
   * Resolves when the history ends, or it is told to stop.
   */
  async playOn(signal: AbortSignal): Promise<void> {
    const { clock, model } = this.#options
    // Events of a model with a stream are scored by the platform itself, now that it consumes.
    const stride = isStreamed(model) ? Number.POSITIVE_INFINITY : 1
    try {
      for (;;) {
        const next = this.#pending ?? (await this.#moments.next()).value
        this.#pending = undefined
        if (next === undefined) return
        const wait = next.at - clock.now()
        if (wait > 0) await setTimeout(wait / 1000, undefined, { signal })
        if (signal.aborted) return
        await this.#playMoment(next, stride)
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  /** Lets go of what it reads and asks with. */
  async close(): Promise<void> {
    this.#http.close()
    await this.#moments.return(undefined)
  }

  async #playUntil(time: number): Promise<void> {
    for (;;) {
      const next = this.#pending ?? (await this.#moments.next()).value
      if (next === undefined) return
      if (next.at >= time) {
        this.#pending = next
        return
      }
      this.#pending = undefined
      while (this.#nextTick <= next.at) await this.#tick()
      await this.#playMoment(next, this.overHttp < ENOUGH_OVER_HTTP ? HTTP_STRIDE.first : HTTP_STRIDE.later)
    }
  }

  /** @param stride one moment in so many has its predictions asked for over HTTP */
  async #playMoment({ at, rows }: Moment, stride: number): Promise<void> {
    const { platform, clock, model } = this.#options
    clock.advanceTo(at)
    await platform.hasRoom()
    for (const [stream, events] of rows) platform.parts.ingest.take(stream, events)
    const asking = rows.get(model.at)
    if (asking === undefined) return
    if (stride === Number.POSITIVE_INFINITY) return
    this.#moment += 1
    if (this.#moment % stride === 0) await this.#askOverHttp(asking)
    else await platform.predict(model.name, asking, { mode: PLAY_MODE })
  }

  async #askOverHttp(rows: readonly unknown[]): Promise<void> {
    const path = `/v1/models/${this.#options.model.name}/predict`
    await Promise.all(rows.map((row) => this.#http.post(path, { rows: [row] })))
    this.overHttp += rows.length
  }

  /** What the timers do when the platform runs at real speed, once a virtual hour. */
  async #tick(): Promise<void> {
    const { platform, clock, start, until, onProgress } = this.#options
    const at = this.#nextTick
    this.#nextTick += HOUR
    clock.advanceTo(at)
    for (const serving of platform.parts.servings.values()) serving.flush()
    await platform.tick()
    // Whoever looks at the console gets an answer.
    await setImmediate()
    if (at < this.#nextDay) return
    this.#nextDay += DAY
    onProgress(`living through ${formatTime(at).slice(0, 10)}`, Math.min(1, (at - start) / (until - start)))
    await this.#decideOnCandidates()
    if (this.rollbackSeconds === undefined && at >= start + Math.min(DRILL_AFTER, (until - start) / 2))
      await this.#drillRollback()
  }

  /** A person looks at each candidate once a day, and goes by the gate. */
  async #decideOnCandidates(): Promise<void> {
    const { platform, model } = this.#options
    const versions = await platform.models(model.name)
    for (const { version, state, gate = 'insufficient', gateSentence = '' } of versions) {
      if (state !== 'candidate') continue
      const promoted = gate === 'pass'
      if (promoted) {
        await platform.approve(model.name, version, APPROVER, gateSentence)
        await platform.promote(model.name, version, APPROVER, gateSentence)
      } else await platform.reject(model.name, version, APPROVER, gateSentence)
      this.retrained.push({ version, verdict: gate, promoted })
    }
  }

  /** Rolls back, sees the version before answer over HTTP, and goes forward again. */
  async #drillRollback(): Promise<void> {
    const { platform, model, clock } = this.#options
    const [newest] = (await platform.models(model.name)).filter(({ serving }) => serving)
    if (newest === undefined) return
    const back = await platform.rollback(model.name, OPERATOR, 'Rollback drill.')
    const path = `/v2/models/${model.name}`
    const seen = await this.#http.get(path)
    if ((seen as { versions?: string[] }).versions?.[0] !== String(back.version))
      throw new Error(`after the rollback to ${back.version}, ${path} answered ${JSON.stringify(seen)}`)
    clock.advanceTo(clock.now() + 1)
    await platform.promote(model.name, newest.version, OPERATOR, 'The rollback drill is over.')
    this.rollbackSeconds = back.seconds
  }

  async #audit({ from, to }: Month): Promise<MonthAudit> {
    const { platform, model, expectedRows } = this.#options
    const stride = Math.max(1, Math.floor(expectedRows / ROWS_AUDITED))
    const chosen = (block: DecodedPredictions, index: number): boolean =>
      index % stride === 0 || block.mode(index) !== PLAY_MODE
    const answer = await auditAndCount(platform.parts, { model: model.name, from, to, chosen })
    return { audited: answer.checked, mismatches: answer.mismatches }
  }
}
