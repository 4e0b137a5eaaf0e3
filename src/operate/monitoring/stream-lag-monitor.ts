import type { AlertDesk } from './alert-desk.ts'
import { countWords, durationWords } from './words.ts'

/** How far the scoring of a model's stream is behind; microseconds. */
export interface StreamLag {
  readonly model: string
  /** Events that wait, how long the oldest of them has, and how long it may. */
  readonly behind: number
  readonly lag: number
  readonly mostLag: number
  /** Why nothing goes on, where it is known. */
  readonly reason?: string
}

/** Raises an alert when events wait longer than they may, and resolves it when they wait half as long at most. */
export function createStreamLagMonitor(desk: AlertDesk): (lags: readonly StreamLag[]) => Promise<void> {
  const open = new Map<string, boolean>()
  return async (lags) => {
    for (const { model, behind, lag, mostLag, reason } of lags) {
      const subject = { model, kind: 'scoring_behind' } as const
      const before = open.get(model)
      if (lag > mostLag && before !== true) {
        const why = reason === undefined ? '' : ` ${reason}`
        const title = `${countWords(behind)} events of ${model}'s stream wait to be scored, the oldest for ${durationWords(lag)}; ${durationWords(mostLag)} is promised.${why}`
        await desk.raise({ ...subject, title, evidence: { lag, mostLag }, effect: { behind }, n: behind })
        open.set(model, true)
      } else if (lag <= mostLag / 2 && before !== false) {
        await desk.resolve(subject, 'No event waits for long.')
        open.set(model, false)
      }
    }
  }
}
