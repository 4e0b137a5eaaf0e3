import { type ReactNode, useLayoutEffect, useRef } from 'react'
import type { TimeWindow } from '../time/windows.ts'
import { hatching } from './draw.ts'
import { type FrameContext, positionOf, useFrame } from './frame-context.ts'

/** One window of a row: a shade, a bar, or hatching where too little is known. */
export interface Cell extends TimeWindow {
  readonly look: 'shade' | 'bar' | 'hatched' | 'hatched-bar'
  /** How dark the shade or how high the bar, 0 to 1. */
  readonly strength: number
  /** A line at the foot of the cell: what drifted. */
  readonly underlined?: boolean
}

/** A row of cells over the frame's time axis. */
export function CellRow(props: { label: string; height: number; cells: readonly Cell[] }): ReactNode {
  const { label, height, cells } = props
  const frame = useFrame()
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    if (canvas.current !== null) paint(canvas.current, height, cells, frame)
  }, [height, cells, frame])
  return <canvas ref={canvas} role="img" aria-label={label} style={{ width: frame.width, height, display: 'block' }} />
}

function paint(canvas: HTMLCanvasElement, height: number, cells: readonly Cell[], frame: FrameContext): void {
  const ratio = devicePixelRatio
  canvas.width = Math.round(frame.width * ratio)
  canvas.height = Math.round(height * ratio)
  const ctx = canvas.getContext('2d') as CanvasRenderingContext2D
  const [left, right] = [pixel(frame.from), pixel(frame.to)]
  const foot = canvas.height - Math.round(2 * ratio)
  const head = Math.round(2 * ratio)
  const hatched = hatching(frame.palette.hatch)
  for (const cell of cells) {
    const from = Math.max(left, pixel(cell.from))
    const to = Math.min(right, pixel(cell.to))
    if (to <= from) continue
    // A hairline of paper between cells, as long as they are wide enough to be told apart.
    const width = to - from > 5 * ratio ? to - from - Math.round(ratio) : to - from
    paintCell(cell, from, width)
  }
  ctx.fillStyle = frame.palette.release
  for (const { at } of frame.releases) {
    if (at >= frame.from && at < frame.to) ctx.fillRect(pixel(at), 0, Math.max(1, Math.round(ratio)), canvas.height)
  }

  function pixel(time: number): number {
    return Math.round(positionOf(time, frame) * ratio)
  }

  function paintCell(cell: Cell, x: number, width: number): void {
    const { palette } = frame
    const full = foot - head
    const bar = cell.look === 'bar' || cell.look === 'hatched-bar'
    const tall = bar ? Math.round(full * Math.min(1, cell.strength)) : full
    ctx.fillStyle = palette.heatLow
    ctx.fillRect(x, head, width, full)
    if (cell.look === 'shade') {
      ctx.globalAlpha = Math.min(1, Math.max(0, cell.strength))
      ctx.fillStyle = palette.heatHigh
    } else {
      ctx.fillStyle = cell.look === 'bar' ? palette.bar : hatched
    }
    ctx.fillRect(x, foot - tall, width, tall)
    ctx.globalAlpha = 1
    if (cell.underlined === true) {
      ctx.fillStyle = palette.ink
      ctx.fillRect(x, foot, width, Math.round(2 * ratio))
    }
  }
}
