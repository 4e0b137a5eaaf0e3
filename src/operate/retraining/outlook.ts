import { formatDuration, formatTime } from '../../core/time.ts'
import type { RetrainDefinition } from '../../language/define/retrain-definition.ts'
import type { HeldTrigger, RetrainingMemory, RetrainingTrigger } from './retraining-memory.ts'

/** What a trigger waits for. */
export interface TriggerOutlook {
  readonly trigger: RetrainingTrigger
  readonly sentence: string
  /** When it asks for a training if nothing else happens, microseconds; absent where time alone does not lead to it. */
  readonly at?: number
}

/** Whether a policy ever trains without being asked. */
export function hasTriggers({ schedule, onDrift, onPerformance, onNewLabels, continuous }: RetrainDefinition): boolean {
  return [schedule, onDrift, onPerformance, onNewLabels, continuous].some((trigger) => trigger !== undefined)
}

/**
 * What each trigger of a policy waits for.
 * @param labels how many were new to the version that serves when they were counted last; undefined where they were not
 * @param champion the version that serves; null where none does
 */
export function outlookOf(
  policy: RetrainDefinition,
  memory: RetrainingMemory,
  labels: number | undefined,
  champion: number | null,
): TriggerOutlook[] {
  const { onDrift, onPerformance, onNewLabels, continuous } = policy
  const outlook: TriggerOutlook[] = []
  if (memory.due !== undefined) {
    const { schedule, zone, at } = memory.due
    outlook.push({ trigger: 'schedule', sentence: `${schedule} (${zone}) is due at ${formatTime(at)}.`, at })
  }
  if (onDrift !== undefined) outlook.push({ trigger: 'drift', ...heldOutlook(memory.held.drift, onDrift.for) })
  if (onPerformance !== undefined)
    outlook.push({ trigger: 'performance', ...heldOutlook(memory.held.performance, onPerformance.for) })
  const lastRun = memory.runs.at(-1)
  const base = lastRun?.champion === champion ? lastRun.labels : 0
  const seen = labels === undefined ? 'none were counted yet' : `${Math.max(0, labels - base)} are`
  if (onNewLabels !== undefined)
    outlook.push({ trigger: 'labels', sentence: `${onNewLabels} labels must be new; ${seen}.` })
  if (continuous !== undefined) {
    const { every, labels: needed } = continuous
    const rest = lastRun === undefined ? '' : `, and a step may come from ${formatTime(lastRun.at + every)} on`
    outlook.push({ trigger: 'step', sentence: `${needed} labels must be new; ${seen}${rest}.` })
  }
  return outlook
}

function heldOutlook(held: HeldTrigger | undefined, length: number): Omit<TriggerOutlook, 'trigger'> {
  if (held === undefined) return { sentence: 'No such alert is open.' }
  const { alert, since, isSpent } = held
  if (isSpent) return { sentence: `${alert} has led to a training, and counts again after it was resolved.` }
  const at = since + length
  const sentence = `${alert} is open since ${formatTime(since)} and counts when that is ${formatDuration(length)} ago.`
  return { sentence, at }
}
