import { type ReactNode, useMemo } from 'react'
import type { Alert } from '../../../src/platform/api/contract.ts'
import { openDuring } from './concerns.ts'
import { useCursorTime } from './cursor.ts'
import { positionOf, useFrame } from './frame-context.ts'
import { lanesOf } from './lanes.ts'
import { Strip } from './strip.tsx'

const MOST_LANES = 4
const LANE = 8
const LEAST_WIDTH = 4

/** When alerts were open: a bar for each, pages and tickets told apart by colour and by height. */
export function AlertStrip(props: { alerts: readonly Alert[]; now: number; onDownload: () => void }): ReactNode {
  const { alerts, now, onDownload } = props
  const frame = useFrame()
  const { from, to } = frame
  const bars = useMemo(() => {
    const inView = alerts
      .map((alert) => ({ alert, ...openDuring(alert, now) }))
      .filter((span) => span.to > from && span.from < to)
    const lanes = lanesOf(inView)
    return inView.map((span, index) => ({ ...span, lane: lanes[index] ?? 0 }))
  }, [alerts, now, from, to])
  const hidden = bars.filter(({ lane }) => lane >= MOST_LANES).length
  return (
    <Strip
      title="Alerts"
      className="lane alerts"
      onDownload={alerts.length > 0 ? onDownload : undefined}
      readout={<OpenThen alerts={alerts} now={now} />}
    >
      {bars
        .filter(({ lane }) => lane < MOST_LANES)
        .map(({ alert, lane, ...span }) => {
          const left = positionOf(Math.max(from, span.from), frame)
          const right = positionOf(Math.min(to, span.to), frame)
          return (
            <span
              key={alert.id}
              className={`alertbar ${alert.severity}`}
              title={alert.title}
              style={{ left, width: Math.max(LEAST_WIDTH, right - left), top: 4 + lane * LANE }}
            />
          )
        })}
      {hidden > 0 && <span className="more">{hidden} more below</span>}
      {bars.length === 0 && <p className="teach">No alert in this stretch of time.</p>}
    </Strip>
  )
}

function OpenThen({ alerts, now }: { alerts: readonly Alert[]; now: number }): ReactNode {
  const { cursor, to } = useFrame()
  const time = useCursorTime(cursor) ?? to - 1
  const open = openAt(alerts, time, now)
  if (open.length === 0) return <p className="line quiet">none open</p>
  return (
    <p className="line" title={open.map(({ title }) => title).join('\n')}>
      <strong>{open.length} open</strong>
      <br />
      {open[0]?.title}
    </p>
  )
}

/** The alerts that were open at a time, pages first. */
export function openAt(alerts: readonly Alert[], time: number, now: number): readonly Alert[] {
  return alerts
    .filter((alert) => {
      const { from, to } = openDuring(alert, now)
      return from <= time && time < Math.max(to, from + 1)
    })
    .sort((a, b) => a.severity.localeCompare(b.severity))
}
