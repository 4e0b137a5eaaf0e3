import type { ReactNode, RefObject } from 'react'
import { formatTime } from '../format/time.ts'
import { useCursorTime } from './cursor.ts'
import { positionOf, useFrame } from './frame-context.ts'

/** The time axis above all strips; `measured` is the cell whose width all plots have. */
export function TimeAxis({ measured }: { measured: RefObject<HTMLDivElement | null> }): ReactNode {
  const frame = useFrame()
  return (
    <div className="strip axis" aria-hidden="true">
      <div className="head" />
      <div className="plot" ref={measured}>
        {frame.ticks.map((tick) => (
          <span
            key={tick.time}
            className={tick.major ? 'tick major' : 'tick'}
            style={{ left: positionOf(tick.time, frame) }}
          >
            {tick.label}
          </span>
        ))}
      </div>
      <div className="readout">
        <ReadAt />
      </div>
    </div>
  )
}

function ReadAt(): ReactNode {
  const { cursor, zone } = useFrame()
  const time = useCursorTime(cursor)
  if (time === undefined) return <p className="quiet">latest</p>
  return <p>{formatTime(time, zone)}</p>
}
