import { modulo } from '../../core/math/modulo.ts'
import { MINUTE } from '../../core/time.ts'
import { wilsonInterval } from '../../stats/intervals/wilson.ts'
import type { WindowVerdict } from './persistence.ts'

const MINUTES = 60
const RECENT = 5

/** Which answers are bad in what sense, and what share of them the objective allows. */
export interface ServiceObjectives {
  /** An answer slower than this is slow, microseconds; absent: none is. */
  readonly latency?: number
  /** Share of answers that may be slow, 0 to 1. */
  readonly slowAllowed: number
  /** Share of predictions that may fail, 0 to 1. */
  readonly failuresAllowed: number
  /** Fewest predictions in an hour that are judged. */
  readonly minimum: number
}

/** How an objective did over the last hour. */
export interface BurnJudgement {
  readonly verdict: WindowVerdict
  readonly n: number
  /** Share of bad answers over the last hour with the lower end of its 95% interval, and over the last five minutes. */
  readonly share: number
  readonly low: number
  readonly recent: number
}

/** The share of bad answers must be surely above this multiple of what the objective allows. */
const BURN = 2

/**
 * Counts predictions, slow answers and failures of the last hour by the minute, in fixed memory.
 *
 * An objective is `bad` when over the last hour surely more than twice its share was bad, and over the last five minutes
 * more than its share still is: the two windows of the SRE workbook's burn-rate alerts, so that neither a blip pages nor
 * something that is over already. `good` when the last five minutes are within it.
 */
export class ServiceMeter {
  readonly #objectives: ServiceObjectives
  readonly #answers = new Float64Array(MINUTES)
  readonly #slow = new Float64Array(MINUTES)
  readonly #failed = new Float64Array(MINUTES)
  #first = Number.NEGATIVE_INFINITY
  #minute = Number.NEGATIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  constructor(objectives: ServiceObjectives) {
    this.#objectives = objectives
  }

  /**
   * Counts one prediction.
   * @param at microseconds; not before an earlier call by more than a minute
   * @param latency microseconds
   */
  add(at: number, latency: number, failed: boolean): void {
    this.moveTo(at)
    this.#last = this.#minute
    const slot = modulo(this.#minute, MINUTES)
    this.#answers[slot] = this.#answers[slot]! + 1
    if (failed) this.#failed[slot] = this.#failed[slot]! + 1
    if (latency > (this.#objectives.latency ?? Number.POSITIVE_INFINITY)) this.#slow[slot] = this.#slow[slot]! + 1
  }

  /**
   * Counts predictions of one minute of before a restart, in any order, once `moveTo` was told how late it is by now; those from
   * before the last hour are left out.
   */
  recount(at: number, count = 1): void {
    const minute = Math.floor(at / MINUTE)
    if (minute > this.#minute || this.#minute - minute >= MINUTES) return
    this.#first = Math.min(this.#first, minute)
    this.#last = Math.max(this.#last, minute)
    const slot = modulo(minute, MINUTES)
    this.#answers[slot] = this.#answers[slot]! + count
  }

  /** Whether there was a prediction within the hour before `now`. */
  active(now: number): boolean {
    return Math.floor(now / MINUTE) - this.#last < MINUTES
  }

  /** Moves on to the minute of `at`, forgetting what is an hour old. */
  moveTo(at: number): void {
    const minute = Math.floor(at / MINUTE)
    if (minute <= this.#minute) return
    if (this.#first === Number.NEGATIVE_INFINITY) this.#first = minute
    const first = Math.max(this.#minute + 1, minute - MINUTES + 1)
    for (let passed = first; passed <= minute; passed++) {
      const slot = modulo(passed, MINUTES)
      this.#answers[slot] = 0
      this.#slow[slot] = 0
      this.#failed[slot] = 0
    }
    this.#minute = minute
  }

  /** Predictions within the last hour. */
  get lastHour(): number {
    return total(this.#answers, this.#minute, MINUTES)
  }

  /** Predictions a minute over the last hour, or since the first prediction. */
  get perMinute(): number {
    return this.lastHour / Math.min(MINUTES, Math.max(1, this.#minute - this.#first + 1))
  }

  /** How the latency objective did; undefined when there is none. */
  latency(): BurnJudgement | undefined {
    return this.#objectives.latency === undefined ? undefined : this.#judge(this.#slow, this.#objectives.slowAllowed)
  }

  /** How the availability objective did. */
  failures(): BurnJudgement {
    return this.#judge(this.#failed, this.#objectives.failuresAllowed)
  }

  #judge(bad: Float64Array, allowed: number): BurnJudgement {
    const n = total(this.#answers, this.#minute, MINUTES)
    const ofHour = total(bad, this.#minute, MINUTES)
    const recentAnswers = total(this.#answers, this.#minute, RECENT)
    const recent = recentAnswers === 0 ? 0 : total(bad, this.#minute, RECENT) / recentAnswers
    const share = n === 0 ? 0 : ofHour / n
    const low = wilsonInterval(ofHour, n)?.low ?? 0
    const figures = { n, share, low, recent }
    if (n < this.#objectives.minimum || recentAnswers === 0) return { verdict: 'unknown', ...figures }
    if (recent <= allowed) return { verdict: 'good', ...figures }
    return { verdict: low > BURN * allowed ? 'bad' : 'unknown', ...figures }
  }
}

function total(counts: Float64Array, minute: number, minutes: number): number {
  if (minute === Number.NEGATIVE_INFINITY) return 0
  let sum = 0
  for (let back = 0; back < minutes; back++) sum += counts[modulo(minute - back, MINUTES)]!
  return sum
}
