import { DAY, HOUR, MINUTE } from '../../core/time.ts'
import type { Objective } from '../../language/define/slo-definition.ts'
import { wilsonInterval } from '../../stats/intervals/wilson.ts'
import type { ObjectiveMeter } from './objective-meter.ts'
import type { WindowVerdict } from './persistence.ts'

/** A rule of alerting: so much of the budget is spent within the long window, and it is still being spent in the short one. */
export interface BurnRule {
  readonly severity: 'page' | 'ticket'
  readonly long: number
  readonly short: number
  /** Share of the budget of the whole window. */
  readonly spent: number
}

/**
 * Multiwindow, multi-burn-rate alerts (The Site Reliability Workbook, chapter 5, table 5-8). For a window of 30 days these
 * are rates of 14.4, 6, 3 and 1 times what may be bad.
 */
export const burnRules: readonly BurnRule[] = [
  { severity: 'page', long: HOUR, short: 5 * MINUTE, spent: 0.02 },
  { severity: 'page', long: 6 * HOUR, short: 30 * MINUTE, spent: 0.05 },
  { severity: 'ticket', long: DAY, short: 2 * HOUR, spent: 0.1 },
  { severity: 'ticket', long: 3 * DAY, short: 6 * HOUR, spent: 0.1 },
]

/** How fast the budget was spent over a window: 1 spends exactly all of it over the window of the objective. */
export interface Burn {
  /** Microseconds. */
  readonly over: number
  readonly answers: number
  readonly bad: number
  readonly rate: number
}

/** How an objective stands. */
export interface ObjectiveState extends Objective {
  /** When the first answer was counted that is part of this, microseconds; absent before. */
  readonly since?: number
  readonly answers: number
  readonly bad: number
  /** Share of answers that were good; absent without any. */
  readonly good?: number
  /** Share of the budget that is left; below 0 where more was bad than may be. */
  readonly left: number
  readonly burns: readonly Burn[]
}

/** Rates below this spend no more than may be spent. */
const LEAST_RATE = 1
/** Share of answers whose failing is always enough: where much may be bad, rates above this may be more than there can be. */
const SURELY_BAD = 0.5
/** Fewest bad answers of a long window that are no accident. */
const LEAST_BAD = 10
const CONFIDENCE = 0.95

/** @param now microseconds; the meter has moved there */
export function stateOfObjective(objective: Objective, meter: ObjectiveMeter, now: number): ObjectiveState {
  const { answers, bad, rate } = burnOver(objective, meter, objective.window)
  const since = Math.max(meter.first, now - objective.window)
  const lengths = [...new Set(burnRules.flatMap(({ short, long }) => [short, long]))].sort((a, b) => a - b)
  return {
    ...objective,
    ...(Number.isFinite(since) ? { since } : {}),
    ...{ answers, bad, left: 1 - rate },
    ...(answers === 0 ? {} : { good: 1 - bad / answers }),
    burns: lengths.map((over) => burnOver(objective, meter, over)),
  }
}

function burnOver({ name, target }: Objective, meter: ObjectiveMeter, over: number): Burn {
  const counts = meter.over(over)
  const bad = name === 'latency' ? counts.slow : counts.faults
  // Of what was not answered there is no latency to judge.
  const answers = name === 'latency' ? counts.answers - counts.faults : counts.answers
  return { over, answers, bad, rate: answers === 0 ? 0 : bad / answers / (1 - target) }
}

/** What a rule found. */
export interface BurnFinding {
  readonly objective: Objective
  readonly rule: BurnRule
  readonly threshold: number
  readonly long: Burn
  readonly short: Burn
}

/**
 * The rate of a rule. With 90% promised all that fails burns at a rate of 10, which never reaches 14.4: the workbook says of
 * such objectives that the parameters have to be tuned ("Extreme Availability Goals").
 */
function thresholdOf({ spent, long }: BurnRule, { target, window }: Objective): number {
  return Math.max(LEAST_RATE, Math.min((spent * window) / long, SURELY_BAD / (1 - target)))
}

/**
 * Judges an objective by the rules of one severity. `bad` when by one of them the budget is surely burnt in the long window
 * and still in the short one: a rule is looked at every minute, so chance must have little to say in it; `good` when no short
 * window burns faster than its rule allows.
 */
export function judgeBurn(
  objective: Objective,
  meter: ObjectiveMeter,
  severity: BurnRule['severity'],
): { readonly verdict: WindowVerdict; readonly worst?: BurnFinding } {
  const allowed = 1 - objective.target
  let verdict: WindowVerdict = 'good'
  let worst: BurnFinding | undefined
  for (const rule of burnRules) {
    if (rule.severity !== severity) continue
    const threshold = thresholdOf(rule, objective)
    const long = burnOver(objective, meter, rule.long)
    const short = burnOver(objective, meter, rule.short)
    if (short.answers === 0 && verdict === 'good') verdict = 'unknown'
    if (short.rate <= threshold) continue
    const low = wilsonInterval(long.bad, long.answers, CONFIDENCE)?.low ?? 0
    if (long.bad >= LEAST_BAD && low > threshold * allowed) {
      verdict = 'bad'
      worst ??= { objective, rule, threshold, long, short }
    } else if (verdict === 'good') verdict = 'unknown'
  }
  return { verdict, ...(worst === undefined ? {} : { worst }) }
}
