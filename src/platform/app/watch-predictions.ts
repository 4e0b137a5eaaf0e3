import { MINUTE } from '../../core/time.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { countWords } from '../../operate/monitoring/words.ts'
import type { ShedPredictions } from './shed-predictions.ts'

/** So long must nothing be shed before it is over. */
const QUIET = 10 * MINUTE

/** Raises an alert while predictions are answered that do not reach the log, and resolves it when none was for a while. */
export type PredictionWatch = (now: number) => Promise<void>

/**
 * @param shed counts since the directory was made; only what is shed from now on is news
 * @param now microseconds
 */
export function createPredictionWatch(
  models: readonly string[],
  shed: Pick<ShedPredictions, 'count'>,
  desk: AlertDesk,
  now: number,
): PredictionWatch {
  const watched = models.map((model) => ({ model, seen: shed.count(model), episode: 0, last: now, isOver: false }))
  return async (at) => {
    for (const one of watched) {
      const count = shed.count(one.model)
      const { model } = one
      if (count > one.seen) {
        one.episode += count - one.seen
        Object.assign(one, { seen: count, last: at, isOver: false })
        await desk.raise({
          ...{ model, kind: 'predictions_shed', n: one.episode },
          title: `${countWords(one.episode)} predictions of ${model} were answered and not logged: the disk is too slow, or full.`,
          evidence: { at },
          effect: { shed: one.episode },
        })
      } else if (!one.isOver && at - one.last >= QUIET) {
        Object.assign(one, { episode: 0, isOver: true })
        await desk.resolve({ model, kind: 'predictions_shed' }, 'All predictions of ten minutes were logged.')
      }
    }
  }
}
