import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'
import { useCursorTime } from './cursor.ts'
import { AXIS, GUTTER, positionOf, useFrame } from './frame-context.ts'
import { keyAction } from './keyboard.ts'

const LEAST_DRAG = 5
const LEAST_SPAN = 60_000_000
const NEAR = 4

export interface OverlayProps {
  /** How far the arrow keys move the cursor, in microseconds. */
  readonly step: number
  /** What all strips say at a time, in words. */
  readonly describe: (time: number | undefined) => string
  /** Shows another stretch of time; undefined shows all. */
  readonly onZoom: (range: { from: number; to: number } | undefined) => void
  /** Holds the cursor at a time, so that the address carries it; undefined lets it go. */
  readonly onHold: (time: number | undefined) => void
}

/** What takes pointer and keyboard for all plots at once: it moves the cursor, holds it, and zooms. */
export function Overlay({ step, describe, onZoom, onHold }: OverlayProps): ReactNode {
  const frame = useFrame()
  const { from, to, width, cursor } = frame
  const time = useCursorTime(cursor)
  const plot = Math.max(1, width - AXIS - GUTTER)
  const drag = useRef<number>(undefined)
  const [selected, setSelected] = useState<{ from: number; to: number }>()

  const timeAt = (event: PointerEvent<HTMLDivElement>): number => {
    const share = (event.clientX - event.currentTarget.getBoundingClientRect().left) / plot
    return from + Math.min(1, Math.max(0, share)) * (to - from)
  }
  const pixels = (length: number): number => (length / (to - from)) * plot

  const down = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return
    drag.current = timeAt(event)
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const at = timeAt(event)
    cursor.pointAt(at)
    const start = drag.current
    if (start === undefined || pixels(Math.abs(at - start)) < LEAST_DRAG) return
    setSelected({ from: Math.min(start, at), to: Math.max(start, at) })
  }
  const up = (event: PointerEvent<HTMLDivElement>): void => {
    if (drag.current === undefined) return
    drag.current = undefined
    setSelected(undefined)
    if (selected !== undefined) {
      zoomTo(selected.from, selected.to)
      return
    }
    const at = timeAt(event)
    const held = cursor.held()
    onHold(held !== undefined && pixels(Math.abs(at - held)) <= NEAR ? undefined : at)
  }
  const zoomTo = (start: number, end: number): void => {
    if (end - start >= LEAST_SPAN) onZoom({ from: Math.round(start), to: Math.round(end) })
  }

  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const action = keyAction(event.key, { from, to, time, step })
    if (action === undefined) return
    event.preventDefault()
    if (action.does === 'point') cursor.pointAt(action.time)
    else if (action.does === 'hold') onHold(time)
    else if (action.does === 'zoom') zoomTo(action.from, action.to)
    else if (action.does === 'all') onZoom(undefined)
    else {
      cursor.pointAt(undefined)
      onHold(undefined)
    }
  }

  return (
    <div
      className="overlay"
      style={{ width: plot }}
      role="slider"
      tabIndex={0}
      aria-label="Time cursor of all strips. Arrow keys move it, Enter holds it, plus and minus zoom, zero shows all."
      aria-valuemin={from}
      aria-valuemax={to}
      aria-valuenow={time ?? to}
      aria-valuetext={describe(time)}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => {
        drag.current = undefined
        setSelected(undefined)
      }}
      onPointerLeave={() => cursor.pointAt(undefined)}
      onBlur={() => cursor.pointAt(undefined)}
      onDoubleClick={() => onZoom(undefined)}
      onKeyDown={press}
    >
      {selected !== undefined && (
        <div
          className="selection"
          style={{ left: positionOf(selected.from, frame) - AXIS, width: pixels(selected.to - selected.from) }}
        />
      )}
      {time !== undefined && time >= from && time < to && (
        <div className="hairline" style={{ transform: `translateX(${positionOf(time, frame) - AXIS}px)` }} />
      )}
    </div>
  )
}
