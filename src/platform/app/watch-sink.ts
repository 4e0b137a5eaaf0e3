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
 * Raises an alert while the receiver of predictions refuses some for good, misses some, or is long behind, and resolves it when
 * none of it was for a while.
 * @param sink its state is read at each call
 * @param now microseconds
 */
export function createSinkWatch(
  sink: Pick<PredictionSink, 'state'>,
  desk: AlertDesk,
  now: number,
): (now: number) => Promise<void> {
  let seen = { skipped: 0, missed: 0 }
  let inEpisode = { skipped: 0, missed: 0 }
  let last = now
  let isOver = false
  return async (at) => {
    const { skipped, missed, failures, oldest, lastFailure } = sink.state
    const isLate = oldest !== undefined && at - oldest >= PATIENCE
    const added = skipped - seen.skipped + missed - seen.missed
    inEpisode.skipped += skipped - seen.skipped
    inEpisode.missed += missed - seen.missed
    seen = { skipped, missed }
    if (added > 0 || isLate) {
      last = at
      isOver = false
      const minutes = Math.floor((at - (oldest ?? at)) / MINUTE)
      const late =
        failures > 0
          ? `The receiver of predictions has taken none for ${minutes} minutes: ${lastFailure}.`
          : `The receiver of predictions is ${minutes} minutes behind: it takes them, and too slowly.`
      const said = [
        ...(isLate ? [late] : []),
        ...(inEpisode.skipped > 0
          ? [`${countWords(inEpisode.skipped)} predictions were refused by their receiver for good, and skipped.`]
          : []),
        ...(inEpisode.missed > 0
          ? [
              `${countWords(inEpisode.missed)} predictions were removed from the log before their receiver had taken them.`,
            ]
          : []),
      ]
      await desk.raise({
        ...{ ...SUBJECT, n: inEpisode.skipped + inEpisode.missed, title: said.join(' ') },
        evidence: { at, ...(oldest === undefined ? {} : { from: oldest }) },
        effect: { ...inEpisode },
      })
    } else if (!isOver && at - last >= QUIET) {
      inEpisode = { skipped: 0, missed: 0 }
      isOver = true
      await desk.resolve(SUBJECT, 'The receiver of predictions took all of ten minutes.')
    }
  }
}
