import { type ReactNode, useMemo } from 'react'
import type { ServicePoint } from '../../../src/platform/api/contract.ts'
import { formatCount, formatMilliseconds, formatRate, formatTick } from '../format/number.ts'
import { columnsOf } from './columns.ts'
import { useFrame } from './frame-context.ts'
import { type Line, LinePlot, type Mark, type Span } from './line-plot.tsx'
import { fromZero } from './ranges.ts'
import { type Reading, Readout } from './readout.tsx'
import { Strip } from './strip.tsx'

const HEIGHT = 70
const traffic: readonly Line[] = [{ colour: 'line' }]
const latency: readonly Line[] = [
  { colour: 'line', label: 'p99' },
  { colour: 'level', label: 'p50' },
]

interface ServiceStripsProps {
  readonly points: readonly ServicePoint[]
  readonly spans: readonly Span[]
  readonly onDownload: () => void
  /** What stands here before the first prediction. */
  readonly empty: ReactNode
}

/** How much is asked of the model, and how quickly it answers. */
export function ServiceStrips({ points, spans, onDownload, empty }: ServiceStripsProps): ReactNode {
  const frame = useFrame()
  const rate = useMemo(() => columnsOf(points, [({ perMinute }) => perMinute], frame), [points, frame])
  const times = useMemo(() => columnsOf(points, [({ p99 }) => p99, ({ p50 }) => p50], frame), [points, frame])
  const marks = useMemo(() => marksOf(points), [points])
  if (points.length === 0) {
    return (
      <Strip title="Service" unit="predictions a minute, latency">
        <div className="teach" style={{ minHeight: HEIGHT }}>
          {empty}
        </div>
      </Strip>
    )
  }
  return (
    <>
      <Strip
        title="Service"
        unit="predictions a minute"
        onDownload={onDownload}
        readout={<Readout points={points} read={readTraffic} />}
      >
        <LinePlot
          label="Predictions a minute over time"
          height={HEIGHT}
          columns={rate}
          lines={traffic}
          range={fromZero}
          format={formatTick}
          spans={spans}
          marks={marks}
        />
      </Strip>
      <Strip title="Latency" unit="milliseconds a row" readout={<Readout points={points} read={readLatency} />}>
        <LinePlot
          label="Latency of a row over time, 99th and 50th percentile"
          height={60}
          columns={times}
          lines={latency}
          range={fromZero}
          format={formatTick}
          spans={spans}
        />
      </Strip>
    </>
  )
}

function marksOf(points: readonly ServicePoint[]): readonly Mark[] {
  return points
    .filter(({ errors }) => errors > 0)
    .map(({ from, to }): Mark => ({ time: (from + to) / 2, shape: 'error' }))
}

function readTraffic({ perMinute, n, errors }: ServicePoint): readonly Reading[] {
  return [
    { name: 'a minute', value: formatRate(perMinute) },
    { name: 'n', value: formatCount(n) },
    { name: 'errors', value: errors === 0 ? '0' : <strong className="bad">{formatCount(errors)}</strong> },
  ]
}

function readLatency({ p50, p99 }: ServicePoint): readonly Reading[] {
  const latencyOf = (value: number | undefined): string => (value === undefined ? 'no data' : formatMilliseconds(value))
  return [
    { name: 'p99', value: latencyOf(p99) },
    { name: 'p50', value: latencyOf(p50) },
  ]
}
