import type { Digest } from '../../core/digest.ts'

/** What leads to a training: `step` is one of continuous learning, `asked` a person. */
export type RetrainingTrigger = 'schedule' | 'drift' | 'performance' | 'labels' | 'step' | 'asked'

/** A run that was decided on. */
export interface RememberedRun {
  /** When, microseconds; brought down to the present when the clock goes back. */
  readonly at: number
  readonly trigger: RetrainingTrigger
  /** What the trigger was about, such as one moment of a schedule: it leads to one run. */
  readonly window: string
  readonly key: Digest
  /** Of the data and the version that served. */
  readonly root: Digest
  /** The version that served then, and how many labels were new to it. */
  readonly champion: number
  readonly labels: number
  readonly status: 'under_way' | 'done' | 'failed'
}

/** An alert that holds: it leads to one run, and counts again only after it was away. */
export interface HeldTrigger {
  readonly alert: string
  /** Microseconds. */
  readonly since: number
  readonly isSpent: boolean
}

/** What is remembered of a model from one decision to the next, as plain JSON data. */
export interface RetrainingMemory {
  /** The latest time that was seen, microseconds. */
  readonly seen: number
  /** When the schedule is due next; absent without one. */
  readonly due?: { readonly schedule: string; readonly zone: string; readonly at: number }
  readonly held: Readonly<Partial<Record<'drift' | 'performance', HeldTrigger>>>
  /** Oldest first. */
  readonly runs: readonly RememberedRun[]
}

export const nothingRemembered: RetrainingMemory = { seen: 0, held: {}, runs: [] }

/** At least so many runs are remembered, those apart that a budget counts. */
const LEAST_REMEMBERED = 20

/** Takes a run into memory, and forgets those that nothing asks for any more. */
export function rememberRun(memory: RetrainingMemory, run: RememberedRun, since: number): RetrainingMemory {
  const kept = memory.runs.filter(
    ({ at, status }, index) => at >= since || status === 'under_way' || index >= memory.runs.length - LEAST_REMEMBERED,
  )
  return { ...memory, runs: [...kept, run] }
}

/** Notes how the run with a key ended. */
export function rememberEnd(memory: RetrainingMemory, key: Digest, status: 'done' | 'failed'): RetrainingMemory {
  return { ...memory, runs: memory.runs.map((run) => (run.key === key ? { ...run, status } : run)) }
}

/**
 * Memory as it is at `now`. When the clock went back, what is remembered of the future counts as of now: no trigger is
 * shut out until the wrong time comes, and a rest that has begun lasts its whole length.
 */
export function rememberedAt(memory: RetrainingMemory, now: number): RetrainingMemory {
  if (now >= memory.seen) return { ...memory, seen: now }
  const { due: _, ...rest } = memory
  const held = Object.entries(memory.held).map(([name, one]) => [name, { ...one, since: Math.min(one.since, now) }])
  return {
    ...rest,
    seen: now,
    held: Object.fromEntries(held),
    runs: memory.runs.map((run) => ({ ...run, at: Math.min(run.at, now) })),
  }
}
