import { ROWS_AT_ONCE } from './rows-at-once.ts'

/** Indexes that are put in order one by one before runs are merged. */
const RUN = 16

/**
 * Sorts indexes by their values; those with equal values keep their order. A merge sort from the bottom up (Knuth, The
 * Art of Computer Programming, volume 3, 5.2.4) that merges only where two runs overlap: rows come nearly in order, and
 * then little is moved.
 */
export function sortIndexes(indexes: Uint32Array, values: Float64Array): void {
  const count = indexes.length
  if (isInOrder(indexes, values)) return
  for (let start = 0; start < count; start += RUN) insertEach(indexes, values, start, Math.min(start + RUN, count))
  const spare = count > RUN ? new Uint32Array(count) : indexes
  for (let width = RUN; width < count; width *= 2)
    for (let start = 0; start + width < count; start += 2 * width)
      merge(indexes, values, spare, start, start + width, Math.min(start + 2 * width, count))
}

function isInOrder(indexes: Uint32Array, values: Float64Array): boolean {
  for (let place = 1; place < indexes.length; place += ROWS_AT_ONCE)
    if (!isRunInOrder(indexes, values, place, Math.min(place + ROWS_AT_ONCE, indexes.length))) return false
  return true
}

function isRunInOrder(indexes: Uint32Array, values: Float64Array, from: number, to: number): boolean {
  for (let place = from; place < to; place++)
    if ((values[indexes[place] as number] as number) < (values[indexes[place - 1] as number] as number)) return false
  return true
}

function insertEach(indexes: Uint32Array, values: Float64Array, from: number, to: number): void {
  for (let next = from + 1; next < to; next++) {
    const index = indexes[next] as number
    const value = values[index] as number
    let place = next
    for (; place > from && (values[indexes[place - 1] as number] as number) > value; place--)
      indexes[place] = indexes[place - 1] as number
    indexes[place] = index
  }
}

/** Merges the sorted runs [from, middle) and [middle, to). */
function merge(
  indexes: Uint32Array,
  values: Float64Array,
  spare: Uint32Array,
  from: number,
  middle: number,
  to: number,
): void {
  const valueAt = (place: number) => values[indexes[place] as number] as number
  const least = valueAt(middle)
  const greatest = valueAt(middle - 1)
  if (greatest <= least) return
  // What lies before the second run's first, or after the first run's last, stays where it is.
  let place = firstWhere(from, middle, (candidate) => valueAt(candidate) > least)
  const end = firstWhere(middle, to, (candidate) => valueAt(candidate) >= greatest)
  const held = middle - place
  spare.set(indexes.subarray(place, middle))
  let left = 0
  let right = middle
  while (left < held) {
    const takesRight = right < end && valueAt(right) < (values[spare[left] as number] as number)
    indexes[place] = (takesRight ? indexes[right] : spare[left]) as number
    if (takesRight) right += 1
    else left += 1
    place += 1
  }
}

/** The first place of [from, to) for which a condition holds that holds for all after it; `to` when it holds for none. */
function firstWhere(from: number, to: number, condition: (place: number) => boolean): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (condition(middle)) high = middle
    else low = middle + 1
  }
  return low
}
