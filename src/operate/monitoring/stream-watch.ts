import { modulo } from '../../core/math/modulo.ts'
import { DAY, HOUR } from '../../core/time.ts'
import { wilsonInterval } from '../../stats/intervals/wilson.ts'
import type { WindowVerdict } from './persistence.ts'

/** Days that are looked back on. */
const DAYS = 7
/** A pause of this many times the longest of the week is none of the usual ones. */
const PAUSES = 2
/** Of a stream that promises no freshness. */
const USUAL_FRESHNESS = HOUR
/** Fewest rows of an hour that are judged. */
const FEWEST_ROWS = 100
/** The smallest share of rejected rows that matters, and how many times the usual one it must surely be. */
const SMALLEST_SHARE = 0.01
const REJECTS = 2

/** A stream that has brought nothing for unusually long. */
export interface Pause {
  readonly verdict: WindowVerdict
  /** The last event came then, microseconds. */
  readonly last: number
  /** Longest pause of the week, microseconds. */
  readonly longest: number
}

/** The rows of an hour. */
export interface RejectedRows {
  readonly verdict: WindowVerdict
  readonly from: number
  readonly n: number
  readonly share: number
  /** Share of the week before. */
  readonly usual: number
}

interface Rows {
  accepted: number
  rejected: number
}

/** Knows of one stream how long it usually pauses and how much of it is usually rejected, in fixed memory. */
export class StreamWatch {
  readonly #freshness: () => number | undefined
  readonly #since: number
  /** Longest pause and rows of each of the last days. */
  readonly #pauses = new Float64Array(DAYS)
  readonly #rows: Rows[] = Array.from({ length: DAYS }, () => ({ accepted: 0, rejected: 0 }))
  #last: number
  #day: number
  #hour: number
  #hourRows: Rows = { accepted: 0, rejected: 0 }
  #closed: RejectedRows[] = []

  /**
   * @param freshness gives the longest age of the newest event that is promised now, microseconds; undefined when nothing is
   * @param now from when on it is watched, microseconds
   */
  constructor(freshness: () => number | undefined, now: number) {
    this.#freshness = freshness
    this.#since = now
    this.#last = now
    this.#day = Math.floor(now / DAY)
    this.#hour = Math.floor(now / HOUR)
  }

  /** Rows that came at `at`, microseconds. */
  took(at: number, accepted: number, rejected: number): void {
    this.moveTo(at)
    this.#hourRows.accepted += accepted
    this.#hourRows.rejected += rejected
    if (accepted === 0) return
    const slot = modulo(this.#day, DAYS)
    this.#pauses[slot] = Math.max(this.#pauses[slot]!, at - this.#last)
    this.#last = Math.max(this.#last, at)
  }

  /** Closes what is over at `now`. */
  moveTo(now: number): void {
    const hour = Math.floor(now / HOUR)
    if (hour > this.#hour) {
      this.#closeHour()
      this.#hour = hour
    }
    const day = Math.floor(now / DAY)
    for (let passed = Math.max(this.#day + 1, day - DAYS + 1); passed <= day; passed++) {
      const slot = modulo(passed, DAYS)
      this.#pauses[slot] = 0
      this.#rows[slot] = { accepted: 0, rejected: 0 }
    }
    this.#day = Math.max(this.#day, day)
  }

  /** From when on the present pause is too long; infinity before a day was watched. */
  get staleFrom(): number {
    return Math.max(this.#last + this.#limit, this.#since + DAY)
  }

  /** Whether the stream pauses for longer than it ever does; unknown before a day was watched. */
  pause(now: number): Pause {
    const verdict = now - this.#since < DAY ? 'unknown' : now >= this.staleFrom ? 'bad' : 'good'
    return { verdict, last: this.#last, longest: this.#longest }
  }

  /** The hours that ended since the last call, oldest first. */
  takeHours(): RejectedRows[] {
    return this.#closed.splice(0)
  }

  get #longest(): number {
    return this.#pauses.reduce((most, pause) => Math.max(most, pause), 0)
  }

  get #limit(): number {
    return Math.max(this.#freshness() ?? USUAL_FRESHNESS, PAUSES * this.#longest)
  }

  #closeHour(): void {
    const { accepted, rejected } = this.#hourRows
    const week = this.#rows.reduce((sum, day) => sum + day.accepted + day.rejected, 0)
    const usual = week === 0 ? 0 : this.#rows.reduce((sum, day) => sum + day.rejected, 0) / week
    const n = accepted + rejected
    const share = n === 0 ? 0 : rejected / n
    const low = wilsonInterval(rejected, n)?.low ?? 0
    const bad = share >= SMALLEST_SHARE && low > REJECTS * usual
    const verdict = n < FEWEST_ROWS ? 'unknown' : bad ? 'bad' : 'good'
    this.#closed.push({ verdict, from: this.#hour * HOUR, n, share, usual })
    this.#hourRows = { accepted: 0, rejected: 0 }
    // What was bad must not become usual, or an outage of a week would end its own alert.
    if (bad) return
    const today = this.#rows[modulo(this.#day, DAYS)]!
    today.accepted += accepted
    today.rejected += rejected
  }
}
