import { asTruelineError } from '../../core/errors.ts'
import { MINUTE, SECOND } from '../../core/time.ts'
import { holdsOn } from '../../models/registry/data-holds.ts'
import { openPipelines } from '../../models/training/pipeline/run-store.ts'
import type { Parts } from './assemble-platform.ts'
import type { TrainingSnapshot } from './pipeline/training-snapshot.ts'

/** Time between looks at the files, and between tries for a stream that had trouble. */
const LOOK = 10 * SECOND
const REST = 10 * MINUTE

/** Keeps the files of the lake few, so that histories are read fast. */
export interface LakeKeeper {
  /** Merges small files into one where there are many; trouble is told and tried again, since nothing is lost by it. */
  advance(): Promise<void>
}

export function createLakeKeeper({ lake, clock, logger }: Pick<Parts, 'lake' | 'clock' | 'logger'>): LakeKeeper {
  let looksAt = clock.now() + LOOK
  /** When streams that had trouble are tried again. */
  const rests = new Map<string, number>()
  return {
    async advance() {
      const now = clock.now()
      if (now < looksAt) return
      for (const [stream, until] of rests) if (until <= now) rests.delete(stream)
      try {
        const merged = await lake.compact(new Set(rests.keys()))
        // One file a turn: what else is to be done has its turn in between.
        if (merged === undefined) looksAt = clock.now() + LOOK
        else logger.info(merged, `${merged.files} files of '${merged.stream}' were merged into one.`)
      } catch (thrown) {
        const { code, message, path: stream } = asTruelineError(thrown)
        logger.error({ code, stream }, `Files of the lake could not be merged, and stay as they are: ${message}`)
        // The other streams have their turn meanwhile.
        if (stream === undefined) looksAt = clock.now() + REST
        else rests.set(stream, clock.now() + REST)
      }
    },
  }
}

/**
 * Removes files of events that were merged into others, but for those that a version was trained on and those that a
 * training under way is about. To be called before anybody reads the lake.
 */
export async function removeMergedFiles({ lake, metadata }: Pick<Parts, 'lake' | 'metadata'>): Promise<void> {
  const replaced = lake.replacedFiles()
  if (replaced.length === 0) return
  const holds = await holdsOn(
    metadata,
    replaced.map(({ digest }) => digest),
  )
  const kept = new Set(holds.map(({ digest }) => digest))
  for (const { snapshot } of await openPipelines<unknown, TrainingSnapshot>(metadata))
    for (const { digest } of Object.values(snapshot?.files ?? {}).flat()) kept.add(digest)
  await lake.removeReplaced(replaced.filter(({ digest }) => !kept.has(digest)))
}
