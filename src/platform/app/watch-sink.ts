import { MINUTE } from '../../core/time.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { countWords } from '../../operate/monitoring/words.ts'
import type { PredictionSink } from '../../operate/serving/prediction-sink.ts'

/** So long may the receiver be down before anybody is told: nothing is lost meanwhile. */
const PATIENCE = 15 * MINUTE
/** So long must all be well before it is over. */
const QUIET = 10 * MINUTE
const SUBJECT = { model: 'predictions', kind: 'sink_failing' } as const

/**
 * Raises an alert while the receiver of predictions refuses some for good, or has taken none for long, and resolves it when
 * neither was for a while.
 * @param sink its state is read at each call
 * @param now microseconds
 */
export function createSinkWatch(
  sink: Pick<PredictionSink, 'state'>,
  desk: AlertDesk,
  now: number,
): (now: number) => Promise<void> {
  let seen = 0
  let inEpisode = 0
  let last = now
  let isOver = false
  return async (at) => {
    const { skipped, oldest, lastFailure } = sink.state
    const isLate = oldest !== undefined && at - oldest >= PATIENCE
    const added = skipped - seen
    seen = skipped
    inEpisode += added
    if (added > 0 || isLate) {
      last = at
      isOver = false
      const refused = `${countWords(inEpisode)} predictions were refused by their receiver for good, and skipped.`
      const late = `The receiver of predictions has taken none for ${Math.floor((at - (oldest ?? at)) / MINUTE)} minutes: ${lastFailure}.`
      await desk.raise({
        ...{ ...SUBJECT, n: inEpisode },
        title: isLate ? (inEpisode === 0 ? late : `${late} ${refused}`) : refused,
        evidence: { at, ...(oldest === undefined ? {} : { from: oldest }) },
        effect: { skipped: inEpisode },
      })
    } else if (!isOver && at - last >= QUIET) {
      inEpisode = 0
      isOver = true
      await desk.resolve(SUBJECT, 'The receiver of predictions took all of ten minutes.')
    }
  }
}
