import type { GroupPlan } from './plan.ts'
import type { Lane } from './plan-lanes.ts'
import { ROWS_AT_ONCE } from './rows-at-once.ts'

/** Value of a lane for one row of encoded columns. */
function laneValue(lane: Lane, columns: readonly Float64Array[], row: number): number {
  if (lane.where !== undefined && lane.where(columns, row) !== 1) return Number.NaN
  return lane.argument === undefined ? 1 : lane.argument(columns, row)
}

/** The lanes of one row, into `values`. */
export function evaluateRow(
  plan: GroupPlan,
  columns: readonly Float64Array[],
  row: number,
  values: Float64Array,
): void {
  for (let lane = 0; lane < plan.lanes.length; lane++) values[lane] = laneValue(plan.lanes[lane] as Lane, columns, row)
}

/** The lanes of many rows, one after another: lane l of row r is at [at + l * count + r]. */
export function evaluateRows(
  plan: GroupPlan,
  columns: readonly Float64Array[],
  count: number,
  values: Float64Array,
  at: number,
): void {
  for (const [index, lane] of plan.lanes.entries())
    for (let from = 0; from < count; from += ROWS_AT_ONCE)
      evaluateRun(lane, columns, from, Math.min(from + ROWS_AT_ONCE, count), values, at + index * count)
}

function evaluateRun(
  lane: Lane,
  columns: readonly Float64Array[],
  from: number,
  to: number,
  values: Float64Array,
  at: number,
): void {
  for (let row = from; row < to; row++) values[at + row] = laneValue(lane, columns, row)
}
