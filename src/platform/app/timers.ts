import { asTruelineError } from '../../core/errors.ts'
import type { Parts } from './assemble-platform.ts'

/** An answer precedes the disk by at most this. */
const GROUP_COMMIT_MS = 40
const TICK_MS = 1000

/** Starts the group commit and the ticks; returns what stops them. */
export function startTimers({ servings, logger }: Parts, tick: () => Promise<void>): () => void {
  let ticking = false
  const report = (thrown: unknown): void => {
    const { code, message } = asTruelineError(thrown)
    logger.error({ code }, message)
  }
  const commit = setInterval(() => {
    try {
      for (const serving of servings.values()) serving.flush()
    } catch (thrown) {
      report(thrown)
    }
  }, GROUP_COMMIT_MS)
  const ticker = setInterval(() => {
    if (ticking) return
    ticking = true
    tick()
      .catch(report)
      .finally(() => {
        ticking = false
      })
  }, TICK_MS)
  return () => {
    clearInterval(commit)
    clearInterval(ticker)
  }
}
