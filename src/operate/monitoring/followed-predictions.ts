import type { Steps } from '../../core/slices.ts'
import { HeldPredictions } from './held-predictions.ts'

/** Rows that are visited from one yield to the next: of each a text is read and looked up. */
const ROWS_OF_STEP = 32

/** Predictions that were followed at one moment. */
export interface SeenPredictions {
  readonly length: number
  /** Visits them in the order in which they were added. */
  each(visit: (held: HeldPredictions, row: number) => void): Steps<void>
}

/** Rows from one place to before another. */
interface Span {
  readonly held: HeldPredictions
  readonly from: number
  readonly to: number
}

/**
 * Predictions of which a share is followed: those whose hash begins with so many zeros. When fewer are followed than before,
 * the others are no longer given at once, and their memory is taken back bit by bit, so that nobody waits for it.
 */
export class FollowedPredictions {
  /** In the order of prediction: those that were looked through and are still followed, and then those after `#next`. */
  #kept: HeldPredictions
  #held: HeldPredictions
  #next = 0
  #zeros: number
  /** By how many zeros their hashes begin with. */
  readonly #counts = new Uint32Array(33)
  #length = 0
  #isThinning = false
  /** The zeros that all have which are kept so far, while it is thinned. */
  #keptZeros = 0

  /**
   * @param zeros that the hashes of all begin with which are added
   * @param outputs scores of a prediction
   */
  constructor(zeros: number, outputs = 1) {
    this.#zeros = zeros
    this.#kept = new HeldPredictions(outputs)
    this.#held = new HeldPredictions(outputs)
  }

  /** How many are followed. */
  get length(): number {
    return this.#length
  }

  /** Whether some are held that are not followed: `thin` takes them out. */
  get isThinning(): boolean {
    return this.#isThinning
  }

  add(key: string, hash: number, id: string, t: number, score: number, scores?: Float64Array): void {
    this.#held.add(key, hash, id, t, score, scores)
    this.#counts[Math.clz32(hash)]! += 1
    this.#length += 1
  }

  /** Only those are followed from now on whose hash begins with at least so many zeros. */
  follow(zeros: number): void {
    this.#zeros = zeros
    const followed = this.#counts.fill(0, 0, zeros).reduce((sum, count) => sum + count, 0)
    if (followed === this.#length) return
    this.#length = followed
    if (!this.#isThinning) this.#startThinning()
  }

  /** Looks through so many more, and takes out those that are not followed. */
  thin(rows: number): void {
    const end = Math.min(this.#next + rows, this.#held.length)
    for (; this.#next < end; this.#next += 1)
      if (this.#isFollowed(this.#held, this.#next)) this.#kept.addFrom(this.#held, this.#next)
    if (this.#next < this.#held.length) return
    this.#held = this.#kept
    this.#kept = new HeldPredictions(this.#held.outputs)
    this.#next = 0
    this.#isThinning = false
    if (this.#keptZeros < this.#zeros) this.#startThinning()
  }

  /** Those that are followed now, whatever is added later. While they are visited nobody may have it thinned or follow fewer. */
  seen(): SeenPredictions {
    const spans: readonly Span[] = [
      { held: this.#kept, from: 0, to: this.#kept.length },
      { held: this.#held, from: this.#next, to: this.#held.length },
    ]
    return { length: this.#length, each: (visit) => this.#each(spans, visit) }
  }

  *#each(spans: readonly Span[], visit: (held: HeldPredictions, row: number) => void): Steps<void> {
    for (const { held, from, to } of spans)
      for (let row = from; row < to; row += 1) {
        if (this.#isFollowed(held, row)) visit(held, row)
        if (row % ROWS_OF_STEP === 0) yield
      }
  }

  #startThinning(): void {
    this.#isThinning = true
    this.#keptZeros = this.#zeros
  }

  #isFollowed(held: HeldPredictions, row: number): boolean {
    return Math.clz32(held.hash(row)) >= this.#zeros
  }
}
