import { TruelineError } from '../../core/errors.ts'

/** What a platform is doing, so that it can end without breaking it off. */
export interface UnderWay {
  /** Aborted when the platform begins to end: work that would take long gives up then. */
  readonly signal: AbortSignal
  /**
   * Does work that the end waits for.
   * @throws TruelineError `platform_stopped` when the end has begun
   */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** Takes no more work from here on, and aborts the signal. */
  stop(): void
  /** Stops, and resolves when what was under way has ended, well or not. */
  ended(): Promise<void>
}

/** Follows the work of one platform. */
export function createUnderWay(): UnderWay {
  const aborting = new AbortController()
  const running = new Set<Promise<unknown>>()
  return {
    signal: aborting.signal,
    async run(work) {
      if (aborting.signal.aborted) throw new TruelineError('platform_stopped', 'The platform is shutting down.')
      const result = work()
      running.add(result)
      try {
        return await result
      } finally {
        running.delete(result)
      }
    },
    stop: () => aborting.abort(),
    async ended() {
      aborting.abort()
      while (running.size > 0) await Promise.allSettled(running)
    },
  }
}
