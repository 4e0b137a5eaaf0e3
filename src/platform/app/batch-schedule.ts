import { lastRun, nextRun } from '../../core/schedule.ts'
import { formatTime, MINUTE } from '../../core/time.ts'
import type { BatchDefinition } from '../../language/define/batch-definition.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { lastScheduled } from '../../operate/serving/batch/batch-store.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'

/** When batches are due; it outlives the process, so that what was due while none ran is known. */
export interface BatchSchedule {
  /** When a batch runs next, microseconds; undefined without a schedule. */
  due(name: string): Promise<number | undefined>
  /**
   * Those that are due at `now`, each once, as of the moment that its schedule says: of several that have passed the last.
   * What was due and did not run in time raises an alert. One that is taken stays due on disk until it has begun.
   * @param isBusy whether a run of the batch is under way, so that none begins
   */
  take(
    now: number,
    isBusy: (name: string) => boolean,
  ): Promise<readonly { readonly name: string; readonly at: number }[]>
  /** Keeps that those that were taken have begun, or that it was told why they could not. */
  begun(): Promise<void>
}

/** Setting that keeps when each batch is due, with its schedule. */
const DUE = 'batches_due'
/** A run that begins later than this was missed. */
const PATIENCE = 5 * MINUTE

type DueTimes = Record<string, { readonly schedule: string; readonly due: number }>

export function createBatchSchedule(
  batches: Readonly<Record<string, BatchDefinition>>,
  metadata: Metadata,
  desk: AlertDesk,
): BatchSchedule {
  const { database, clock } = metadata
  let known: Promise<DueTimes> | undefined
  /** As they are on disk for those that were taken and have not begun. */
  const taken = new Map<string, DueTimes[string]>()

  /** All who ask have the same times, also those who ask while they are read. */
  function dueTimes(): Promise<DueTimes> {
    known ??= readTimes().catch((thrown: unknown) => {
      known = undefined
      throw thrown
    })
    return known
  }

  async function readTimes(): Promise<DueTimes> {
    const before = ((await readSetting(database, DUE)) ?? {}) as DueTimes
    const times: DueTimes = {}
    for (const { name, schedule } of Object.values(batches)) {
      if (schedule === undefined) continue
      const kept = before[name]?.schedule === schedule ? before[name].due : undefined
      // The process before may have ended when a run had begun, before it was kept that it had.
      const last = kept === undefined ? undefined : await lastScheduled(metadata, name)
      const isBegun = kept !== undefined && last !== undefined && last >= kept
      const due = kept === undefined ? nextRun(schedule, clock.now()) : isBegun ? nextRun(schedule, last) : kept
      if (due !== undefined) times[name] = { schedule, due }
    }
    if (Object.keys(times).length > 0) await writeSetting(database, DUE, times)
    return times
  }

  async function keep(times: DueTimes): Promise<void> {
    await writeSetting(database, DUE, { ...times, ...Object.fromEntries(taken) })
  }

  async function judge(name: string, due: number, at: number, now: number, isBusy: boolean): Promise<void> {
    const subject = { model: `batch/${name}`, kind: 'batch_missed' } as const
    const why = isBusy
      ? 'the run before was still under way'
      : due < at || now - at > PATIENCE
        ? `it began at ${formatTime(now)}`
        : undefined
    if (why === undefined) await desk.resolve(subject, 'It ran in time again.')
    else
      await desk.raise({
        ...subject,
        title: `batch ${name} was due at ${formatTime(due)} and did not run then: ${why}.`,
        ...{ evidence: { due }, effect: { began: isBusy ? 0 : now }, n: 1 },
      })
  }

  return {
    async due(name) {
      return (await dueTimes())[name]?.due
    },
    async take(now, isBusy) {
      const times = await dueTimes()
      const later: DueTimes = { ...times }
      const chosen: { name: string; at: number }[] = []
      for (const [name, { schedule, due }] of Object.entries(times)) {
        if (due > now) continue
        const at = lastRun(schedule, due, now)
        const next = nextRun(schedule, now)
        if (next === undefined) delete later[name]
        else later[name] = { schedule, due: next }
        const isLeftOut = isBusy(name)
        await judge(name, due, at, now, isLeftOut)
        if (!isLeftOut) chosen.push({ name, at })
      }
      // Only now: what could not be told or kept is due again at the next look, and none is left out in silence.
      for (const { name } of chosen) taken.set(name, times[name]!)
      const hasPassed = Object.values(times).some(({ due }) => due <= now)
      if (hasPassed) await keep(later)
      known = Promise.resolve(later)
      return chosen
    },
    async begun() {
      taken.clear()
      await keep(await dueTimes())
    },
  }
}
