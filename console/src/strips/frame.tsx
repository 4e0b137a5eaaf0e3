import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { ReleaseMarker } from '../../../src/platform/api/contract.ts'
import { usePalette } from '../theme.ts'
import { ticksOf } from '../time/ticks.ts'
import { createCursor } from './cursor.ts'
import { AXIS, FrameProvider, GUTTER } from './frame-context.ts'
import { Overlay, type OverlayProps } from './overlay.tsx'
import { TimeAxis } from './time-axis.tsx'

const PIXELS_A_TICK = 84

interface FrameProps extends OverlayProps {
  readonly from: number
  readonly to: number
  readonly zone: string
  readonly releases: readonly ReleaseMarker[]
  /** The time held by the address. */
  readonly held: number | undefined
  readonly children: ReactNode
}

/** Strips over one time axis, with one cursor through all of them. */
export function Frame({ from, to, zone, releases, held, children, ...overlay }: FrameProps): ReactNode {
  const palette = usePalette()
  const [cursor] = useState(createCursor)
  const measured = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)

  useLayoutEffect(() => {
    const element = measured.current as HTMLDivElement
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    setWidth(element.clientWidth)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useEffect(() => cursor.hold(held), [cursor, held])

  const context = useMemo(() => {
    const most = Math.floor((width - AXIS - GUTTER) / PIXELS_A_TICK)
    return { from, to, zone, width, releases, palette, cursor, ticks: ticksOf(from, to, zone, most) }
  }, [from, to, zone, width, releases, palette, cursor])

  return (
    <FrameProvider value={context}>
      <div className="strips">
        <TimeAxis measured={measured} />
        {width > 0 && (
          <div className="stack">
            {children}
            <Overlay {...overlay} />
          </div>
        )}
      </div>
    </FrameProvider>
  )
}
