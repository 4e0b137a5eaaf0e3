import { MINUTE } from '../../core/time.ts'
import { saveState } from '../../data/features/saved-state.ts'
import type { Parts } from './assemble-platform.ts'

/** A start applies what came after the last save: so many events take it seconds. */
const MOST_EVENTS = 250_000
/** Real time. */
const MOST_TIME = 5 * MINUTE

/** Keeps a copy of the feature state on disk, so that a start need not read all history. */
export interface StateKeeper {
  /** Saves the state when much has happened since the last time, or a while ago. */
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
  let savedAt = clock.elapsed()

  function lastOffset(): number {
    return Object.values(applied.streams()).reduce((last, { offset }) => Math.max(last, offset), -1)
  }

  async function save(): Promise<void> {
    const last = lastOffset()
    const started = clock.elapsed()
    const bytes = await saveState(directory.paths.state, { engine, ingest, applied, log, streams: project.streams })
    savedOffset = last
    savedAt = clock.elapsed()
    logger.info({ bytes, milliseconds: Math.round((savedAt - started) / 1000) }, 'The feature state was saved.')
  }

  return {
    async advance() {
      const events = lastOffset() - savedOffset
      if (events >= MOST_EVENTS || (events > 0 && clock.elapsed() - savedAt >= MOST_TIME)) await save()
    },
    async close() {
      if (lastOffset() === savedOffset || log.failure !== undefined) return
      await save().catch((thrown: unknown) =>
        logger.error({ cause: String(thrown) }, 'The feature state was not saved.'),
      )
    },
  }
}
