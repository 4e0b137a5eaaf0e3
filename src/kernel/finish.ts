import type { PlainStatistic, WindowStatistics } from '../language/aggregate/aggregate.ts'
import type { GroupPlan, LastState, PlannedFeature } from './plan.ts'
import { FIRST_LANE, type RowColumns } from './rows.ts'
import type { Sealed } from './sealed.ts'
import { EMPTY, NULL, UNKNOWN_KEY, VALUE } from './status.ts'
import type { Steps } from './steps.ts'

/**
 * Makes values and statuses of what the windows held after each step: feature f at step i goes to
 * [at + f * size + i], so the features of a single step follow each other.
 * @param rows those that the cursor went over
 * @param sealed what lifetime windows keep of rows that are held no longer
 */
export function finishFeatures(
  plan: GroupPlan,
  rows: RowColumns,
  steps: Steps,
  sealed: Sealed | undefined,
  values: Float64Array,
  statuses: Uint8Array,
  at: number,
): void {
  const { size, count, heads, tails, statistics } = steps
  const sealedKnown = plan.windows[plan.horizon]?.kind === 'lifetime' ? (sealed?.rows ?? 0) : 0
  for (let index = 0; index < plan.features.length; index++) {
    const feature = plan.features[index] as PlannedFeature
    const { empty, finish, is, parameters, answer, window, rowMoments } = feature
    const end = (plan.ends[window] as number) * size
    const sealedHere = feature.isLifetime ? sealed : undefined
    for (let step = 0; step < count; step++) {
      const found =
        rowMoments === -1
          ? (heads[end + step] as number) - (tails[window * size + step] as number) + (sealedHere?.rows ?? 0)
          : (steps.counts[rowMoments * size + step] as number)
      const place = at + index * size + step
      if (found === 0) {
        const held = (heads[step] as number) - (tails[plan.horizon * size + step] as number)
        const isKnown = held + sealedKnown > 0
        values[place] = empty
        statuses[place] = isKnown ? EMPTY : UNKNOWN_KEY
        continue
      }
      let value: number
      if (is !== undefined) value = plainly(is, plan, feature, found, steps, step, sealedHere)
      else if (finish === undefined) value = steps.answers[answer * size + step] as number
      else {
        statistics.rows = found
        fill(statistics, plan, feature, rows, steps, step, sealedHere)
        value = finish(statistics, parameters)
      }
      values[place] = value
      statuses[place] = Number.isNaN(value) ? NULL : VALUE
    }
  }
}

/** A feature that is a statistic as it stands. */
function plainly(
  is: PlainStatistic,
  plan: GroupPlan,
  { window, moments, smallest, largest, distinct }: PlannedFeature,
  rows: number,
  steps: Steps,
  step: number,
  sealed: Sealed | undefined,
): number {
  const at = moments * steps.size + step
  switch (is) {
    case 'rows':
      return rows
    case 'ratio':
      return (steps.sums[at] as number) / (steps.counts[at] as number)
    case 'sum':
      return steps.counts[at] === 0 ? Number.NaN : (steps.sums[at] as number)
    case 'smallest':
      return extremeOf(plan, smallest, window, steps, step, sealed)
    case 'largest':
      return extremeOf(plan, largest, window, steps, step, sealed)
    case 'distinct':
      return steps.distincts[distinct * steps.size + step] as number
  }
}

/** The statistics that a feature needs, of a window that has rows. */
function fill(
  statistics: WindowStatistics,
  plan: GroupPlan,
  feature: PlannedFeature,
  rows: RowColumns,
  steps: Steps,
  step: number,
  sealed: Sealed | undefined,
): void {
  const { size } = steps
  const { window, moments, smallest, largest, first, distinct } = feature
  statistics.time = (steps.times[step] as number) - feature.delay
  if (moments !== -1) {
    statistics.values = steps.counts[moments * size + step] as number
    statistics.sum = steps.sums[moments * size + step] as number
    statistics.spread = steps.spreads[moments * size + step] as number
  }
  if (!feature.needsMore) return
  if (smallest !== -1) statistics.smallest = extremeOf(plan, smallest, window, steps, step, sealed)
  if (largest !== -1) statistics.largest = extremeOf(plan, largest, window, steps, step, sealed)
  if (first !== -1) {
    const earlier = sealed?.first(first) ?? Number.NaN
    statistics.first = Number.isNaN(earlier) ? (steps.firsts[first * size + step] as number) : earlier
  }
  if (feature.last !== -1) statistics.last = lastOf(plan, feature, rows, steps, step, sealed)
  if (feature.needsLastTime) statistics.lastTime = lastTimeOf(plan, feature, rows, steps, step, sealed)
  if (feature.needsBegin) statistics.begin = beginOf(plan, feature, rows, steps, step, statistics.time, sealed)
  if (distinct !== -1) statistics.distinct = steps.distincts[distinct * size + step] as number
}

/** A window that begins at no time of its own begins with its first row. */
function beginOf(
  plan: GroupPlan,
  { begin, window }: PlannedFeature,
  { data }: RowColumns,
  { heads, tails, size }: Steps,
  step: number,
  end: number,
  sealed: Sealed | undefined,
): number {
  if (begin !== undefined) return begin(end)
  const tail = tails[window * size + step] as number
  const isHeld = tail < (heads[(plan.ends[window] as number) * size + step] as number)
  const held = isHeld ? (data[tail] as number) : Number.POSITIVE_INFINITY
  return Math.min(held, sealed?.firstTime ?? Number.POSITIVE_INFINITY)
}

function extremeOf(
  plan: GroupPlan,
  state: number,
  window: number,
  { extremes, size }: Steps,
  step: number,
  sealed: Sealed | undefined,
): number {
  const held = extremes[(state * plan.windows.length + window) * size + step] as number
  const earlier = sealed?.extreme(state) ?? Number.NaN
  if (Number.isNaN(earlier) || Number.isNaN(held)) return Number.isNaN(held) ? earlier : held
  return plan.extremes[state]?.sign === 1 ? Math.min(held, earlier) : Math.max(held, earlier)
}

function lastOf(
  plan: GroupPlan,
  { last, window }: PlannedFeature,
  { data, capacity }: RowColumns,
  { lasts, tails, size }: Steps,
  step: number,
  sealed: Sealed | undefined,
): number {
  const position = lasts[last * size + step] as number
  if (position < (tails[window * size + step] as number)) return sealed?.last(last) ?? Number.NaN
  return data[(FIRST_LANE + (plan.lasts[last] as LastState).lane) * capacity + position] as number
}

function lastTimeOf(
  plan: GroupPlan,
  { lastTime, window }: PlannedFeature,
  { data }: RowColumns,
  { heads, lasts, tails, size }: Steps,
  step: number,
  sealed: Sealed | undefined,
): number {
  const end = (plan.ends[window] as number) * size
  const position = lastTime === -1 ? (heads[end + step] as number) - 1 : (lasts[lastTime * size + step] as number)
  if (position >= (tails[window * size + step] as number)) return data[position] as number
  return (lastTime === -1 ? sealed?.lastTime : sealed?.timeOfLast(lastTime)) ?? Number.NaN
}
