import { isCron } from '../../core/schedule.ts'
import { zoneOffsets } from '../../core/zones/zones.ts'
import type { ModelDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

/** Checks when a model is trained anew, and what becomes of it. */
export function checkRetrain({ retrain, monitor }: ModelDefinition, mistakes: Mistakes): void {
  const require = (holds: boolean, place: string, message: string): void => {
    if (!holds) mistakes.add('definition_invalid', `retrain.${place}`, message)
  }
  const { schedule, zone, onDrift, onPerformance, onNewLabels, cooldown, minimumNewLabels, budget, margins } = retrain
  require(schedule === undefined ||
    isCron(schedule), 'schedule', `'${schedule}' is not a cron expression such as '0 4 * * 1'.`)
  if (zone !== undefined) mistakes.attempt('retrain.zone', () => zoneOffsets(zone))
  require(zone === undefined || schedule !== undefined, 'zone', 'There is no schedule that it is the zone of.')
  if (onDrift !== undefined) {
    const { psi = monitor.psi, features } = onDrift
    require(psi >= monitor.psi, 'onDrift.psi', `Drift below the model's own limit, ${monitor.psi}, is never told.`)
    require(features === undefined || features.length > 0, 'onDrift.features', 'It names none: leave it out for any.')
    require(onDrift.for >= 0, 'onDrift.for', 'It cannot be below 0.')
  }
  if (onPerformance !== undefined) {
    const { drop = monitor.performanceDrop } = onPerformance
    const least = monitor.performanceDrop
    require(drop >= least, 'onPerformance.drop', `A fall below the model's own limit, ${least}, is never told.`)
    require(onPerformance.for >= 0, 'onPerformance.for', 'It cannot be below 0.')
  }
  require(isCount(onNewLabels ?? 1), 'onNewLabels', 'It must be a whole number above 0.')
  require(isCount(minimumNewLabels ?? 1), 'minimumNewLabels', 'It must be a whole number above 0.')
  require((cooldown ?? 0) >= 0, 'cooldown', 'It cannot be below 0.')
  if (budget !== undefined) {
    require(isCount(budget.runs), 'budget.runs', 'It must be a whole number above 0.')
    require(budget.per > 0, 'budget.per', 'It must be longer than 0.')
  }
  require(['auto', 'ask'].includes(retrain.approval), 'approval', `It is 'auto' or 'ask', not '${retrain.approval}'.`)
  require(margins === undefined || margins.metric >= 0, 'margins.metric', 'It must be a number at least 0.')
  checkContinuous(retrain.continuous, require)
}

function checkContinuous(
  continuous: ModelDefinition['retrain']['continuous'],
  require: (holds: boolean, place: string, message: string) => void,
): void {
  if (continuous === undefined) return
  const { every, labels, guard, canary } = continuous
  require(every > 0, 'continuous.every', 'It must be longer than 0.')
  require(isCount(labels), 'continuous.labels', 'It must be a whole number above 0.')
  for (const limit of ['shift', 'drop'] as const)
    require(guard[limit] > 0, `continuous.guard.${limit}`, 'It must be a number above 0.')
  require(canary.margin >= 0, 'continuous.canary.margin', 'It must be a number at least 0.')
  require(canary.within > 0, 'continuous.canary.within', 'It must be longer than 0.')
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}
