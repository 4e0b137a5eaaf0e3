import { type ReactNode, useLayoutEffect, useRef } from 'react'
import uPlot from 'uplot'
import type { Palette } from '../theme.ts'
import type { TimeWindow } from '../time/windows.ts'
import { type Columns, isolatedOf } from './columns.ts'
import { drawBehind, drawOver, hatching } from './draw.ts'
import { AXIS, type FrameContext, GUTTER, useFrame } from './frame-context.ts'

/** How one column of values is drawn. */
export interface Line {
  readonly colour: 'line' | 'level' | 'none'
  /** Drawn at the right end of the line, in place of a legend. */
  readonly label?: string
  /** Pixels; 1.5 unless told. */
  readonly width?: number
}

/** The area between two lines, given by their places in the list of lines. */
export interface Band {
  readonly upper: number
  readonly lower: number
  readonly fill: 'plain' | 'hatched'
}

/** A value that the lines are compared with. */
export interface Level {
  readonly value: number
  readonly label: string
  readonly low?: number
  readonly high?: number
}

/** A shaded stretch of time. */
export interface Span extends TimeWindow {
  readonly tone: 'warning' | 'failing'
}

/** A shape at the foot of the plot. */
export interface Mark {
  readonly time: number
  readonly shape: 'insufficient' | 'drifted' | 'error'
}

export interface LinePlotProps {
  /** What the plot shows, in words, for those who do not see it. */
  readonly label: string
  readonly height: number
  readonly columns: Columns
  readonly lines: readonly Line[]
  readonly bands?: readonly Band[]
  /** The ends of the value axis for the values in view. */
  readonly range: (min: number, max: number) => readonly [number, number]
  /** How a value of the axis is written. */
  readonly format: (value: number) => string
  readonly levels?: readonly Level[]
  readonly spans?: readonly Span[]
  readonly marks?: readonly Mark[]
}

const noBands: readonly Band[] = []

/** Lines over the frame's time axis. */
export function LinePlot(props: LinePlotProps): ReactNode {
  const frame = useFrame()
  const { lines, bands = noBands, height } = props
  const { palette, width } = frame
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const latest = useRef<{ props: LinePlotProps; frame: FrameContext }>({ props, frame })

  useLayoutEffect(() => {
    latest.current = { props, frame }
  })

  useLayoutEffect(() => {
    const options = optionsFor({ lines, bands, height, palette, latest: () => latest.current })
    const { props: now, frame: at } = latest.current
    const made = new uPlot({ ...options, width: at.width }, dataOf(now.columns), host.current as HTMLDivElement)
    plot.current = made
    return () => {
      made.destroy()
      plot.current = undefined
    }
  }, [lines, bands, height, palette])

  useLayoutEffect(() => {
    plot.current?.setSize({ width, height })
  }, [width, height])

  useLayoutEffect(() => {
    plot.current?.setData(dataOf(props.columns))
  })

  return <div ref={host} role="img" aria-label={props.label} style={{ height }} />
}

function dataOf({ x, y }: Columns): uPlot.AlignedData {
  return [x, ...y] as uPlot.AlignedData
}

interface OptionsInput {
  readonly lines: readonly Line[]
  readonly bands: readonly Band[]
  readonly height: number
  readonly palette: Palette
  readonly latest: () => { props: LinePlotProps; frame: FrameContext }
}

function optionsFor({ lines, bands, height, palette, latest }: OptionsInput): Omit<uPlot.Options, 'width'> {
  return {
    height,
    padding: [8, GUTTER, 7, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [latest().frame.from, latest().frame.to] },
      y: { range: (_plot, min, max) => [...latest().props.range(min ?? 0, max ?? 0)] },
    },
    axes: [
      { show: false },
      {
        size: AXIS,
        gap: 6,
        space: 22,
        font: `11px ${getComputedStyle(document.body).fontFamily}`,
        stroke: palette.faint,
        grid: { stroke: palette.grid, width: 1 },
        ticks: { show: false },
        values: (_plot, splits) => splits.map((split) => latest().props.format(split)),
      },
    ],
    series: [{}, ...lines.map((line) => seriesFor(line, palette))],
    bands: bands.map(({ upper, lower, fill }) => ({
      series: [upper + 1, lower + 1],
      fill: fill === 'hatched' ? hatching(palette.hatch) : palette.band,
    })),
    hooks: {
      drawClear: [(self) => drawBehind(self, latest().props, latest().frame)],
      draw: [(self) => drawOver(self, latest().props, latest().frame)],
    },
  }
}

function seriesFor(line: Line, palette: Palette): uPlot.Series {
  const shown = line.colour === 'none' ? 'transparent' : palette[line.colour]
  return {
    stroke: shown,
    width: line.colour === 'none' ? 0 : (line.width ?? 1.5),
    points: {
      show: line.colour !== 'none',
      size: 5,
      fill: shown,
      filter: (self, series) => isolatedOf(self.data[series] as (number | null)[]),
    },
  }
}
