import type { Parts } from './assemble-platform.ts'

/** Why the platform should get no requests right now; nothing when it should. */
export function reasonsNotReady({
  log,
  underWay,
  protection,
  servings,
  rawModels,
}: Pick<Parts, 'log' | 'underWay' | 'protection' | 'servings' | 'rawModels'>): readonly string[] {
  const reasons: string[] = []
  if (underWay.signal.aborted || protection.isDraining) reasons.push('The platform is shutting down.')
  if (log.failure !== undefined) reasons.push(`The log takes nothing: ${log.failure.message}`)
  for (const [model, { served, isWithdrawn, fault }] of servings)
    if (served === undefined && !isWithdrawn)
      reasons.push(fault === undefined ? `No version of '${model}' serves yet.` : `${fault.message} ${fault.remedy}`)
  reasons.push(...rawModels.reasonsNotReady())
  return reasons
}
