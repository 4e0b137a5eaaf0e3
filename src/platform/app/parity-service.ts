import { SECOND } from '../../core/time.ts'
import { type AuditParts, auditAndCount } from './audit.ts'

/** The parity audit as it runs by itself. */
export interface ParityService {
  /** Audits a sample of what was answered since the last turn, when it is time again. */
  advance(now: number): Promise<void>
}

/** Platform time from one turn to the next at least: what differs is found within a minute. */
const EVERY = 20 * SECOND
/** Predictions of a turn; all of them when there are fewer. */
const SAMPLE = 500
/** Real time that it rests after a turn, as a multiple of what the turn took: it takes no more than 3% of a core's time. */
const REST = 32

/**
 * An audit that goes on from turn to turn, from the start of the platform on. Where a turn takes more than two seconds, as
 * with a long history of lifetime windows, turns come further apart than a minute, and each still covers all since the last; one
 * that fails is made up for by the next.
 */
export function createParityService(parts: AuditParts): ParityService {
  const { clock, servings } = parts
  let from = clock.now()
  let restsUntil = Number.NEGATIVE_INFINITY
  let seen = 0
  /** The last turn broke off, so that some of what is audited next may have been before. */
  let hasFailed = false

  return {
    async advance(now) {
      const started = clock.elapsed()
      if (now - from < EVERY || started < restsUntil) return
      const answered = [...servings.values()].reduce((sum, { counts }) => sum + counts.predictions, 0)
      const range = { from, to: now, sample: SAMPLE, continues: !hasFailed }
      try {
        if (answered !== seen) await auditAndCount(parts, range)
        from = now
        seen = answered
        hasFailed = false
      } catch (thrown) {
        hasFailed = true
        throw thrown
      } finally {
        restsUntil = clock.elapsed() + REST * (clock.elapsed() - started)
      }
    },
  }
}
