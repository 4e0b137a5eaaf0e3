import { canonicalJson } from '../../core/canonical.ts'
import type { Clock } from '../../core/clock.ts'
import { SECOND } from '../../core/time.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { createParityWatch, type ParityHours, type ParityWatch } from '../../operate/monitoring/parity-watch.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'

/** Counts of all audits since the directory was made. */
export interface AuditCounts {
  checked: number
  mismatches: number
  unverifiable: number
  /** When the last one ended, microseconds. */
  at?: number
}

/** What parity audits find, kept over restarts. */
export interface KeptAudits {
  readonly parity: ParityWatch
  readonly audits: AuditCounts
  /** Writes down what was found since the last time, once a minute at most unless it is `atOnce`. */
  save(atOnce?: boolean): Promise<void>
}

const SETTING = 'parity_audits'
/** Real time: a rehearsal lives through hours in a second. */
const BETWEEN = 60 * SECOND

/** Goes on where the last process stopped. */
export async function openAudits(
  metadata: Metadata,
  desk: AlertDesk,
  clock: Pick<Clock, 'elapsed'>,
): Promise<KeptAudits> {
  const saved = (await readSetting(metadata.database, SETTING)) as
    | { readonly counts: AuditCounts; readonly hours: ParityHours }
    | undefined
  const audits: AuditCounts = { checked: 0, mismatches: 0, unverifiable: 0, ...saved?.counts }
  const parity = createParityWatch(metadata, desk, saved?.hours)
  const findings = () => ({ counts: { ...audits }, hours: parity.hours() })
  let written = canonicalJson(findings())
  let due = clock.elapsed() + BETWEEN
  return {
    parity,
    audits,
    async save(atOnce = false) {
      if (!atOnce && clock.elapsed() < due) return
      due = clock.elapsed() + BETWEEN
      const found = findings()
      const text = canonicalJson(found)
      if (text === written) return
      await writeSetting(metadata.database, SETTING, found)
      written = text
    },
  }
}
