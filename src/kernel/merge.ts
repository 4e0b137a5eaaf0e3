import type { LiveEntity } from './entity-record.ts'
import { letGo } from './let-go.ts'
import type { GroupPlan } from './plan.ts'
import { Sealed } from './sealed.ts'

/**
 * Takes in what is held of the same entity over other rows, before, after or among its own, as if they had come here: the
 * rows go among the rows, from where on both hold theirs, and what is sealed is put together.
 * @param other is of no use afterwards
 */
export function mergeEntity(plan: GroupPlan, entity: LiveEntity, other: LiveEntity): void {
  const before = Math.max(entity.goneBefore, other.goneBefore)
  for (const one of [entity, other]) letGo(plan, one, before)
  const lanes = new Float64Array(plan.lanes.length)
  const { rows } = other
  for (let row = 0; row < rows.length; row++) {
    for (let lane = 0; lane < lanes.length; lane++) lanes[lane] = rows.lane(lane, row)
    entity.rows.insert(rows.time(row), rows.sequence(row), rows.id(row), lanes)
  }
  if (other.sealed === undefined) return
  entity.sealed ??= new Sealed(plan)
  entity.sealed.merge(other.sealed)
}
