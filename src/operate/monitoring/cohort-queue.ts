import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { formatTime, MINUTE } from '../../core/time.ts'
import type { Task } from '../../language/define/task.ts'
import { withoutFigures } from './cohort-metrics.ts'
import type { Cohort } from './label-join.ts'
import { type CohortPoint, outcomePoints, pointOf } from './outcome-watch.ts'
import { plural } from './words.ts'

/** After so many failures in a row, with pauses from a minute to 16 between them, cohorts are given up. */
const MOST_TRIES = 6

/** Mature cohorts until they are measured: where that fails they wait, and are measured again. */
export interface CohortQueue {
  /** When those that wait are measured again, microseconds; infinity where none waits. */
  readonly due: number
  /**
   * What those that wait say and then these, all of them mature. One whose figures cannot be computed has its fault instead of
   * them; so have all when the last try fails.
   * @param now microseconds
   * @throws TruelineError `measuring_failed`: all of them wait now
   */
  measure(cohorts: readonly Cohort[], now: number): Promise<readonly CohortPoint[]>
}

/** No cohort waits. */
export function createCohortQueue(task: Task): CohortQueue {
  let waiting: readonly Cohort[] = []
  let tries = 0
  let due = Number.POSITIVE_INFINITY

  function leave<Points>(points: Points): Points {
    waiting = []
    tries = 0
    due = Number.POSITIVE_INFINITY
    return points
  }

  return {
    get due() {
      return due
    },
    async measure(cohorts, now) {
      waiting = [...waiting, ...cohorts]
      try {
        return leave(await outcomePoints(task, waiting))
      } catch (cause) {
        const { message } = asTruelineError(cause)
        tries++
        if (tries === MOST_TRIES) return leave(waiting.map((cohort) => pointOf(cohort, withoutFigures(message))))
        due = now + MINUTE * 2 ** (tries - 1)
        const predictions = waiting.reduce((sum, cohort) => sum + cohort.predictions, 0)
        const what = `The outcomes of ${plural(predictions, 'prediction')} are measured again at ${formatTime(due)}`
        throw new TruelineError('measuring_failed', `${what}: ${message}`, { cause })
      }
    },
  }
}
