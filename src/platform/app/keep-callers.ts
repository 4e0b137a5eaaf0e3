import { MINUTE } from '../../core/time.ts'
import type { SeenCaller } from '../../operate/serving/protection/callers.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'
import type { Parts } from './assemble-platform.ts'

/** Keeps who was seen to ask models. */
export interface CallerKeeper {
  /** Keeps it, where anybody came, at most every five minutes. */
  advance(): Promise<void>
  close(): Promise<void>
}

const CALLERS = 'seen_callers'
const EVERY = 5 * MINUTE

/** Goes on with the callers that were known when the platform stopped. */
export async function createCallerKeeper({
  project,
  metadata,
  protection,
  clock,
}: Pick<Parts, 'project' | 'metadata' | 'protection' | 'clock'>): Promise<CallerKeeper> {
  const models = Object.keys(project.models)
  const kept = ((await readSetting(metadata.database, CALLERS)) ?? {}) as Record<string, readonly SeenCaller[]>
  for (const model of models) protection.callers.watch(model, kept[model] ?? [])
  let keptAt = clock.elapsed()
  let last = JSON.stringify(callersNow())

  function callersNow(): Record<string, readonly SeenCaller[]> {
    return Object.fromEntries(models.map((model) => [model, protection.callers.of(model, clock.now())]))
  }

  async function keep(): Promise<void> {
    const callers = callersNow()
    const text = JSON.stringify(callers)
    if (text === last) return
    await writeSetting(metadata.database, CALLERS, callers)
    last = text
  }

  return {
    async advance() {
      if (clock.elapsed() - keptAt < EVERY) return
      keptAt = clock.elapsed()
      await keep()
    },
    close: keep,
  }
}
