import { type Digest, digestOfJson } from '../../core/digest.ts'
import { formatDuration, formatTime } from '../../core/time.ts'
import type { RetrainDefinition } from '../../language/define/retrain-definition.ts'
import { type RememberedRun, type RetrainingMemory, type RetrainingTrigger, rememberRun } from './retraining-memory.ts'
import { type OpenAlert, observeTriggers, type ReadyTrigger } from './triggers.ts'

/** Everything that a decision looks at. */
export interface RetrainingFacts {
  /** Microseconds. */
  readonly now: number
  /** Alerts about the model that are open. */
  readonly alerts: readonly OpenAlert[]
  /** The version that serves. */
  readonly champion: number
  /** Rows that got their label since the data that it was trained on ends. */
  readonly labels: number
  /** Digest of the model's definition. */
  readonly pipeline: Digest
  /** Digest of the data that a run would learn from, and of what serves. */
  readonly root: Digest
  /** Why the new rows are not to be learnt from; absent when nothing speaks against them. */
  readonly badBatch?: string
  /** A version that a step brought is compared with the one before it, and that is not decided. */
  readonly isProving?: boolean
  /** Somebody asks for a run now: no cooldown, budget or number of labels is in their way. */
  readonly isAsked?: boolean
}

/** Why a trigger leads to no run. */
export type WaitReason =
  | 'nothing'
  | 'under_way'
  | 'cooldown'
  | 'budget'
  | 'few_labels'
  | 'same_data'
  | 'proving'
  | 'bad_batch'
  | 'taken'

export type RetrainingDecision =
  | {
      readonly kind: 'run'
      readonly trigger: RetrainingTrigger
      readonly window: string
      readonly key: Digest
      readonly sentence: string
    }
  | {
      readonly kind: 'wait'
      readonly why: WaitReason
      /** Absent where no trigger is ready. */
      readonly trigger?: RetrainingTrigger
      readonly window?: string
      /** When it may be otherwise, microseconds; absent where time alone changes nothing. */
      readonly until?: number
      readonly sentence: string
    }

/**
 * Decides whether a model is trained now: a function of its policy, what is remembered and the facts, and of nothing else.
 * @returns the decision, and what is to be remembered once it is carried out
 */
export function decideRetraining(
  policy: RetrainDefinition,
  before: RetrainingMemory,
  facts: RetrainingFacts,
): { readonly memory: RetrainingMemory; readonly decision: RetrainingDecision } {
  const { memory, ready } = observeTriggers(policy, before, facts)
  const trigger = ready[0]
  if (trigger === undefined)
    return { memory, decision: { kind: 'wait', why: 'nothing', sentence: 'Nothing asks for a training.' } }
  const wait = reasonToWait(policy, memory, facts, trigger)
  if (wait !== undefined) return { memory, decision: { kind: 'wait', ...trigger, ...wait } }
  const { window, sentence } = trigger
  const key = keyOf(policy, facts, window)
  const run: RememberedRun = {
    ...{ at: facts.now, trigger: trigger.trigger, window, key, root: facts.root },
    ...{ champion: facts.champion, labels: facts.labels, status: 'under_way' },
  }
  const decision = { kind: 'run', trigger: trigger.trigger, window, key, sentence } as const
  return { memory: spend(rememberRun(memory, run, facts.now - (policy.budget?.per ?? 0))), decision }
}

/**
 * Whether it is worth counting labels and looking at the new rows: else the decision is to wait, whatever they say.
 */
export function wantsLabels(
  policy: RetrainDefinition,
  before: RetrainingMemory,
  facts: Omit<RetrainingFacts, 'labels' | 'root'>,
): boolean {
  const most = { ...facts, labels: Number.MAX_SAFE_INTEGER }
  const { memory, ready } = observeTriggers(policy, before, most)
  return ready[0] !== undefined && restReason(policy, memory, most, ready[0]) === undefined
}

/** One run for the same pipeline, data, policy and cause. */
function keyOf(policy: RetrainDefinition, { pipeline, root }: RetrainingFacts, window: string): Digest {
  return digestOfJson({ pipeline, root, policy, window })
}

/** What holds has led to its run. */
function spend(memory: RetrainingMemory): RetrainingMemory {
  const held = Object.entries(memory.held).map(([name, one]) => [name, { ...one, isSpent: true }])
  return { ...memory, held: Object.fromEntries(held) }
}

type Wait = { readonly why: WaitReason; readonly until?: number; readonly sentence: string }

function reasonToWait(
  policy: RetrainDefinition,
  memory: RetrainingMemory,
  facts: RetrainingFacts,
  ready: ReadyTrigger,
): Wait | undefined {
  const rest = restReason(policy, memory, facts, ready)
  if (rest !== undefined) return rest
  const done = memory.runs.findLast(({ status }) => status === 'done')
  const fresh = done?.champion === facts.champion ? facts.labels - done.labels : facts.labels
  const { minimumNewLabels = 0 } = policy
  if (ready.trigger !== 'asked' && fresh < minimumNewLabels)
    return {
      why: 'few_labels',
      sentence: `${Math.max(0, fresh)} labels are new; it takes ${minimumNewLabels}.`,
    }
  if (done?.root === facts.root)
    return { why: 'same_data', sentence: `Nothing has come since the training of ${formatTime(done.at)}.` }
  if (ready.trigger !== 'asked' && facts.badBatch !== undefined)
    return { why: 'bad_batch', sentence: `The new rows are not learnt from: ${facts.badBatch}` }
  return undefined
}

/** Why a model rests now, whatever its data. */
function restReason(
  { cooldown = 0, budget }: RetrainDefinition,
  { runs }: RetrainingMemory,
  { now, isProving = false }: Pick<RetrainingFacts, 'now' | 'isProving'>,
  { trigger, window }: ReadyTrigger,
): Wait | undefined {
  const going = runs.findLast(({ status }) => status === 'under_way')
  if (going !== undefined)
    return { why: 'under_way', sentence: `The training of ${formatTime(going.at)} is under way.` }
  if (trigger === 'asked') return undefined
  if (runs.some((run) => run.window === window)) return { why: 'taken', sentence: 'It has led to its training before.' }
  if (trigger === 'step' && isProving)
    return { why: 'proving', sentence: 'What the step before brought has not proved itself on what it was asked.' }
  const last = runs.at(-1)
  if (last !== undefined && now - last.at < cooldown) {
    const until = last.at + cooldown
    return {
      ...{ why: 'cooldown', until },
      sentence: `It rests for ${formatDuration(cooldown)} after the training of ${formatTime(last.at)}, until ${formatTime(until)}.`,
    }
  }
  if (budget === undefined) return undefined
  const counted = runs.filter((run) => run.trigger !== 'asked' && now - run.at < budget.per)
  if (counted.length < budget.runs) return undefined
  const until = counted.at(-budget.runs)!.at + budget.per
  return {
    ...{ why: 'budget', until },
    sentence: `${counted.length} trainings within ${formatDuration(budget.per)} are its budget; the next may begin at ${formatTime(until)}.`,
  }
}

/** How many runs the budget has left at `now`; undefined without a budget. */
export function budgetLeft({ budget }: RetrainDefinition, { runs }: RetrainingMemory, now: number): number | undefined {
  if (budget === undefined) return undefined
  const counted = runs.filter((run) => run.trigger !== 'asked' && now - run.at < budget.per)
  return Math.max(0, budget.runs - counted.length)
}
