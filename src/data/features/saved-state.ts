import { TruelineError } from '../../core/errors.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import type { Lake, LakeStreams } from '../../stores/lake/lake.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import { readStateFile, writeStateFile } from '../../stores/state/state-file.ts'
import type { AppliedStream } from './applied-events.ts'
import { restoreDictionary, restoreGroups, type SavedGroup, snapshotEngine } from './engine-state.ts'
import { createFeatureEngine, type DefinedGroup, type FeatureEngine } from './feature-engine.ts'

interface SavedHeader {
  readonly groups: readonly SavedGroup[]
  readonly streams: Readonly<Record<string, AppliedStream>>
}

/** The feature state that a start goes on with. */
export interface LoadedState {
  readonly engine: FeatureEngine
  /** How far each stream is applied: what follows is to be applied. Streams whose groups have no state are not here. */
  readonly streams: Readonly<Record<string, AppliedStream>>
  /** Why a state has to be made again from the log; undefined where it need not, or nothing was saved yet. */
  readonly rebuilt?: string
}

export interface LoadOptions {
  readonly path: string
  readonly groups: readonly DefinedGroup[]
  /** Those that are defined. */
  readonly streams: LakeStreams
  readonly log: Pick<EventLog, 'nextOffset'>
  readonly lake: Pick<Lake, 'readEvents'>
}

/**
 * Saves the state of an engine as it is now, while it goes on. The file takes its name only when all that it knows is in
 * the log: a state never knows of an event that a crash could still take back.
 * @param streams how far each stream is applied now
 * @returns bytes written
 * @throws TruelineError `disk_full`, and what the log throws once it has failed
 */
export async function saveState(
  path: string,
  engine: FeatureEngine,
  streams: Readonly<Record<string, AppliedStream>>,
  log: Pick<EventLog, 'drained'>,
): Promise<number> {
  const { groups, frames, end } = snapshotEngine(engine)
  try {
    return await writeStateFile(path, { groups, streams } satisfies SavedHeader, frames, () => log.drained())
  } finally {
    end()
  }
}

/**
 * Makes the engine of a project's groups with the state that was saved of them. Groups whose state is of no use, because
 * a definition is another one now, start empty; so do all when the file is damaged or not of this log.
 */
export async function loadState(options: LoadOptions): Promise<LoadedState> {
  const { path, groups } = options
  const empty = { engine: createFeatureEngine(groups, createDictionary()), streams: {} }
  try {
    const content = readStateFile(path)
    if (content === undefined) return empty
    const saved = content.header as SavedHeader
    await assertOfLog(saved.streams, options)
    const engine = createFeatureEngine(groups, restoreDictionary(saved.groups.length, content.frames))
    const left = restoreGroups(engine, saved.groups, content.frames)
    const streams = Object.fromEntries(Object.entries(saved.streams).filter(([stream]) => !left.has(stream)))
    return { engine, streams, ...(left.size === 0 ? {} : { rebuilt: [...left.values()].join('; ') }) }
  } catch (thrown) {
    if (!(thrown instanceof TruelineError) || thrown.code !== 'state_unusable') throw thrown
    return { ...empty, rebuilt: thrown.message }
  }
}

/** The last event of each stream is looked up: a log that was brought back from an older copy does not have it. */
async function assertOfLog(saved: SavedHeader['streams'], { path, streams, log, lake }: LoadOptions): Promise<void> {
  for (const [stream, { offset, id }] of Object.entries(saved)) {
    if (streams[stream] === undefined) continue
    const [found] = offset < log.nextOffset ? await lake.readEvents(stream, [offset]) : []
    if (found?.id[0] === id) continue
    throw new TruelineError('state_unusable', `${path} was saved over another log.`, { path })
  }
}
