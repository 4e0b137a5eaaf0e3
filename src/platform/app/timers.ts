import type { Logger } from 'pino'
import { asTruelineError } from '../../core/errors.ts'

/** Something that is done again and again. */
export interface RepeatedWork {
  /** Real milliseconds from one start to the next; a turn is left out while the one before still works. */
  readonly every: number
  readonly work: () => Promise<void> | void
}

/** Starts repeating work; returns what stops it. A failure is reported when it is another one than the time before. */
export function startTimers(repeated: readonly RepeatedWork[], logger: Logger): () => void {
  const timers = repeated.map(({ every, work }) => {
    let isWorking = false
    let lastFailure = ''
    return setInterval(async () => {
      if (isWorking) return
      isWorking = true
      try {
        await work()
        lastFailure = ''
      } catch (thrown) {
        const { code, message } = asTruelineError(thrown)
        if (message !== lastFailure) logger.error({ code }, message)
        lastFailure = message
      } finally {
        isWorking = false
      }
    }, every)
  })
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
