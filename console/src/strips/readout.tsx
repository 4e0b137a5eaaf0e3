import type { ReactNode } from 'react'
import { formatWindow } from '../format/time.ts'
import { lastBefore, type TimeWindow, windowAt } from '../time/windows.ts'
import { useCursorTime } from './cursor.ts'
import { useFrame } from './frame-context.ts'

/** One value in words: a name, the value, and whether it is the one to look at first. */
export interface Reading {
  readonly name: string
  readonly value: ReactNode
}

interface ReadoutProps<P extends TimeWindow> {
  readonly points: readonly P[]
  readonly read: (point: P) => readonly Reading[]
  /** Whether the window is said below the values; left out where rows share the windows of the row above. */
  readonly withWindow?: boolean
  /** Whether a point is fit to be the latest one; all are unless told. */
  readonly latest?: (point: P) => boolean
}

/** What a strip's points say at the cursor, or, where nothing is pointed at, what the latest one says. */
export function Readout<P extends TimeWindow>({
  points,
  read,
  withWindow = true,
  latest = () => true,
}: ReadoutProps<P>): ReactNode {
  const { cursor, to, zone } = useFrame()
  const time = useCursorTime(cursor)
  const point =
    time === undefined ? (lastBefore(points.filter(latest), to) ?? lastBefore(points, to)) : windowAt(points, time)
  if (point === undefined) return points.length === 0 ? null : <p className="quiet">no data here</p>
  return (
    <>
      <dl>
        {read(point).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {withWindow && <p className="quiet">{formatWindow(point.from, point.to, zone)}</p>}
    </>
  )
}
