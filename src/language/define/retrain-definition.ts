import { type Duration, parseDuration } from '../../core/time.ts'
import { checkOptions } from './check-options.ts'

/** When a model is trained anew without anybody asking, and what becomes of it. Durations are microseconds. */
export interface RetrainDefinition {
  /** Cron expression. */
  readonly schedule?: string
  /** Zone that the schedule is in, such as America/Chicago; absent: UTC. */
  readonly zone?: string
  readonly onDrift?: DriftTrigger
  readonly onPerformance?: PerformanceTrigger
  /** As soon as so many rows got their label since what the model that serves was trained on. */
  readonly onNewLabels?: number
  /** How long after a run no other one begins on its own; absent: none. */
  readonly cooldown?: number
  /** Fewer labels than this since what serves was trained on are not worth a run; absent: any number is. */
  readonly minimumNewLabels?: number
  /** Most runs that begin on their own within a stretch of time; absent: without limit. */
  readonly budget?: { readonly runs: number; readonly per: number }
  readonly continuous?: ContinuousDefinition
  /** `auto` promotes a candidate that passed the gate; `ask` waits for an approval. */
  readonly approval: 'auto' | 'ask'
  /** How far from what serves a candidate may be, by the gate's metric, to be promoted unasked; absent: however far. */
  readonly margins?: { readonly metric: number }
}

/** An alert about drifted inputs that stays open. */
export interface DriftTrigger {
  /** Inputs that it must be about, one of them at least; absent: any. */
  readonly features?: readonly string[]
  /** Smallest population stability index; absent: that of the alert. */
  readonly psi?: number
  /** How long it must stay open. */
  readonly for: number
}

/** An alert about performance that stays open. */
export interface PerformanceTrigger {
  /** Smallest fall against the evaluation; absent: that of the alert. */
  readonly drop?: number
  readonly for: number
}

/** Training in small steps, with guardrails. */
export interface ContinuousDefinition {
  /** Steps lie at least this far apart. */
  readonly every: number
  /** Fewest labels that are new since what serves was trained on. */
  readonly labels: number
  readonly guard: {
    /** How far the mean outcome of the new rows, or the share of a class, may lie from that of the rows trained on, in standard deviations of these. */
    readonly shift: number
    /** How far the model that serves may fall on new outcomes: more is no step of learning but something to look into. */
    readonly drop: number
  }
  readonly canary: {
    /** A promoted version is taken back when it is surely worse than the one before it by more than this much. */
    readonly margin: number
    /** How long its outcomes are compared; then it stays. */
    readonly within: number
  }
}

/** What a model's `retrain` takes. */
export interface RetrainOptions {
  /** Cron expression, such as '0 4 * * 1'. */
  readonly schedule?: string
  /** Zone that the schedule is in, such as America/Chicago; UTC unless given. */
  readonly zone?: string
  /** When inputs have drifted for this long; an hour unless given. */
  readonly onDrift?: { readonly features?: readonly string[]; readonly psi?: number; readonly for?: Duration }
  /** When mature outcomes have been worse than the evaluation promised for this long; an hour unless given. */
  readonly onPerformance?: { readonly drop?: number; readonly for?: Duration }
  /** When so many rows got their label since what serves was trained on. */
  readonly onNewLabels?: number
  /** How long after a run no other one begins on its own. */
  readonly cooldown?: Duration
  /** Fewer new labels than this are not worth a run. */
  readonly minimumNewLabels?: number
  /** Most runs that begin on their own within a stretch of time. */
  readonly budget?: { readonly runs: number; readonly per: Duration }
  /** Training in small steps. */
  readonly continuous?: ContinuousOptions
  /** `ask` unless given: a candidate waits for an approval. `auto` promotes one that passed the gate. */
  readonly approval?: 'auto' | 'ask'
  /** How far from what serves a candidate may be, by the gate's metric, to be promoted unasked. */
  readonly margins?: { readonly metric: number }
}

export interface ContinuousOptions {
  readonly every: Duration
  /** Fewest new labels of a step. */
  readonly labels: number
  /** What keeps a bad batch from being learnt from; a shift of 0.5 and a drop of 0.2 unless given. */
  readonly guard?: { readonly shift?: number; readonly drop?: number }
  /** When a promoted version is taken back; a margin of 0.02 within 7d unless given. */
  readonly canary?: { readonly margin?: number; readonly within?: Duration }
}

/**
 * The definition of a model's `retrain` options.
 * @param place where they are given
 * @throws TruelineError `definition_invalid`, `invalid_duration`
 */
export function retrainOf(place: string, options: RetrainOptions = {}): RetrainDefinition {
  checkOptions<RetrainOptions>(place, options, {
    ...{ schedule: true, zone: true, onDrift: true, onPerformance: true, onNewLabels: true, cooldown: true },
    ...{ minimumNewLabels: true, budget: true, continuous: true, approval: true, margins: true },
  })
  const { onDrift, onPerformance, cooldown, budget, continuous, ...rest } = options
  if (rest.margins !== undefined) checkOptions(`${place}.margins`, rest.margins, { metric: true })
  return {
    approval: 'ask',
    ...rest,
    ...(onDrift === undefined ? {} : { onDrift: driftOf(`${place}.onDrift`, onDrift) }),
    ...(onPerformance === undefined ? {} : { onPerformance: performanceOf(`${place}.onPerformance`, onPerformance) }),
    ...(cooldown === undefined ? {} : { cooldown: parseDuration(cooldown, `${place}.cooldown`) }),
    ...(budget === undefined ? {} : { budget: budgetOf(`${place}.budget`, budget) }),
    ...(continuous === undefined ? {} : { continuous: continuousOf(`${place}.continuous`, continuous) }),
  }
}

function driftOf(place: string, options: NonNullable<RetrainOptions['onDrift']>): DriftTrigger {
  checkOptions(place, options, { features: true, psi: true, for: true })
  return { ...options, for: parseDuration(options.for ?? '1h', `${place}.for`) }
}

function performanceOf(place: string, options: NonNullable<RetrainOptions['onPerformance']>): PerformanceTrigger {
  checkOptions(place, options, { drop: true, for: true })
  return { ...options, for: parseDuration(options.for ?? '1h', `${place}.for`) }
}

function budgetOf(place: string, options: NonNullable<RetrainOptions['budget']>): RetrainDefinition['budget'] & {} {
  checkOptions(place, options, { runs: true, per: true })
  return { runs: options.runs, per: parseDuration(options.per) }
}

function continuousOf(place: string, options: ContinuousOptions): ContinuousDefinition {
  checkOptions(place, options, { every: true, labels: true, guard: true, canary: true })
  const { every, labels, guard = {}, canary = {} } = options
  checkOptions(`${place}.guard`, guard, { shift: true, drop: true })
  checkOptions(`${place}.canary`, canary, { margin: true, within: true })
  return {
    ...{ every: parseDuration(every), labels },
    guard: { shift: guard.shift ?? 0.5, drop: guard.drop ?? 0.2 },
    canary: { margin: canary.margin ?? 0.02, within: parseDuration(canary.within ?? '7d') },
  }
}
