import type { Metadata } from '../../stores/metadata/metadata.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'

/** Predictions that were answered and never reached the log, by model, since the directory was made. */
export interface ShedPredictions {
  /** Of one model, or of all. */
  count(model?: string): number
  add(model: string, count: number): void
  /** Keeps what was added since the last time. */
  save(): Promise<void>
}

const SETTING = 'shed_predictions'

/** Goes on counting where the last process stopped. */
export async function openShedPredictions({ database }: Metadata): Promise<ShedPredictions> {
  const saved = (await readSetting(database, SETTING)) as Record<string, number> | undefined
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
      await writeSetting(database, SETTING, Object.fromEntries(counts))
    },
  }
}
