import type { PlainStatistic, StatisticAggregate, WindowStatistics } from '../language/aggregate/aggregate.ts'
import type { GroupPlan, LastState, PlannedFeature } from './plan.ts'
import type { CountedFeatures } from './plan-counts.ts'
import { FIRST_LANE, type RowColumns } from './rows.ts'
import type { Sealed } from './sealed.ts'
import { EMPTY, NULL, UNKNOWN_KEY, VALUE } from './status.ts'
import type { Steps } from './steps.ts'

/**
 * Makes values and statuses of what the windows held after each step: feature f at step i goes to
 * [at + f * size + i], so the features of a single step follow each other.
 * @param rows those that the cursor went over
 * @param sealed what lifetime windows keep of rows that are held no longer
 * @param statuses left out where nobody asks for them
 */
export function finishFeatures(
  plan: GroupPlan,
  rows: RowColumns,
  steps: Steps,
  sealed: Sealed | undefined,
  values: Float64Array,
  statuses: Uint8Array | undefined,
  at: number,
): void {
  const { size, count, found } = steps
  const sealedKnown = plan.windows[plan.horizon]?.kind === 'lifetime' ? (sealed?.rows ?? 0) : 0
  for (let group = 0; group < plan.counted.length; group++) {
    const counted = plan.counted[group] as CountedFeatures
    const { features, places, empties } = counted
    const sealedHere = counted.isLifetime ? sealed : undefined
    countRows(plan, counted, steps, sealedHere)
    if (count === 1 && found[0] === 0) {
      // Of a single read many windows are empty, and nothing needs to be made of them.
      const status = isKnown(plan, steps, 0, sealedKnown) ? EMPTY : UNKNOWN_KEY
      for (let index = 0; index < places.length; index++) {
        const from = at + (places[index] as number) * size
        values[from] = empties[index] as number
        if (statuses !== undefined) statuses[from] = status
      }
      continue
    }
    for (let index = 0; index < features.length; index++) {
      const feature = features[index] as PlannedFeature
      const from = at + (places[index] as number) * size
      if (feature.is !== undefined) finishPlainly(feature.is, plan, feature, steps, sealedHere, values, from)
      else if (feature.finish !== undefined)
        finishEach(feature.finish, plan, feature, rows, steps, sealedHere, values, from)
      else
        for (let step = 0; step < count; step++)
          values[from + step] = steps.answers[feature.answer * size + step] as number
      const empty = empties[index] as number
      for (let step = 0; step < count; step++) if (found[step] === 0) values[from + step] = empty
      if (statuses === undefined) continue
      for (let step = 0; step < count; step++) {
        if (found[step] === 0) statuses[from + step] = isKnown(plan, steps, step, sealedKnown) ? EMPTY : UNKNOWN_KEY
        else statuses[from + step] = Number.isNaN(values[from + step]) ? NULL : VALUE
      }
    }
  }
}

/** How many rows of a window meet a condition, after each step. */
function countRows(
  { ends }: GroupPlan,
  { window, rowMoments }: CountedFeatures,
  { size, count, heads, tails, counts, found }: Steps,
  sealed: Sealed | undefined,
): void {
  if (rowMoments !== -1) {
    for (let step = 0; step < count; step++) found[step] = counts[rowMoments * size + step] as number
    return
  }
  const end = (ends[window] as number) * size
  const earlier = sealed?.rows ?? 0
  for (let step = 0; step < count; step++)
    found[step] = (heads[end + step] as number) - (tails[window * size + step] as number) + earlier
}

/** Whether an entity has rows within its horizon. */
function isKnown({ horizon }: GroupPlan, { size, heads, tails }: Steps, step: number, sealedKnown: number): boolean {
  return (heads[step] as number) - (tails[horizon * size + step] as number) + sealedKnown > 0
}

/** A feature that is a statistic as it stands; after a step without rows it is not yet what it must be. */
function finishPlainly(
  is: PlainStatistic,
  plan: GroupPlan,
  { window, moments, smallest, largest, distinct }: PlannedFeature,
  steps: Steps,
  sealed: Sealed | undefined,
  values: Float64Array,
  from: number,
): void {
  const { size, count, found, counts, sums, distincts } = steps
  const at = moments * size
  switch (is) {
    case 'rows':
      for (let step = 0; step < count; step++) values[from + step] = found[step] as number
      break
    case 'ratio':
      for (let step = 0; step < count; step++)
        values[from + step] = (sums[at + step] as number) / (counts[at + step] as number)
      break
    case 'sum':
      for (let step = 0; step < count; step++)
        values[from + step] = counts[at + step] === 0 ? Number.NaN : (sums[at + step] as number)
      break
    case 'smallest':
      for (let step = 0; step < count; step++)
        values[from + step] = extremeOf(plan, smallest, window, steps, step, sealed)
      break
    case 'largest':
      for (let step = 0; step < count; step++)
        values[from + step] = extremeOf(plan, largest, window, steps, step, sealed)
      break
    case 'distinct':
      for (let step = 0; step < count; step++) values[from + step] = distincts[distinct * size + step] as number
      break
  }
}

/** A feature that is made of statistics by a function, where there are rows. */
function finishEach(
  finish: StatisticAggregate['finish'],
  plan: GroupPlan,
  feature: PlannedFeature,
  rows: RowColumns,
  steps: Steps,
  sealed: Sealed | undefined,
  values: Float64Array,
  from: number,
): void {
  const { count, found, statistics } = steps
  for (let step = 0; step < count; step++) {
    if (found[step] === 0) continue
    statistics.rows = found[step] as number
    fill(statistics, plan, feature, rows, steps, step, sealed)
    values[from + step] = finish(statistics, feature.parameters)
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
