import type { Random } from '../../core/random.ts'
import type { SourceDefinition } from '../../language/define/source-definition.ts'
import type { BreakerState, SourceState } from './source-state.ts'

/**
 * When a source that failed may be tried again: after a random part of a wait that doubles with each failure in a row
 * (full jitter), never before the peer asked to be; and after too many of them, when the pause of the breaker is over.
 * Source: Brooker, "Exponential Backoff And Jitter", 2015.
 * @param failures in a row, this one included
 * @param asked wait that the peer asked for, microseconds
 */
export function nextAttempt(
  { retry, breaker }: SourceDefinition,
  failures: number,
  asked: number,
  now: number,
  random: Random,
): number {
  if (failures >= breaker.failures) return now + Math.max(breaker.pause, asked)
  const most = Math.min(retry.longest, retry.first * 2 ** (failures - 1))
  return now + Math.max(Math.ceil(random.next() * most), asked)
}

/** The state of a source's breaker at `now`, microseconds. */
export function breakerOf({ breaker }: SourceDefinition, state: SourceState, now: number): BreakerState {
  if (state.failures < breaker.failures) return 'closed'
  return now < (state.notBefore ?? 0) ? 'open' : 'half_open'
}
