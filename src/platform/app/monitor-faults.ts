import type { Logger } from 'pino'
import { asTruelineError } from '../../core/errors.ts'

/** What of a model is judged by itself. */
type Judged = 'monitor' | 'objectives'

/** Work for many models, of which one that fails harms no other. */
export interface MonitorFaults {
  /** Does the work; where it throws, that is logged once until it succeeds or fails for another reason, and kept. */
  guard(model: string, judged: Judged, work: () => Promise<void>): Promise<void>
  /** Why the last work for a model failed; undefined where it did not. */
  of(model: string): string | undefined
}

/** No work has failed yet. */
export function createFaults(logger: Pick<Logger, 'error'>): MonitorFaults {
  const faults = new Map<string, Partial<Record<Judged, string>>>()
  return {
    async guard(model, judged, work) {
      const { [judged]: before, ...others } = faults.get(model) ?? {}
      try {
        await work()
        faults.set(model, others)
      } catch (thrown) {
        const { code, message } = asTruelineError(thrown)
        faults.set(model, { ...others, [judged]: message })
        if (message !== before)
          logger.error({ model, code }, `What is watched of ${model} could not be judged: ${message}`)
      }
    },
    of(model) {
      const { monitor, objectives } = faults.get(model) ?? {}
      return monitor ?? objectives
    },
  }
}
