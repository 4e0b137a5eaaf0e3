import { type ReactNode, useMemo } from 'react'
import type { PredictionPoint } from '../../../src/platform/api/contract.ts'
import { verdictWord } from '../components/status.tsx'
import { formatCount, formatInterval, formatPercent, formatScore } from '../format/number.ts'
import { columnsOf } from './columns.ts'
import { useFrame } from './frame-context.ts'
import { type Band, type Line, LinePlot, type Mark, type Span } from './line-plot.tsx'
import { scores } from './ranges.ts'
import { type Reading, Readout } from './readout.tsx'
import { Strip } from './strip.tsx'

const HEIGHT = 86
/** Height of a line of what the strip reads. */
const LINE = 15
const MOST_CLASSES = 3
const lines: readonly Line[] = [
  { colour: 'none', label: 'q90' },
  { colour: 'none', label: 'q10' },
  { colour: 'line', label: 'mean' },
]
const bands: readonly Band[] = [{ upper: 0, lower: 1, fill: 'plain' }]

interface PredictionStripProps {
  readonly points: readonly PredictionPoint[]
  readonly spans: readonly Span[]
  readonly onDownload: () => void
}

/** What the model says: the mean of its scores, and where eight of ten of them lie. */
export function PredictionStrip({ points, spans, onDownload }: PredictionStripProps): ReactNode {
  const frame = useFrame()
  const columns = useMemo(
    () => columnsOf(points, [({ q90 }) => q90, ({ q10 }) => q10, ({ mean }) => mean], frame),
    [points, frame],
  )
  const marks = useMemo(() => marksOf(points), [points])
  const height = useMemo(() => HEIGHT + LINE * Math.max(0, ...points.map(classCount)), [points])
  if (points.length === 0) {
    return (
      <Strip title="Predictions" unit="score">
        <p className="teach">Here would be the mean score and the band from the 10th to the 90th percentile.</p>
      </Strip>
    )
  }
  return (
    <Strip
      title="Predictions"
      unit={`${isOfClasses(points) ? 'probability of the likeliest class' : 'score'}: mean, 10th to 90th percentile`}
      onDownload={onDownload}
      readout={<Readout points={points} read={readScores} />}
    >
      <LinePlot
        label="Mean score over time with the band from the 10th to the 90th percentile"
        height={height}
        columns={columns}
        lines={lines}
        bands={bands}
        range={scores}
        format={(value) => formatScore(value, 2)}
        spans={spans}
        marks={marks}
      />
    </Strip>
  )
}

function marksOf(points: readonly PredictionPoint[]): readonly Mark[] {
  return points
    .filter(({ verdict }) => verdict === 'drifted')
    .map(({ from, to }): Mark => ({ time: (from + to) / 2, shape: 'drifted' }))
}

function isOfClasses(points: readonly PredictionPoint[]): boolean {
  return points.some(({ classes }) => classes !== undefined)
}

function classCount({ classes = {} }: PredictionPoint): number {
  return Math.min(MOST_CLASSES, Object.keys(classes).length)
}

/** The classes that are answered most, with their shares. */
function readClasses(classes: Readonly<Record<string, number>>): readonly Reading[] {
  return Object.entries(classes)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_CLASSES)
    .map(([name, share]) => ({ name: `answered ${name}`, value: formatPercent(share) }))
}

function readScores({ mean, q10, q90, n, psi, verdict, classes }: PredictionPoint): readonly Reading[] {
  return [
    ...readClasses(classes ?? {}),
    { name: 'mean', value: formatScore(mean) },
    { name: 'q10–q90', value: formatInterval(q10, q90) },
    { name: 'n', value: formatCount(n) },
    {
      name: 'psi',
      value:
        psi === undefined || verdict === 'insufficient'
          ? verdictWord(verdict)
          : `${formatScore(psi)} ${verdictWord(verdict)}`,
    },
  ]
}
