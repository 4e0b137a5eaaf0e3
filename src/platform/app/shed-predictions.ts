import type { Metadata } from '../../stores/metadata/metadata.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'

/** How many predictions something was done with, by model, since the directory was made. */
export interface PredictionCounter {
  /** Of one model, or of all. */
  count(model?: string): number
  add(model: string, count: number): void
  /** Keeps what was added since the last time. */
  save(): Promise<void>
}

/** Predictions that were answered and never reached the log. */
export type ShedPredictions = PredictionCounter

/** Goes on counting where the last process stopped. */
export function openShedPredictions(metadata: Metadata): Promise<ShedPredictions> {
  return openCounter(metadata, 'shed_predictions')
}

/** Predictions that are not of the sample that is logged: no loss. */
export function openUnsampledPredictions(metadata: Metadata): Promise<PredictionCounter> {
  return openCounter(metadata, 'unsampled_predictions')
}

async function openCounter({ database }: Metadata, setting: string): Promise<PredictionCounter> {
  const saved = (await readSetting(database, setting)) as Record<string, number> | undefined
  const counts = new Map(Object.entries(saved ?? {}))
  let changed = false
  return {
    count: (model) =>
      model === undefined ? [...counts.values()].reduce((sum, count) => sum + count, 0) : (counts.get(model) ?? 0),
    add(model, count) {
      counts.set(model, (counts.get(model) ?? 0) + count)
      changed = true
    },
    async save() {
      if (!changed) return
      changed = false
      try {
        await writeSetting(database, setting, Object.fromEntries(counts))
      } catch (thrown) {
        // The next one keeps it, though nothing is added until then.
        changed = true
        throw thrown
      }
    },
  }
}
