import uPlot from 'uplot'
import type { Palette } from '../theme.ts'
import { type FrameContext, GUTTER } from './frame-context.ts'
import type { Level, LinePlotProps, Mark } from './line-plot.tsx'

/** What lies behind the lines: shaded spans, the grid of time, the interval that is expected. */
export function drawBehind(plot: uPlot, props: LinePlotProps, frame: FrameContext): void {
  const { ctx, bbox } = plot
  const { palette } = frame
  clipped(plot, () => {
    for (const span of props.spans ?? []) {
      const left = Math.max(bbox.left, plot.valToPos(span.from, 'x', true))
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(span.to, 'x', true))
      ctx.fillStyle = span.tone === 'failing' ? palette.failingWash : palette.warningWash
      // Also a short alert must be seen from afar.
      ctx.fillRect(left, bbox.top, Math.max(2 * uPlot.pxRatio, right - left), bbox.height)
    }
    for (const tick of frame.ticks) {
      hairline(plot, tick.time, tick.major ? palette.rule : palette.grid)
    }
    for (const { low, high } of props.levels ?? []) {
      if (low === undefined || high === undefined) continue
      const top = plot.valToPos(high, 'y', true)
      ctx.fillStyle = palette.grid
      ctx.fillRect(bbox.left, top, bbox.width, plot.valToPos(low, 'y', true) - top)
    }
  })
}

/** What lies over the lines: levels, releases, marks at the foot, and labels in place of a legend. */
export function drawOver(plot: uPlot, props: LinePlotProps, frame: FrameContext): void {
  const { palette, releases } = frame
  clipped(plot, () => {
    for (const level of props.levels ?? []) drawLevel(plot, level, palette)
    for (const release of releases) hairline(plot, release.at, palette.release)
    for (const mark of props.marks ?? []) drawMark(plot, mark, palette)
  })
  drawLabels(plot, props, palette)
}

/** A pattern of diagonal hairlines, for what is not yet certain. */
export function hatching(colour: string): CanvasPattern {
  const ratio = uPlot.pxRatio
  const size = Math.round(5 * ratio)
  const tile = document.createElement('canvas')
  tile.width = size
  tile.height = size
  const ctx = tile.getContext('2d') as CanvasRenderingContext2D
  ctx.strokeStyle = colour
  ctx.lineWidth = ratio
  ctx.beginPath()
  for (const shift of [-size, 0, size]) {
    ctx.moveTo(shift, size)
    ctx.lineTo(shift + size, 0)
  }
  ctx.stroke()
  return ctx.createPattern(tile, 'repeat') as CanvasPattern
}

function clipped(plot: uPlot, draw: () => void): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top - 8 * uPlot.pxRatio, bbox.width, bbox.height + 15 * uPlot.pxRatio)
  ctx.clip()
  draw()
  ctx.restore()
}

function hairline(plot: uPlot, time: number, colour: string): void {
  const { ctx, bbox } = plot
  const ratio = uPlot.pxRatio
  const width = Math.max(1, Math.round(ratio))
  ctx.fillStyle = colour
  const left = Math.round(plot.valToPos(time, 'x', true) - width / 2)
  ctx.fillRect(left, bbox.top - 8 * ratio, width, bbox.height + 15 * ratio)
}

function drawLevel(plot: uPlot, level: Level, palette: Palette): void {
  const { ctx, bbox } = plot
  const height = Math.max(1, Math.round(uPlot.pxRatio))
  ctx.fillStyle = palette.level
  ctx.fillRect(bbox.left, Math.round(plot.valToPos(level.value, 'y', true) - height / 2), bbox.width, height)
}

function drawMark(plot: uPlot, mark: Mark, palette: Palette): void {
  const { ctx, bbox } = plot
  const ratio = uPlot.pxRatio
  const x = plot.valToPos(mark.time, 'x', true)
  const y = bbox.top + bbox.height + 3 * ratio
  ctx.beginPath()
  if (mark.shape === 'insufficient') {
    ctx.arc(x, y, 2 * ratio, 0, 2 * Math.PI)
    ctx.strokeStyle = palette.faint
    ctx.lineWidth = ratio
    ctx.stroke()
    return
  }
  ctx.fillStyle = mark.shape === 'error' ? palette.failing : palette.warning
  if (mark.shape === 'error') ctx.rect(x - 2 * ratio, y - 2 * ratio, 4 * ratio, 4 * ratio)
  else {
    ctx.moveTo(x, y - 3 * ratio)
    ctx.lineTo(x + 3 * ratio, y + 2 * ratio)
    ctx.lineTo(x - 3 * ratio, y + 2 * ratio)
  }
  ctx.fill()
}

function drawLabels(plot: uPlot, props: LinePlotProps, palette: Palette): void {
  const { ctx, bbox } = plot
  const ratio = uPlot.pxRatio
  const labels = [...lineLabels(plot, props), ...levelLabels(plot, props)].sort((a, b) => a.y - b.y)
  const apart = 12 * ratio
  for (let index = 1; index < labels.length; index++) {
    const [above, label] = [labels[index - 1], labels[index]]
    if (above && label) label.y = Math.max(label.y, above.y + apart)
  }
  const lowest = bbox.top + bbox.height
  for (let index = labels.length - 1; index >= 0; index--) {
    const [label, below] = [labels[index], labels[index + 1]]
    if (label) label.y = Math.min(label.y, below === undefined ? lowest : below.y - apart)
  }
  ctx.save()
  ctx.font = `${11 * ratio}px ${getComputedStyle(plot.root).fontFamily}`
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  ctx.fillStyle = palette.secondary
  for (const { text, y } of labels) ctx.fillText(text, bbox.left + bbox.width + 8 * ratio, y, (GUTTER - 8) * ratio)
  ctx.restore()
}

interface Label {
  readonly text: string
  y: number
}

function lineLabels(plot: uPlot, { columns, lines }: LinePlotProps): Label[] {
  const { min = 0, max = 0 } = plot.scales['x'] ?? {}
  const labels: Label[] = []
  lines.forEach(({ label }, line) => {
    if (label === undefined) return
    const values = columns.y[line] ?? []
    const last = columns.x.findLastIndex((x, index) => values[index] != null && x <= (max ?? 0) && x >= (min ?? 0))
    const value = values[last]
    if (value != null) labels.push({ text: label, y: plot.valToPos(value, 'y', true) })
  })
  return labels
}

function levelLabels(plot: uPlot, { levels = [] }: LinePlotProps): Label[] {
  return levels.map(({ label, value }) => ({ text: label, y: plot.valToPos(value, 'y', true) }))
}
