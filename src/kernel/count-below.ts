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
