import { type ReactNode, useMemo } from 'react'
import type { DriftPoint, FeatureStrip } from '../../../src/platform/api/contract.ts'
import { DriftStatus, verdictWord } from '../components/status.tsx'
import { formatCount, formatPercent, formatScore } from '../format/number.ts'
import { lastBefore, windowAt } from '../time/windows.ts'
import { type Cell, CellRow } from './cell-row.tsx'
import { columnsOf } from './columns.ts'
import { useCursorTime } from './cursor.ts'
import { GUTTER, useFrame } from './frame-context.ts'
import { type Line, LinePlot } from './line-plot.tsx'
import { fromZero } from './ranges.ts'
import { type Reading, Readout } from './readout.tsx'
import { Strip } from './strip.tsx'

/** The PSI that is painted darkest; what lies above is told by its number. */
const DARKEST = 0.4
const HEIGHT = 20
const measures: readonly Line[] = [
  { colour: 'line', label: 'PSI' },
  { colour: 'level', label: 'JS' },
  { colour: 'level', label: 'KS' },
]

interface FeatureRowProps {
  readonly strip: FeatureStrip
  /** The largest importance among the rows shown: the full width of an importance bar. */
  readonly heaviest: number
  readonly opened: boolean
  readonly onToggle: () => void
}

/** The drift of one feature: a row of shades, and, when opened, its measures as lines. */
export function FeatureRow({ strip, heaviest, opened, onToggle }: FeatureRowProps): ReactNode {
  const { feature, importance, points, verdict } = strip
  const cells = useMemo(() => points.map(cellOf), [points])
  return (
    <>
      <div className="strip feature">
        <div className="head">
          <button type="button" className="plain" aria-expanded={opened} onClick={onToggle} title={feature}>
            <FeatureName feature={feature} />
          </button>
          <span className="importance" title={`importance ${formatPercent(importance)}`}>
            <i style={{ width: heaviest > 0 ? `${(importance / heaviest) * 100}%` : 0 }} />
          </span>
          <span className="share">{formatPercent(importance)}</span>
        </div>
        <div className="plot">
          <CellRow label={`Drift of ${feature}: ${verdictWord(verdict)}`} height={HEIGHT} cells={cells} />
          <span className="verdict" style={{ width: GUTTER - 8 }}>
            <VerdictThen points={points} />
          </span>
        </div>
        <div className="readout">
          <DriftThen points={points} />
        </div>
      </div>
      {opened && <Measures strip={strip} />}
    </>
  )
}

/** The name with its group; where both do not fit, the group is cut. */
function FeatureName({ feature }: { feature: string }): ReactNode {
  const dot = feature.lastIndexOf('.')
  return (
    <>
      {dot > 0 && <span className="group-name">{feature.slice(0, dot)}</span>}
      <span className="own-name">{feature.slice(Math.max(dot, 0))}</span>
    </>
  )
}

function cellOf({ from, to, psi, verdict }: DriftPoint): Cell {
  const known = psi !== undefined && verdict !== 'insufficient'
  return {
    from,
    to,
    look: known ? 'shade' : 'hatched',
    strength: known ? psi / DARKEST : 1,
    underlined: verdict === 'drifted',
  }
}

function usePointThen(points: readonly DriftPoint[]): DriftPoint | undefined {
  const { cursor, to } = useFrame()
  const time = useCursorTime(cursor)
  return time === undefined ? lastBefore(points, to) : windowAt(points, time)
}

function VerdictThen({ points }: { points: readonly DriftPoint[] }): ReactNode {
  const point = usePointThen(points)
  return point === undefined ? null : <DriftStatus verdict={point.verdict} />
}

function DriftThen({ points }: { points: readonly DriftPoint[] }): ReactNode {
  const point = usePointThen(points)
  if (point === undefined) return <p className="line quiet">no data here</p>
  const { psi, n, verdict } = point
  return (
    <p className="line">
      {psi !== undefined && verdict !== 'insufficient' && <strong>{formatScore(psi)} </strong>}
      <span className="quiet">n</span> {formatCount(n)}
    </p>
  )
}

function Measures({ strip }: { strip: FeatureStrip }): ReactNode {
  const { points, feature } = strip
  const frame = useFrame()
  const columns = useMemo(
    () => columnsOf(points, [({ psi }) => psi, ({ js }) => js, ({ ks }) => ks], frame),
    [points, frame],
  )
  return (
    <Strip
      title={feature}
      unit="PSI, Jensen-Shannon distance, Kolmogorov-Smirnov distance"
      className="detail"
      readout={<Readout points={points} read={readMeasures} />}
    >
      <LinePlot
        label={`Drift measures of ${feature} over time`}
        height={88}
        columns={columns}
        lines={measures}
        range={fromZero}
        format={(value) => formatScore(value, 2)}
      />
    </Strip>
  )
}

function readMeasures({ psi, js, ks, missing, n }: DriftPoint): readonly Reading[] {
  const measure = (value: number | undefined): string => (value === undefined ? 'not enough data' : formatScore(value))
  return [
    { name: 'PSI', value: measure(psi) },
    { name: 'JS, KS', value: `${measure(js)}, ${measure(ks)}` },
    { name: 'missing', value: formatPercent(missing) },
    { name: 'n', value: formatCount(n) },
  ]
}
