/** Allows so many of something in a stretch of time, all at once or one by one. */
export class TokenBucket {
  readonly #most: number
  readonly #per: number
  #tokens: number
  #at: number

  /**
   * @param most in a stretch of `per` microseconds
   * @param now microseconds
   */
  constructor(most: number, per: number, now: number) {
    this.#most = most
    this.#per = per
    this.#tokens = most
    this.#at = now
  }

  /** Takes tokens that were used; more than there are is a debt that is paid by waiting. */
  take(count: number, now: number): void {
    this.#refill(now)
    this.#tokens -= count
  }

  /** When there is a token again, microseconds; `now` when there is one. */
  readyAt(now: number): number {
    this.#refill(now)
    if (this.#tokens >= 1) return now
    return now + Math.ceil(((1 - this.#tokens) * this.#per) / this.#most)
  }

  #refill(now: number): void {
    if (now <= this.#at) return
    this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#at) * this.#most) / this.#per)
    this.#at = now
  }
}
