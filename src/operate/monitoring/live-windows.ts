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

/** The windows that are being counted: an hour of service inside a window of predictions, usually a day. */
export class LiveWindows {
  readonly #closed: ClosedWindow[] = []
  #watched: WatchedVersion
  #hourFrom: number
  #windowFrom: number
  #hour = new ServiceWindow()
  #service = new ServiceWindow()
  #predictions: PredictionWindow
  #next: number

  /** @param now from when on there is something to count, microseconds */
  constructor(watched: WatchedVersion, now: number) {
    this.#watched = watched
    this.#predictions = new PredictionWindow(watched.decoded)
    this.#hourFrom = now
    this.#windowFrom = now
    this.#next = this.#hourEnd()
  }

  /** When the next window closes, microseconds. */
  get closesAt(): number {
    return this.#next
  }

  /** Start of the window that is being counted, aligned. */
  get windowStart(): number {
    return Math.floor(this.#windowFrom / this.#length) * this.#length
  }

  /** Counts a prediction; what comes late counts in the present window. Without a score it failed. */
  observe(values: Float64Array, at: number, score: number, latency: number, failed: boolean, likeliest?: number): void {
    if (at >= this.#next) this.moveTo(at)
    this.#hour.add(latency, failed)
    if (!failed) this.#predictions.add(values, score, likeliest)
  }

  /** Counts a prediction of before a restart, not before `windowStart`; the hours before the present one were kept. */
  recount(values: Float64Array, at: number, score: number, latency: number, likeliest?: number): void {
    this.#windowFrom = this.windowStart
    this.#hourFrom = Math.floor(this.#hourFrom / this.#hourLength) * this.#hourLength
    const service = at >= this.#hourFrom ? this.#hour : this.#service
    service.add(latency, false)
    this.#predictions.add(values, score, likeliest)
  }

  /** Closes what is over at `now`. */
  moveTo(now: number): void {
    if (now < this.#next) return
    this.#closeHour(this.#hourEnd())
    const end = this.windowStart + this.#length
    if (now >= end) {
      this.#closeWindow(end)
      this.#windowFrom = Math.floor(now / this.#length) * this.#length
    }
    this.#hourFrom = Math.floor(now / this.#hourLength) * this.#hourLength
    this.#next = this.#hourEnd()
  }

  /** Closes everything at `now`: from here on another version serves. */
  serve(watched: WatchedVersion, now: number): void {
    this.moveTo(now)
    this.#closeHour(now)
    this.#closeWindow(now)
    this.#watched = watched
    this.#predictions = new PredictionWindow(watched.decoded)
    this.#hourFrom = now
    this.#windowFrom = now
    this.#next = this.#hourEnd()
  }

  /** The windows that closed since the last call, oldest first. */
  takeClosed(): ClosedWindow[] {
    return this.#closed.splice(0)
  }

  /** The windows that are being counted, as they stand. */
  present(now: number): {
    readonly hour: ClosedWindow
    readonly window: ClosedWindow & { predictions: PredictionWindow }
  } {
    const service = new ServiceWindow()
    service.merge(this.#service)
    service.merge(this.#hour)
    const shared = { ...this.#watched, to: now, whole: false }
    const hour = { ...shared, from: this.#hourFrom, service: this.#hour.point(now - this.#hourFrom) }
    const point = service.point(now - this.#windowFrom)
    return { hour, window: { ...shared, from: this.#windowFrom, service: point, predictions: this.#predictions } }
  }

  get #length(): number {
    return this.#watched.decoded.reference.windowLength
  }

  get #hourLength(): number {
    return Math.min(HOUR, this.#length)
  }

  #hourEnd(): number {
    return (Math.floor(this.#hourFrom / this.#hourLength) + 1) * this.#hourLength
  }

  #closeHour(to: number): void {
    const from = this.#hourFrom
    const window = { ...this.#watched, from, to, service: this.#hour.point(to - from), whole: true }
    if (this.#hour.n > 0 && this.#hourLength < this.#length) this.#closed.push(window)
    this.#service.merge(this.#hour)
    this.#hour = new ServiceWindow()
  }

  #closeWindow(to: number): void {
    const from = this.#windowFrom
    const whole = to - from >= (1 - MISSED) * this.#length
    const service = this.#service.point(to - from)
    if (this.#service.n > 0)
      this.#closed.push({ ...this.#watched, from, to, service, predictions: this.#predictions, whole })
    this.#service = new ServiceWindow()
    this.#predictions = new PredictionWindow(this.#watched.decoded)
  }
}
