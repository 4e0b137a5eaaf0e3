import { formatTime, HOUR } from '../../core/time.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { predictionStreamName } from '../../language/define/prediction-stream.ts'
import type { AlertDesk } from './alert-desk.ts'
import type { Wording } from './alert-wording.ts'
import { Conditions } from './conditions.ts'
import { type Pause, type RejectedRows, StreamWatch } from './stream-watch.ts'
import { countWords, durationWords, percentWords } from './words.ts'

/** Watches what comes in: streams that fall silent, and rows that are rejected. */
export interface StreamMonitor {
  /** Rows of a stream that came at `at` (microseconds), by what became of them. */
  took(stream: string, at: number, rows: { readonly accepted: number; readonly rejected: number }): void
  /** When `advance` has something to do next, microseconds. */
  readonly due: number
  /** Judges the hours and pauses up to `now`; raises and resolves alerts. */
  advance(now: number): Promise<void>
}

interface Watched {
  readonly name: string
  readonly watch: StreamWatch
  readonly conditions: Conditions
}

/**
 * Watches every stream of a project that something reads. What is usual is learnt from the last week; a restart starts
 * with a day of learning.
 * @param project gives the definitions in force, whose streams stay the same
 * @param now microseconds
 */
export function createStreamMonitor(project: () => ProjectDefinition, desk: AlertDesk, now: number): StreamMonitor {
  const streams = new Map<string, Watched>()
  for (const name of Object.keys(project().streams)) {
    const watch = new StreamWatch(() => promisedFreshness(project(), name), now)
    streams.set(name, { name, watch, conditions: new Conditions(`stream/${name}`, desk, false) })
  }
  /** Whether silence means something. */
  const isMissed = ({ name }: Watched): boolean => !isAnswersAlone(project(), name)
  let hour = Math.floor(now / HOUR)
  return {
    took(stream, at, { accepted, rejected }) {
      streams.get(stream)?.watch.took(at, accepted, rejected)
    },
    get due() {
      let due = (hour + 1) * HOUR
      for (const { watch, conditions } of [...streams.values()].filter(isMissed))
        if (conditions.open().every(({ kind }) => kind !== 'stream_stale')) due = Math.min(due, watch.staleFrom)
      return due
    },
    async advance(at) {
      hour = Math.max(hour, Math.floor(at / HOUR))
      for (const watched of streams.values()) {
        const { name, watch, conditions } = watched
        watch.moveTo(at)
        const hours = watch.takeHours()
        if (!isMissed(watched)) continue
        const pause = watch.pause(at)
        const stale = { verdict: pause.verdict, from: pause.last, describe: () => pauseWording(name, pause, at) }
        await conditions.take({ kind: 'stream_stale', ...stale })?.()
        for (const rows of hours) {
          const { verdict, from } = rows
          const describe = () => rejectWording(name, rows)
          await conditions.take({ kind: 'stream_rejects', verdict, from, describe })?.()
        }
      }
    },
  }
}

/**
 * Whether a stream has what a model answered and feeds nothing: it is silent when nobody asks, and what is asked and not answered is
 * told by the lag of the scoring.
 */
function isAnswersAlone({ models, features }: ProjectDefinition, stream: string): boolean {
  if (!Object.keys(models).some((model) => predictionStreamName(model) === stream)) return false
  const isRead = Object.values(features).some(({ from }) => from === stream)
  return !isRead && Object.values(models).every(({ at }) => at !== stream)
}

/** The strictest freshness that a group of features promises of a stream. */
function promisedFreshness({ features }: ProjectDefinition, stream: string): number | undefined {
  const promised = Object.values(features)
    .filter((group) => group.from === stream && group.freshness !== undefined)
    .map((group) => group.freshness!)
  return promised.length === 0 ? undefined : Math.min(...promised)
}

function pauseWording(stream: string, { last, longest }: Pause, now: number): Wording {
  return {
    title: `${stream} has brought no event for ${durationWords(now - last)}, since ${formatTime(last)}; its longest pause in a week was ${durationWords(longest)}.`,
    evidence: { last, longest },
    effect: { pause: now - last },
    n: 0,
  }
}

function rejectWording(stream: string, { n, share, usual, from }: RejectedRows): Wording {
  return {
    title: `${stream}: ${percentWords(share)} of ${countWords(n)} rows in an hour were rejected; ${percentWords(usual)} is usual.`,
    evidence: { from },
    effect: { share, usual },
    n,
  }
}
