import type { LiveEntity } from './entity-record.ts'
import type { GroupPlan } from './plan.ts'
import { Sealed } from './sealed.ts'

/**
 * Lets go of an entity's rows from before an event time: what a lifetime needs of them is sealed.
 * @param atLeast rows; fewer are not worth moving the others, and nothing changes
 */
export function letGo(plan: GroupPlan, entity: LiveEntity, before: number, atLeast: number): void {
  const count = entity.rows.countBefore(before)
  if (count < atLeast) return
  if (plan.hasLifetime && count > 0) {
    entity.sealed ??= new Sealed(plan)
    entity.sealed.take(entity.rows, count)
  }
  entity.rows.dropFirst(count)
  entity.cursor = undefined
  entity.goneBefore = Math.max(entity.goneBefore, before)
}
