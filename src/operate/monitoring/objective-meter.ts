import { modulo } from '../../core/math/modulo.ts'
import { MINUTE } from '../../core/time.ts'

/** Answers of a stretch of time, and which of them were no good. */
export interface ObjectiveCounts {
  readonly answers: number
  /** Slower than promised. */
  readonly slow: number
  /** Not given, by our fault. */
  readonly faults: number
}

/** Counts of one minute, by its number since 1970, negative before. */
export interface ObjectiveMinute extends ObjectiveCounts {
  readonly minute: number
}

const NOTHING: ObjectiveCounts = { answers: 0, slow: 0, faults: 0 }

/**
 * Counts answers by the minute over a long window. What is kept of each minute is the total up to its end, so that any
 * window costs one subtraction; a megabyte for 30 days.
 */
export class ObjectiveMeter {
  readonly #bound: number
  readonly #slots: number
  readonly #answers: Float64Array
  readonly #slow: Float64Array
  readonly #faults: Float64Array
  #total = { answers: 0, slow: 0, faults: 0 }
  #first = Number.POSITIVE_INFINITY
  #minute = Number.NEGATIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  /**
   * @param window the longest that is asked for, microseconds
   * @param bound a longer answer is slow, microseconds
   */
  constructor(window: number, bound = Number.POSITIVE_INFINITY) {
    this.#bound = bound
    this.#slots = Math.ceil(window / MINUTE) + 1
    this.#answers = new Float64Array(this.#slots)
    this.#slow = new Float64Array(this.#slots)
    this.#faults = new Float64Array(this.#slots)
  }

  /**
   * Counts one answer, or one that should have been; what comes late counts in the present minute.
   * @param latency microseconds; ignored of a fault
   */
  add(at: number, latency: number, fault: boolean): void {
    const isSlow = !fault && latency > this.#bound
    this.count({
      ...{ minute: Math.floor(at / MINUTE), answers: 1 },
      ...{ slow: isSlow ? 1 : 0, faults: fault ? 1 : 0 },
    })
  }

  /** Adds what was counted of a minute, in the order of time. */
  count({ minute, answers, slow, faults }: ObjectiveMinute): void {
    this.moveTo(minute * MINUTE)
    this.#first = Math.min(this.#first, this.#minute)
    this.#last = this.#minute
    this.#total.answers += answers
    this.#total.slow += slow
    this.#total.faults += faults
  }

  /** Moves on to the minute of `at`. */
  moveTo(at: number): void {
    const minute = Math.floor(at / MINUTE)
    if (minute <= this.#minute) return
    // At the start nothing was counted in any minute before, which is what the slots say.
    const from = Math.max(this.#minute === Number.NEGATIVE_INFINITY ? minute : this.#minute, minute - this.#slots + 1)
    for (let passed = from; passed < minute; passed += 1) {
      const slot = modulo(passed, this.#slots)
      this.#answers[slot] = this.#total.answers
      this.#slow[slot] = this.#total.slow
      this.#faults[slot] = this.#total.faults
    }
    this.#minute = minute
  }

  /** What was counted over a length of time that ends with the present minute, at most the window. */
  over(length: number): ObjectiveCounts {
    if (this.#minute === Number.NEGATIVE_INFINITY) return NOTHING
    const minutes = Math.min(this.#slots - 1, Math.max(1, Math.round(length / MINUTE)))
    return this.#since(this.#minute - minutes)
  }

  /** Counts minute by minute from one on, of those in which there was anything. */
  minutesFrom(first: number): ObjectiveMinute[] {
    const minutes: ObjectiveMinute[] = []
    const from = Math.max(first, this.#first, this.#minute - this.#slots + 2)
    for (let minute = from; minute <= this.#last; minute += 1) {
      const after = this.#since(minute)
      const { answers, slow, faults } = this.#since(minute - 1)
      const counts = { answers: answers - after.answers, slow: slow - after.slow, faults: faults - after.faults }
      if (counts.answers > 0) minutes.push({ minute, ...counts })
    }
    return minutes
  }

  /** When something was counted first and last, microseconds; infinities before. */
  get first(): number {
    return this.#first * MINUTE
  }

  get last(): number {
    return this.#last * MINUTE
  }

  /** What was counted after the end of a minute that is among those kept. */
  #since(minute: number): ObjectiveCounts {
    if (minute >= this.#minute) return NOTHING
    if (minute < this.#first) return { ...this.#total }
    const slot = modulo(minute, this.#slots)
    return {
      answers: this.#total.answers - this.#answers[slot]!,
      slow: this.#total.slow - this.#slow[slot]!,
      faults: this.#total.faults - this.#faults[slot]!,
    }
  }
}
