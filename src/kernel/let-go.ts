import type { LiveEntity } from './entity-record.ts'
import type { GroupPlan } from './plan.ts'
import { Sealed } from './sealed.ts'

/** One row in so many at least goes when rows go, so that moving the others and beginning a new cursor is paid for. */
const PART_WORTH_MOVING = 4

/** Whether so many of an entity's rows are worth letting go of. */
export function isWorthLettingGo(count: number, rows: number): boolean {
  return count >= Math.max(1, Math.min(rows, 1 + rows / PART_WORTH_MOVING))
}

/** Lets go of the first rows of an entity, from before an event time: what a lifetime needs of them is sealed. */
export function letGo(plan: GroupPlan, entity: LiveEntity, before: number): void {
  const count = entity.rows.countBefore(before)
  if (plan.hasLifetime && count > 0) {
    entity.sealed ??= new Sealed(plan)
    entity.sealed.take(entity.rows, count)
  }
  if (count > 0) entity.rows.dropFirst(count)
  entity.cursor = undefined
  entity.goneBefore = Math.max(entity.goneBefore, before)
}
