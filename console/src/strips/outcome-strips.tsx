import { type ReactNode, useCallback, useMemo } from 'react'
import type { ModelHealth, OutcomePoint } from '../../../src/platform/api/contract.ts'
import { formatCount, formatInterval, formatPercent, formatScore } from '../format/number.ts'
import type { TimeWindow } from '../time/windows.ts'
import { type Cell, CellRow } from './cell-row.tsx'
import { type Columns, columnsOf } from './columns.ts'
import { useFrame } from './frame-context.ts'
import { type Band, type Level, type Line, LinePlot, type Mark, type Span } from './line-plot.tsx'
import { around } from './ranges.ts'
import { type Reading, Readout } from './readout.tsx'
import { Strip } from './strip.tsx'

const HEIGHT = 124
const lines: readonly Line[] = [
  { colour: 'none' },
  { colour: 'none' },
  { colour: 'none' },
  { colour: 'none' },
  { colour: 'line' },
  { colour: 'line', width: 0.75 },
]
const bands: readonly Band[] = [
  { upper: 0, lower: 1, fill: 'plain' },
  { upper: 2, lower: 3, fill: 'hatched' },
]

interface OutcomeStripsProps {
  readonly points: readonly OutcomePoint[]
  readonly expected: ModelHealth['expected']
  readonly baseline: ModelHealth['baseline']
  readonly spans: readonly Span[]
  readonly onDownload: () => void
  /** What stands here before the first label. */
  readonly empty: ReactNode
}

/** How good the predictions turned out: mature windows solid, immature ones hatched, and how many labels are in. */
export function OutcomeStrips({ points, expected, baseline, spans, onDownload, empty }: OutcomeStripsProps): ReactNode {
  const frame = useFrame()
  const columns = useMemo(() => outcomeColumns(points, frame), [points, frame])
  const levels = useMemo(() => levelsOf(expected, baseline), [expected, baseline])
  const metric = isOfClasses(points) || expected?.logLoss !== undefined ? 'log loss' : 'AUC'
  const range = useMemo(() => {
    const values = levels.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
    return around(values, metric === 'AUC' ? 1 : Number.POSITIVE_INFINITY)
  }, [levels, metric])
  const read = useCallback((point: OutcomePoint) => readOutcome(point, metric), [metric])
  const marks = useMemo(() => marksOf(points), [points])
  const coverage = useMemo(() => points.map(coverageCell), [points])
  if (points.length === 0) {
    return (
      <Strip title="Outcomes" unit={metric}>
        <div className="teach" style={{ minHeight: HEIGHT }}>
          {empty}
        </div>
      </Strip>
    )
  }
  return (
    <>
      <Strip
        title="Outcomes"
        unit={`${metric} by time of prediction, 95% interval; hatched: labels still to come`}
        onDownload={onDownload}
        readout={<Readout points={points} read={read} latest={isMature} />}
      >
        <LinePlot
          label={`${metric} over time with its interval, against the expected and the baseline one`}
          height={HEIGHT}
          columns={columns}
          lines={lines}
          bands={bands}
          range={range}
          format={(value) => formatScore(value, 2)}
          levels={levels}
          spans={spans}
          marks={marks}
        />
      </Strip>
      <Strip
        title="Labels in"
        className="thin"
        readout={<Readout points={points} read={readCoverage} withWindow={false} latest={isMature} />}
      >
        <CellRow label="Share of predictions whose label has come, over time" height={28} cells={coverage} />
      </Strip>
    </>
  )
}

/** The last mature window belongs to both parts, so that the line goes on without a gap. */
function outcomeColumns(points: readonly OutcomePoint[], shown: TimeWindow): Columns {
  const solid = (value: (point: OutcomePoint) => number | undefined) => (point: OutcomePoint) =>
    point.mature ? value(point) : undefined
  const hatched = (value: (point: OutcomePoint) => number | undefined) => (point: OutcomePoint, index: number) =>
    !point.mature || points[index + 1]?.mature === false ? value(point) : undefined
  return columnsOf(
    points,
    [
      solid(({ high }) => high),
      solid(({ low }) => low),
      hatched(({ high }) => high),
      hatched(({ low }) => low),
      solid(metricOf),
      hatched(metricOf),
    ],
    shown,
  )
}

function levelsOf(expected: ModelHealth['expected'], baseline: ModelHealth['baseline']): readonly Level[] {
  const levels: Level[] = []
  if (expected !== undefined) {
    const { auc, logLoss, low, high } = expected
    const value = auc ?? logLoss
    if (value !== undefined) levels.push({ value, low, high, label: `expected ${formatScore(value)}` })
  }
  const value = baseline?.auc ?? baseline?.logLoss
  if (value !== undefined) levels.push({ value, label: `baseline ${formatScore(value)}` })
  return levels
}

/** Only outcomes of several classes have a share of likeliest ones that came true. */
function isOfClasses(points: readonly OutcomePoint[]): boolean {
  return points.some(({ accuracy }) => accuracy !== undefined)
}

/** What a point is drawn by: its AUC, or of several classes the log loss. */
function metricOf({ auc, accuracy, logLoss }: OutcomePoint): number | undefined {
  return accuracy === undefined ? auc : logLoss
}

function marksOf(points: readonly OutcomePoint[]): readonly Mark[] {
  return points
    .filter((point) => metricOf(point) === undefined)
    .map(({ from, to }): Mark => ({ time: (from + to) / 2, shape: 'insufficient' }))
}

function isMature({ mature }: OutcomePoint): boolean {
  return mature
}

function coverageCell({ from, to, n, labelled, mature }: OutcomePoint): Cell {
  return { from, to, look: mature ? 'bar' : 'hatched-bar', strength: n === 0 ? 0 : labelled / n }
}

function readOutcome(point: OutcomePoint, metric: string): readonly Reading[] {
  const { low, high, labelled, mature, accuracy, fault } = point
  const value = metricOf(point)
  return [
    {
      name: metric,
      value: value === undefined ? (fault === undefined ? 'not enough data' : 'lost') : formatScore(value),
    },
    ...(fault === undefined ? [] : [{ name: 'because', value: fault }]),
    ...(low === undefined || high === undefined ? [] : [{ name: 'interval', value: formatInterval(low, high) }]),
    ...(accuracy === undefined ? [] : [{ name: 'right', value: formatPercent(accuracy) }]),
    { name: 'labels', value: formatCount(labelled) },
    { name: 'cohort', value: mature ? 'mature' : 'immature' },
  ]
}

function readCoverage({ n, labelled }: OutcomePoint): readonly Reading[] {
  return [{ name: n === 0 ? 'of 0' : `of ${formatCount(n)}`, value: n === 0 ? 'none' : formatPercent(labelled / n) }]
}
