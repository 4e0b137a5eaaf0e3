import type { Parts } from './assemble-platform.ts'

/**
 * Brings the feature state and the memory of ids to where they stood, from the lake and the log's tail: all events of
 * streams that features read, and of the others as much as a redelivery may repeat.
 */
export async function recoverState({ project, log, lake, engine, applyEvents, ingest }: Parts): Promise<void> {
  const read = new Set(engine.groups().map(({ definition }) => definition.from))
  for (const stream of Object.values(project.streams)) {
    const files = log.lakeFiles(stream.name)
    const lastKnown = files.reduce((latest, { lastKnownAt }) => Math.max(latest, lastKnownAt), Number.NEGATIVE_INFINITY)
    // What was known that long ago may have an event time that a redelivery may still name.
    const recent = lastKnown - stream.corrections.within - stream.ahead
    const firstRecent = files.find(({ lastKnownAt }) => lastKnownAt >= recent)?.firstOffset ?? 0
    const from = read.has(stream.name) ? 0 : firstRecent
    for await (const batch of lake.scanEvents(stream.name, { from })) {
      applyEvents(batch)
      if (batch.knownAt[batch.length - 1]! >= recent) ingest.remember(batch)
    }
  }
}
