import { MINUTE } from '../../core/time.ts'
import { LatencyHistogram } from '../../stats/histograms/latency-histogram.ts'

/** What a window says about the service, as it is kept and shown; latencies are milliseconds. */
export interface ServicePoint {
  readonly n: number
  readonly perMinute: number
  readonly p50?: number
  readonly p99?: number
  readonly errors: number
}

/** Counts the answers of a stretch of time, and how long they took. */
export class ServiceWindow {
  readonly #latencies = new LatencyHistogram()
  #answers = 0
  #errors = 0

  /** @param latency microseconds; not counted for a failure, which is often quick */
  add(latency: number, failed: boolean): void {
    this.#answers++
    if (failed) this.#errors++
    else this.#latencies.add(latency)
  }

  /** Adds answers that took equally long, microseconds. */
  addAnswers(latency: number, count: number): void {
    this.#answers += count
    this.#latencies.add(latency, count)
  }

  get n(): number {
    return this.#answers
  }

  /** Adds all that another window counted. */
  merge(other: ServiceWindow): void {
    this.#latencies.merge(other.#latencies)
    this.#answers += other.#answers
    this.#errors += other.#errors
  }

  /** @param length microseconds that the window has lasted */
  point(length: number): ServicePoint {
    const p50 = this.#latencies.quantile(0.5)
    const p99 = this.#latencies.quantile(0.99)
    return {
      n: this.#answers,
      perMinute: (this.#answers * MINUTE) / Math.max(length, MINUTE),
      ...(p50 === undefined ? {} : { p50: p50 / 1000 }),
      ...(p99 === undefined ? {} : { p99: p99 / 1000 }),
      errors: this.#errors,
    }
  }
}
