import { HOUR } from '../../core/time.ts'
import { type DecodedReference, PredictionWindow } from './prediction-window.ts'
import type { ServicePoint } from './service-window.ts'
import { ServiceWindow } from './service-window.ts'

/** The version that serves and what it is compared with. */
export interface WatchedVersion {
  readonly version: number
  readonly decoded: DecodedReference
}

/** An hour of service, or a window of service and predictions, that is over. */
export interface ClosedWindow extends WatchedVersion {
  readonly from: number
  readonly to: number
  readonly service: ServicePoint
  /** Absent for an hour. */
  readonly predictions?: PredictionWindow
  /** The window was watched over its full length. */
  readonly whole: boolean
}

/** A window may miss this share of its length and still count as whole. */
const MISSED = 0.02

/** An hour or a window while it is counted: what it is compared with, and where it ends once that is known. */
interface OpenWindow extends WatchedVersion {
  from: number
  to?: number
  readonly service: ServiceWindow
}

interface OpenWindowOfPredictions extends OpenWindow {
  readonly predictions: PredictionWindow
}

/** The windows that are being counted: an hour of service inside a window of predictions, usually a day. */
export class LiveWindows {
  /** Those that are over, as the counts of before a restart may still be added to them. */
  readonly #closed: (OpenWindow | OpenWindowOfPredictions)[] = []
  /** What was counted at first, and where it begins with what was counted before a restart. */
  readonly #first: {
    readonly hour: OpenWindow
    readonly window: OpenWindowOfPredictions
    readonly hourFrom: number
    readonly windowFrom: number
  }
  /** Since the answers of the first hour from before a restart were told by themselves. */
  #isHourRecounted = false
  #watched: WatchedVersion
  #hour: OpenWindow
  #window: OpenWindowOfPredictions
  #next: number

  /** @param now from when on there is something to count, microseconds */
  constructor(watched: WatchedVersion, now: number) {
    this.#watched = watched
    this.#hour = this.#newHour(now)
    this.#window = this.#newWindow(now)
    const [hourFrom, windowFrom] = [this.#startOfHour(now), this.#startOf(now)]
    this.#first = { hour: this.#hour, window: this.#window, hourFrom, windowFrom }
    this.#next = this.#hourEnd()
  }

  /** When the next window closes, microseconds. */
  get closesAt(): number {
    return this.#next
  }

  /** Start of the window that is being counted, aligned. */
  get windowStart(): number {
    return this.#startOf(this.#window.from)
  }

  /** Counts a prediction; what comes late counts in the present window. Without a score it failed. */
  observe(values: Float64Array, at: number, score: number, latency: number, failed: boolean, likeliest?: number): void {
    if (at >= this.#next) this.moveTo(at)
    this.#hour.service.add(latency, failed)
    if (!failed) this.#window.predictions.add(values, score, likeliest)
  }

  /** When the hour began that was the present one at the beginning, microseconds. */
  get firstHour(): number {
    return this.#first.hourFrom
  }

  /**
   * Counts answers of before a restart that took equally long, all in the hour that was the present one at the beginning, also if
   * that is over by now. Who tells of some tells of all of them, and `recount` leaves them out.
   */
  recountAnswers(latency: number, count: number): void {
    const { hour, window, hourFrom } = this.#first
    this.#isHourRecounted = true
    hour.from = hourFrom
    hour.service.addAnswers(latency, count)
    if (hour.to !== undefined) window.service.addAnswers(latency, count)
  }

  /**
   * Counts a prediction of before a restart, in the window that was the present one at the beginning, also if that is over
   * by now; it must not lie before that window's start. The hours before the one at the beginning were kept.
   */
  recount(values: Float64Array, at: number, score: number, latency: number, likeliest?: number): void {
    const { hour, window, hourFrom, windowFrom } = this.#first
    window.from = windowFrom
    hour.from = hourFrom
    window.predictions.add(values, score, likeliest)
    const isOfHour = at >= hourFrom
    if (isOfHour && this.#isHourRecounted) return
    if (isOfHour) hour.service.add(latency, false)
    // An hour that is over was added to its window.
    if (!isOfHour || hour.to !== undefined) window.service.add(latency, false)
  }

  /** Closes what is over at `now`. */
  moveTo(now: number): void {
    if (now < this.#next) return
    this.#closeHour(this.#hourEnd())
    const end = this.windowStart + this.#length
    if (now >= end) {
      this.#closeWindow(end)
      this.#window = this.#newWindow(this.#startOf(now))
    }
    this.#hour = this.#newHour(this.#startOfHour(now))
    this.#next = this.#hourEnd()
  }

  /** Closes everything at `now`: from here on another version serves. */
  serve(watched: WatchedVersion, now: number): void {
    this.moveTo(now)
    this.#closeHour(now)
    this.#closeWindow(now)
    this.#watched = watched
    this.#hour = this.#newHour(now)
    this.#window = this.#newWindow(now)
    this.#next = this.#hourEnd()
  }

  /** The windows that closed since the last call, oldest first. */
  takeClosed(): ClosedWindow[] {
    return this.#closed.splice(0).flatMap((window) => closedWindow(window))
  }

  /** The windows that are being counted, as they stand. */
  present(now: number): {
    readonly hour: ClosedWindow
    readonly window: ClosedWindow & { predictions: PredictionWindow }
  } {
    const service = new ServiceWindow()
    service.merge(this.#window.service)
    service.merge(this.#hour.service)
    const shared = { ...this.#watched, to: now, whole: false }
    const { from: hourFrom, service: ofHour } = this.#hour
    const { from, predictions } = this.#window
    const hour = { ...shared, from: hourFrom, service: ofHour.point(now - hourFrom) }
    return { hour, window: { ...shared, from, service: service.point(now - from), predictions } }
  }

  get #length(): number {
    return this.#watched.decoded.reference.windowLength
  }

  get #hourLength(): number {
    return Math.min(HOUR, this.#length)
  }

  #startOf(time: number): number {
    return Math.floor(time / this.#length) * this.#length
  }

  #startOfHour(time: number): number {
    return Math.floor(time / this.#hourLength) * this.#hourLength
  }

  #hourEnd(): number {
    return this.#startOfHour(this.#hour.from) + this.#hourLength
  }

  #newHour(from: number): OpenWindow {
    return { ...this.#watched, from, service: new ServiceWindow() }
  }

  #newWindow(from: number): OpenWindowOfPredictions {
    return { ...this.#newHour(from), predictions: new PredictionWindow(this.#watched.decoded) }
  }

  #closeHour(to: number): void {
    this.#hour.to = to
    if (this.#hourLength < this.#length) this.#closed.push(this.#hour)
    this.#window.service.merge(this.#hour.service)
  }

  #closeWindow(to: number): void {
    this.#window.to = to
    this.#closed.push(this.#window)
  }
}

/** None of a window in which nothing was counted. */
function closedWindow(window: OpenWindow | OpenWindowOfPredictions): ClosedWindow[] {
  const { version, decoded, from, to, service } = window
  if (service.n === 0 || to === undefined) return []
  const shared = { version, decoded, from, to, service: service.point(to - from) }
  if (!('predictions' in window)) return [{ ...shared, whole: true }]
  const whole = to - from >= (1 - MISSED) * decoded.reference.windowLength
  return [{ ...shared, predictions: window.predictions, whole }]
}
