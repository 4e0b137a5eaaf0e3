import { MINUTE } from '../../core/time.ts'
import { saveState } from '../../data/features/saved-state.ts'
import type { Parts } from './assemble-platform.ts'

/** A start applies what came after the last save: so many events take it seconds. */
const MOST_EVENTS = 250_000
/** Real time: from one save to the next, usually and at least. */
const MOST_TIME = 5 * MINUTE
const PAUSE = MINUTE

/** Keeps a copy of the feature state on disk, so that a start need not read all history. */
export interface StateKeeper {
  /** Saves the state when much has happened since the last time, or a while ago; at most once a minute. */
  advance(): Promise<void>
  /** Saves what was not saved yet; trouble is told and holds nobody up, because the log has everything. */
  close(): Promise<void>
}

/** @param saved offset of the last event that the copy on disk knows of, -1 where there is none */
export function createStateKeeper(
  { directory, engine, ingest, applied, log, project, clock, logger }: Parts,
  saved: number,
): StateKeeper {
  let savedOffset = saved
  let savedGroups = groupsNow()
  let savedAt = clock.elapsed()
  let pausedUntil = Number.NEGATIVE_INFINITY

  function lastOffset(): number {
    return Object.values(applied.streams()).reduce((last, { offset }) => Math.max(last, offset), -1)
  }

  function groupsNow(): string {
    return engine
      .groups()
      .map(({ digest }) => digest)
      .join()
  }

  async function save(): Promise<void> {
    const [offset, groups, started] = [lastOffset(), groupsNow(), clock.elapsed()]
    pausedUntil = started + PAUSE
    const bytes = await saveState(directory.paths.state, { engine, ingest, applied, log, streams: project.streams })
    savedOffset = offset
    savedGroups = groups
    savedAt = clock.elapsed()
    logger.info({ bytes, milliseconds: Math.round((savedAt - started) / 1000) }, 'The feature state was saved.')
  }

  return {
    async advance() {
      if (clock.elapsed() < pausedUntil) return
      const events = lastOffset() - savedOffset
      const isOld = clock.elapsed() - savedAt >= MOST_TIME
      if (events >= MOST_EVENTS || (isOld && events > 0) || groupsNow() !== savedGroups) await save()
    },
    async close() {
      const isSaved = lastOffset() === savedOffset && groupsNow() === savedGroups
      if (isSaved || log.failure !== undefined) return
      await save().catch((thrown: unknown) =>
        logger.error({ cause: String(thrown) }, 'The feature state was not saved.'),
      )
    },
  }
}
