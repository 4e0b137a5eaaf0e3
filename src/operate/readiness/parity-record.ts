import { DAY } from '../../core/time.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'

/**
 * What parity audits of a model found within a day, and for as long after it as no day has gone by without a mismatch; times
 * are microseconds.
 */
export interface ParityRecord {
  /** Of the first and of the newest audit. */
  readonly since: number
  readonly at: number
  /** Of the newest audit that found a mismatch. */
  readonly failedAt?: number
  /** Predictions that were recomputed, and how many came out otherwise. */
  readonly checked: number
  readonly mismatches: number
}

const nameOf = (model: string): string => `parity_audit/${model}`

/**
 * Adds what an audit found to what those of the day found: a platform that starts anew still knows it. A new day begins
 * without what was found before, unless a mismatch is less than a day old.
 */
export async function keepParity(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  { at, checked, mismatches }: Omit<ParityRecord, 'since' | 'failedAt'>,
): Promise<void> {
  if (checked === 0) return
  await database.transaction().execute(async (transaction) => {
    const before = (await readSetting(transaction, nameOf(model))) as ParityRecord | undefined
    const isOver = before === undefined || at - Math.max(before.since, before.failedAt ?? before.since) >= DAY
    const sums = isOver ? { since: at, checked: 0, mismatches: 0 } : before
    const record: ParityRecord = {
      ...{ ...sums, at, checked: sums.checked + checked, mismatches: sums.mismatches + mismatches },
      ...(mismatches > 0 ? { failedAt: at } : {}),
    }
    await writeSetting(transaction, nameOf(model), record)
  })
}

/** What the audits of the last day that had any found; undefined before the first one. */
export async function readParity(
  { database }: Pick<Metadata, 'database'>,
  model: string,
): Promise<ParityRecord | undefined> {
  return (await readSetting(database, nameOf(model))) as ParityRecord | undefined
}
