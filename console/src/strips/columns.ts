import type { TimeWindow } from '../time/windows.ts'

/** Points as columns, as the plot draws them: `x` in microseconds, one list of values for each line. */
export interface Columns {
  readonly x: readonly number[]
  readonly y: readonly (readonly (number | null)[])[]
}

/**
 * Turns points in order of time into columns, each in the middle of the part of its window that is `shown`. Between
 * windows that do not touch stands a row of nulls, so that no line is drawn over time that nothing is known of. A
 * window that touches no other is drawn over its whole length.
 *
 * @param values what each line shows of a point; undefined leaves a gap
 */
export function columnsOf<P extends TimeWindow>(
  points: readonly P[],
  values: readonly ((point: P, index: number) => number | undefined)[],
  shown: TimeWindow,
): Columns {
  const x: number[] = []
  const y: (number | null)[][] = values.map(() => [])
  const add = (time: number, read: (line: number) => number | undefined): void => {
    x.push(time)
    y.forEach((list, line) => {
      list.push(read(line) ?? null)
    })
  }
  points.forEach((point, index) => {
    const before = points[index - 1]
    const after = points[index + 1]
    const from = Math.max(point.from, shown.from)
    const to = Math.min(point.to, shown.to)
    const read = (line: number): number | undefined => values[line]?.(point, index)
    if (before !== undefined && before.to < point.from) add((before.to + point.from) / 2, () => undefined)
    if (to > from && before?.to !== point.from && after?.from !== point.to) {
      add(from, read)
      add(to, read)
    } else {
      add((from + to) / 2, read)
    }
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
