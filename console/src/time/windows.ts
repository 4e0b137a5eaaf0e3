/** A stretch of time that a point speaks for: from `from`, up to and without `to`. */
export interface TimeWindow {
  readonly from: number
  readonly to: number
}

/** The point whose window holds `time`, of points in order of time. */
export function windowAt<P extends TimeWindow>(points: readonly P[], time: number): P | undefined {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((points[middle] as P).from <= time) low = middle + 1
    else high = middle
  }
  const found = points[low - 1]
  return found !== undefined && time < found.to ? found : undefined
}

/** The last point that begins before `to`. */
export function lastBefore<P extends TimeWindow>(points: readonly P[], to: number): P | undefined {
  return points.findLast((point) => point.from < to)
}

/** Overlapping and touching spans as one, in order of time. */
export function unionOf(spans: readonly TimeWindow[]): readonly TimeWindow[] {
  const merged: { from: number; to: number }[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last !== undefined && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else merged.push({ from: span.from, to: span.to })
  }
  return merged
}

/** The smallest length of a window among points: the step in which a cursor moves. */
export function shortestOf(points: readonly TimeWindow[]): number | undefined {
  let shortest: number | undefined
  for (const { from, to } of points) if (shortest === undefined || to - from < shortest) shortest = to - from
  return shortest
}
