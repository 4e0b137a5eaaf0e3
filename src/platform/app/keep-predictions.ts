import { asTruelineError } from '../../core/errors.ts'
import { DAY, MINUTE } from '../../core/time.ts'
import { predictionLogOf } from '../../language/define/prediction-log-definition.ts'
import type { RetentionRules } from '../../stores/predictions/predictions.ts'
import type { Parts } from './assemble-platform.ts'

/** So many predictions, or blocks of them, leave the log for the lake at once. */
const MOST_ROWS = 131_072
const MOST_BLOCKS = 20_000
/** Real time between looks at the log, and between moves that are made because of their age alone. */
const LOOK = 10_000_000
const REST = 10 * MINUTE

/** Keeps the log's own table of predictions small, and the lake's files within what is kept. */
export interface PredictionKeeper {
  /** Moves and removes what is due; trouble is told and tried again, since nothing is lost by it. */
  advance(now: number): Promise<void>
}

/** @param parts what holds of retention may change with the project */
export function createPredictionKeeper(
  parts: Pick<Parts, 'predictions' | 'project' | 'clock' | 'logger'>,
): PredictionKeeper {
  const { predictions, clock, logger } = parts
  let looksAt = clock.elapsed() + LOOK
  let restsUntil = clock.elapsed() + REST

  function isDue(now: number): boolean {
    const { rows, blocks, oldest = now } = predictions.state().log
    return rows >= MOST_ROWS || blocks >= MOST_BLOCKS || (oldest < now - DAY && clock.elapsed() >= restsUntil)
  }

  return {
    async advance(now) {
      if (clock.elapsed() < looksAt) return
      try {
        if (isDue(now)) {
          const moved = await predictions.move()
          restsUntil = clock.elapsed() + REST
          logger.info({ rows: moved }, 'Predictions were moved to the lake.')
        }
        const removed = await predictions.retain(retentionRules(parts.project, now))
        if (removed > 0) logger.info({ rows: removed }, 'Predictions were removed: they are not kept for longer.')
      } catch (thrown) {
        const { code, message } = asTruelineError(thrown)
        logger.error({ code }, `Predictions could not be moved to the lake, and stay in the log: ${message}`)
      } finally {
        looksAt = clock.elapsed() + LOOK
      }
    },
  }
}

/** What a project keeps of its predictions at a time. */
export function retentionRules(
  { models, predictions }: Pick<Parts, 'project'>['project'],
  now: number,
): RetentionRules {
  return {
    of(model) {
      const serve = models[model]?.serve
      const { retain = predictions?.retain, disk } = predictionLogOf(serve?.log ?? 'group')
      return { before: retain === undefined ? undefined : now - retain, bytes: disk }
    },
    bytes: predictions?.disk,
  }
}
