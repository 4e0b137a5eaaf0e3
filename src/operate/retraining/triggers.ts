import { lastRun, nextRun } from '../../core/schedule.ts'
import { formatDuration, formatTime } from '../../core/time.ts'
import type { RetrainDefinition } from '../../language/define/retrain-definition.ts'
import type { RetrainingFacts } from './decide-retraining.ts'
import { type HeldTrigger, type RetrainingMemory, type RetrainingTrigger, rememberedAt } from './retraining-memory.ts'

/** An alert about a model that is open. */
export interface OpenAlert {
  readonly id: string
  readonly kind: 'data_drift' | 'performance_drop'
  /** When it was opened, microseconds. */
  readonly since: number
  /** Inputs that drifted, of an alert about drift. */
  readonly features?: readonly { readonly feature: string; readonly psi?: number }[]
  /** By how much the metric fell, of one about performance. */
  readonly shortfall?: number
}

/** A trigger that asks for a run. */
export interface ReadyTrigger {
  readonly trigger: RetrainingTrigger
  readonly window: string
  readonly sentence: string
}

type Observed = Pick<RetrainingFacts, 'now' | 'alerts' | 'champion' | 'labels' | 'isAsked'>

/**
 * What the triggers of a policy say now, the most urgent first.
 * @returns memory with what holds and when the schedule is due next: a moment that has passed is told once, the last of
 *   several that were missed
 */
export function observeTriggers(
  policy: RetrainDefinition,
  before: RetrainingMemory,
  facts: Observed,
): { readonly memory: RetrainingMemory; readonly ready: readonly ReadyTrigger[] } {
  const { now } = facts
  const past = rememberedAt(before, now)
  const drift = hold(past.held.drift, driftAlert(policy, facts), now)
  const performance = hold(past.held.performance, performanceAlert(policy, facts), now)
  const { due, moment } = scheduled(policy, past, now)
  const { due: _, ...rest } = past
  const memory: RetrainingMemory = {
    ...rest,
    ...(due === undefined ? {} : { due }),
    held: { ...(drift === undefined ? {} : { drift }), ...(performance === undefined ? {} : { performance }) },
  }
  const ready: ReadyTrigger[] = []
  if (facts.isAsked === true)
    ready.push({
      trigger: 'asked',
      window: `asked after ${past.runs.at(-1)?.key ?? 'none'}`,
      sentence: 'Somebody asks for it.',
    })
  if (isReady(performance, policy.onPerformance?.for, now))
    ready.push(heldReady('performance', 'Its outcomes have been worse than promised', performance))
  if (isReady(drift, policy.onDrift?.for, now)) ready.push(heldReady('drift', 'Its inputs have drifted', drift))
  ready.push(...labelTriggers(policy, past, facts))
  if (moment !== undefined)
    ready.push({
      ...{ trigger: 'schedule', window: `schedule ${formatTime(moment)}` },
      sentence: `Its schedule says ${formatTime(moment)}.`,
    })
  return { memory, ready }
}

function driftAlert({ onDrift }: RetrainDefinition, { alerts }: Observed): OpenAlert | undefined {
  if (onDrift === undefined) return undefined
  const { features, psi = 0 } = onDrift
  return alerts.find(
    (alert) =>
      alert.kind === 'data_drift' &&
      ((features === undefined && psi === 0) ||
        alert.features?.some(
          (one) => (features === undefined || features.includes(one.feature)) && (one.psi ?? 0) >= psi,
        ) === true),
  )
}

function performanceAlert({ onPerformance }: RetrainDefinition, { alerts }: Observed): OpenAlert | undefined {
  if (onPerformance === undefined) return undefined
  const { drop = 0 } = onPerformance
  return alerts.find(({ kind, shortfall = 0 }) => kind === 'performance_drop' && shortfall >= drop)
}

/** What holds goes on to hold while its alert is open; another alert is another one, that counts anew. */
function hold(before: HeldTrigger | undefined, alert: OpenAlert | undefined, now: number): HeldTrigger | undefined {
  if (alert === undefined) return undefined
  if (before?.alert === alert.id) return before
  return { alert: alert.id, since: Math.min(alert.since, now), isSpent: false }
}

function isReady(held: HeldTrigger | undefined, length: number | undefined, now: number): held is HeldTrigger {
  return held !== undefined && length !== undefined && !held.isSpent && now - held.since >= length
}

function heldReady(trigger: 'drift' | 'performance', what: string, { alert, since }: HeldTrigger): ReadyTrigger {
  return { trigger, window: `${trigger} ${alert}`, sentence: `${what} since ${formatTime(since)} (${alert}).` }
}

/** Labels are counted from the last run on, however it ended: what failed is not tried again with every row. */
function labelTriggers(
  { onNewLabels, continuous }: RetrainDefinition,
  { runs }: RetrainingMemory,
  { now, labels, champion }: Observed,
): ReadyTrigger[] {
  const last = runs.at(-1)
  const base = last?.champion === champion ? last.labels : 0
  const fresh = labels - base
  const window = `labels after ${last?.key ?? 'none'}`
  const ready: ReadyTrigger[] = []
  if (onNewLabels !== undefined && fresh >= onNewLabels)
    ready.push({ trigger: 'labels', window, sentence: `${fresh} labels are new; ${onNewLabels} are enough.` })
  if (continuous === undefined || fresh < continuous.labels) return ready
  if (last !== undefined && now - last.at < continuous.every) return ready
  const sentence = `${fresh} labels are new, and a step may come every ${formatDuration(continuous.every)}.`
  return [...ready, { trigger: 'step', window: `step ${window}`, sentence }]
}

/** When the schedule is due next, and the last of its moments that have passed since it was looked at. */
function scheduled(
  { schedule, zone = 'UTC' }: RetrainDefinition,
  { due }: RetrainingMemory,
  now: number,
): { readonly due?: RetrainingMemory['due']; readonly moment?: number } {
  if (schedule === undefined) return {}
  const isKnown = due?.schedule === schedule && due.zone === zone
  let next = isKnown ? due.at : nextRun(schedule, now, zone)
  let moment: number | undefined
  if (next !== undefined && next <= now) {
    moment = lastRun(schedule, next, now, zone)
    next = nextRun(schedule, now, zone)
  }
  return {
    ...(next === undefined ? {} : { due: { schedule, zone, at: next } }),
    ...(moment === undefined ? {} : { moment }),
  }
}
