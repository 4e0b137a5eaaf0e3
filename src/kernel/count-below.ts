/** How many rows `countBelow` looks at. */
export const STRIDE = 4

/**
 * How many of the next `STRIDE` rows lie below a bound, of rows in ascending order. Nobody can foretell how many come into
 * a window or leave it from one question to the next, and a processor that guesses wrong waits for longer than it takes to
 * look at all of them.
 * @param row the first of them; all must be there
 */
export function countBelow(values: Float64Array, row: number, bound: number): number {
  return (
    Number((values[row] as number) < bound) +
    Number((values[row + 1] as number) < bound) +
    Number((values[row + 2] as number) < bound) +
    Number((values[row + 3] as number) < bound)
  )
}

// Loops of their own: inside the loops over windows and steps the engine optimizes them while they run, and falls back to
// interpreting whenever one of them ends.

/** Of rows in ascending order the first from `row` on that does not lie below a bound; `end` where all before it do. */
export function onToBound(values: Float64Array, row: number, end: number, bound: number): number {
  let first = row
  while (first < end && (values[first] as number) < bound) first += 1
  return first
}

/** Of rows in ascending order the first, from `begin` on, from which on all before `row` do not lie below a bound. */
export function backToBound(values: Float64Array, row: number, begin: number, bound: number): number {
  let first = row
  while (first > begin && (values[first - 1] as number) >= bound) first -= 1
  return first
}
