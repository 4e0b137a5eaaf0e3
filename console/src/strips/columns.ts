import type { TimeWindow } from '../time/windows.ts'

/** Points as columns, as the plot draws them: `x` in microseconds, one list of values for each line. */
export interface Columns {
  readonly x: readonly number[]
  readonly y: readonly (readonly (number | null)[])[]
}

/**
 * Turns points into columns, each point in the middle of its window. Between windows that do not touch stands a row of
 * nulls, so that no line is drawn over time that nothing is known of.
 *
 * @param values what each line shows of a point; undefined leaves a gap
 */
export function columnsOf<P extends TimeWindow>(
  points: readonly P[],
  values: readonly ((point: P, index: number) => number | undefined)[],
): Columns {
  const x: number[] = []
  const y: (number | null)[][] = values.map(() => [])
  let end: number | undefined
  points.forEach((point, index) => {
    if (end !== undefined && point.from > end) {
      x.push((end + point.from) / 2)
      for (const list of y) list.push(null)
    }
    end = point.to
    x.push((point.from + point.to) / 2)
    values.forEach((value, line) => {
      y[line]?.push(value(point, index) ?? null)
    })
  })
  return { x, y }
}

/** Indices of values that stand between gaps: no line reaches them, so they are drawn as points. */
export function isolatedOf(values: ArrayLike<number | null | undefined>): number[] {
  const isolated: number[] = []
  for (let index = 0; index < values.length; index++) {
    if (values[index] != null && values[index - 1] == null && values[index + 1] == null) isolated.push(index)
  }
  return isolated
}
