import type { LoadedState } from '../../data/features/saved-state.ts'
import type { Parts } from './assemble-platform.ts'

type RecoveredParts = Pick<Parts, 'log' | 'lake' | 'engine' | 'applyEvents' | 'ingest'> & {
  readonly project: Pick<Parts['project'], 'streams'>
  readonly tables: Pick<Parts['tables'], 'reads' | 'apply'>
}

/**
 * Brings the feature state and the memory of ids to where they stood, from the lake and the log's tail: of streams that
 * features read, all events that are not in the saved state; of the others as much as a redelivery may repeat.
 * @param saved how far the state that was loaded has each stream, and the ids of that much
 */
export async function recoverState(
  { project, log, lake, engine, tables, applyEvents, ingest }: RecoveredParts,
  saved: Pick<LoadedState, 'streams' | 'ids'>,
): Promise<void> {
  const read = new Set(engine.groups().map(({ definition }) => definition.from))
  for (const stream of Object.values(project.streams)) {
    // Nobody sends answers again.
    if (stream.madeBy !== undefined && !read.has(stream.name)) continue
    const files = log.lakeFiles(stream.name)
    const lastKnown = files.reduce((latest, { lastKnownAt }) => Math.max(latest, lastKnownAt), Number.NEGATIVE_INFINITY)
    // What was known that long ago may have an event time that a redelivery may still name; ids with revisions are
    // remembered twice as long.
    const recent = lastKnown - 2 * (stream.corrections.within + stream.ahead)
    const firstRecent = files.find(({ lastKnownAt }) => lastKnownAt >= recent)?.firstOffset ?? 0
    const next = (saved.streams[stream.name]?.offset ?? -1) + 1
    const ids = next === 0 ? undefined : saved.ids.get(stream.name)
    if (ids !== undefined) ingest.readIds(stream.name, ids)
    else if (firstRecent < next)
      for await (const batch of lake.scanEvents(stream.name, { from: firstRecent, to: next - 1 }))
        if (batch.knownAt[batch.length - 1]! >= recent) ingest.remember(batch)
    // Reference tables are small, and not in the saved state.
    if (tables.reads(stream.name) && next > 0)
      for await (const batch of lake.scanChanges(stream.name, { to: next - 1 })) tables.apply(batch)
    const from = read.has(stream.name) || tables.reads(stream.name) ? next : Math.max(next, firstRecent)
    for await (const batch of lake.scanChanges(stream.name, { from })) {
      applyEvents(batch)
      if (batch.knownAt[batch.length - 1]! >= recent) ingest.remember(batch)
    }
  }
}
