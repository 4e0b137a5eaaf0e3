import type { Digest } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { digestOfStream } from '../../language/define/digest.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import type { Lake, LakeStreams } from '../../stores/lake/lake.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import { readStateFile, type StateFrame, writeStateFile } from '../../stores/state/state-file.ts'
import type { AppliedEvents, AppliedStream } from './applied-events.ts'
import { restoreDictionary, restoreGroups, type SavedGroup, snapshotEngine } from './engine-state.ts'
import { createFeatureEngine, type DefinedGroup, type FeatureEngine } from './feature-engine.ts'
import type { Ingest } from './ingest.ts'

interface SavedHeader {
  readonly groups: readonly SavedGroup[]
  readonly streams: Readonly<Record<string, AppliedStream>>
  /** Streams whose ids are in the sections after that of texts, in this order. */
  readonly ids: readonly { readonly stream: string; readonly digest: Digest }[]
}

/** What is saved together. */
export interface SavedParts {
  readonly engine: FeatureEngine
  readonly ingest: Pick<Ingest, 'writeIds'>
  readonly applied: Pick<AppliedEvents, 'streams'>
  readonly log: Pick<EventLog, 'ready' | 'drained'>
  /** Those that are defined. */
  readonly streams: LakeStreams
}

/** The feature state that a start goes on with. */
export interface LoadedState {
  readonly engine: FeatureEngine
  /** How far each stream is applied: what follows is to be applied. Streams whose groups have no state are not here. */
  readonly streams: Readonly<Record<string, AppliedStream>>
  /** By stream: ids of all that is applied, for `Ingest.readIds`. */
  readonly ids: ReadonlyMap<string, readonly Float64Array[]>
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
 * Saves the state of an engine and the memory of ids as they are now, while they go on. The file takes its name only when
 * all that it knows is in the log: it never knows of an event that a crash could still take back.
 * @returns bytes written
 * @throws TruelineError `disk_full`, and what the log throws once it has failed
 */
export async function saveState(path: string, parts: SavedParts): Promise<number> {
  const { engine, ingest, applied, log } = parts
  // Amid an import, rows are left out that later ones of it supersede: only after it all means the same to a start.
  await log.ready()
  const snapshot = snapshotEngine(engine)
  const { groups } = snapshot
  const streams = applied.streams()
  const ids = Object.entries(parts.streams).map(([stream, definition]) => {
    return { stream, digest: digestOfStream(definition) }
  })
  function* frames(): Generator<StateFrame | undefined> {
    yield* snapshot.frames
    for (const [index, { stream }] of ids.entries())
      for (const words of ingest.writeIds(stream, streams[stream]?.offset ?? -1))
        yield { section: groups.length + 1 + index, words }
  }
  const header: SavedHeader = { groups, streams, ids }
  try {
    return await writeStateFile(path, header, frames(), () => log.drained())
  } finally {
    snapshot.end()
  }
}

/**
 * Makes the engine of a project's groups with the state that was saved of them. Groups whose state is of no use, because
 * a definition is another one now, start empty; so do all when the file is damaged or not of this log.
 */
export async function loadState(options: LoadOptions): Promise<LoadedState> {
  const { path, groups } = options
  try {
    const content = readStateFile(path)
    if (content === undefined) return emptyState(groups)
    const saved = content.header as SavedHeader
    await assertOfLog(saved.streams, options)
    const engine = createFeatureEngine(groups, restoreDictionary(saved.groups.length, content.frames))
    const left = restoreGroups(engine, saved.groups, content.frames)
    const streams = Object.fromEntries(Object.entries(saved.streams).filter(([stream]) => !left.has(stream)))
    const ids = idsOf(saved, content.frames, options.streams)
    return { engine, streams, ids, ...(left.size === 0 ? {} : { rebuilt: [...left.values()].join('; ') }) }
  } catch (thrown) {
    if (!(thrown instanceof TruelineError) || thrown.code !== 'state_unusable') throw thrown
    return { ...emptyState(groups), rebuilt: thrown.message }
  }
}

function emptyState(groups: readonly DefinedGroup[]): LoadedState {
  return { engine: createFeatureEngine(groups, createDictionary()), streams: {}, ids: new Map() }
}

/** What makes a row the same as another one may have changed with its stream: such ids are of no use. */
function idsOf(saved: SavedHeader, frames: readonly StateFrame[], streams: LakeStreams): LoadedState['ids'] {
  const ids = new Map<string, readonly Float64Array[]>()
  for (const [index, { stream, digest }] of saved.ids.entries()) {
    if (streams[stream] === undefined || digestOfStream(streams[stream]) !== digest) continue
    const own = frames.filter(({ section }) => section === saved.groups.length + 1 + index)
    ids.set(
      stream,
      own.map(({ words }) => words),
    )
  }
  return ids
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
