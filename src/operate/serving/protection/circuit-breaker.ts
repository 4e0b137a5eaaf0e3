import type { Clock } from '../../../core/clock.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { BreakerDefinition } from '../../../language/define/limits-definition.ts'

/** `half_open`: one call is being tried after a pause. */
export type BreakerState = 'closed' | 'open' | 'half_open'

/** Leaves something alone that fails or is slow, so that nobody waits for it in vain. */
export interface CircuitBreaker {
  readonly state: BreakerState
  /** Times that it opened, and calls that it refused, since the start. */
  readonly counts: { readonly opened: number; readonly refused: number }
  /**
   * Does the work, unless the breaker is open.
   * @throws TruelineError `history_unavailable` while it is open; what the work throws
   */
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

/**
 * A breaker that opens after so many failures in a row, slow calls included; after the pause one call is tried, which
 * closes it or opens it again (M. Nygard, Release It!, 2007).
 * @param isFailure whether an error says that the thing itself is at fault
 */
export function createCircuitBreaker(
  { failures, slow, pause }: BreakerDefinition,
  clock: Pick<Clock, 'elapsed'>,
  isFailure: (thrown: unknown) => boolean,
): CircuitBreaker {
  const counts = { opened: 0, refused: 0 }
  let failed = 0
  let openUntil = Number.NEGATIVE_INFINITY
  let isTrying = false

  function stateAt(now: number): BreakerState {
    if (failed < failures) return 'closed'
    return now < openUntil ? 'open' : 'half_open'
  }

  function note(isGood: boolean): void {
    failed = isGood ? 0 : failed + 1
    if (failed < failures) return
    if (clock.elapsed() >= openUntil) counts.opened += 1
    openUntil = clock.elapsed() + pause
  }

  return {
    counts,
    get state() {
      return stateAt(clock.elapsed())
    },
    async run(work) {
      const started = clock.elapsed()
      const state = stateAt(started)
      if (state === 'open' || (state === 'half_open' && isTrying)) {
        counts.refused += 1
        throw new TruelineError('history_unavailable', 'The history of events fails or is slow, and is left alone.')
      }
      if (state === 'half_open') isTrying = true
      try {
        const result = await work()
        note(clock.elapsed() - started <= slow)
        return result
      } catch (thrown) {
        if (isFailure(thrown)) note(false)
        throw thrown
      } finally {
        if (state === 'half_open') isTrying = false
      }
    },
  }
}
