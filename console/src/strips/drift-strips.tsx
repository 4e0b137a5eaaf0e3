import { type ReactNode, useMemo } from 'react'
import type { DriftPoint, FeatureStrip, ModelHealth } from '../../../src/platform/api/contract.ts'
import { Pager } from '../components/data-table.tsx'
import { formatWindow } from '../format/time.ts'
import { lastBefore, windowAt } from '../time/windows.ts'
import { useCursorTime } from './cursor.ts'
import { FeatureRow } from './feature-row.tsx'
import { useFrame } from './frame-context.ts'
import { Strip } from './strip.tsx'

interface DriftStripsProps {
  readonly features: ModelHealth['features']
  readonly limit: number
  readonly onOffset: (offset: number) => void
  /** The feature whose measures are shown in full. */
  readonly opened: string | undefined
  readonly onOpen: (feature: string | undefined) => void
  readonly onDownload: () => void
}

/** How far each feature is from its training data, worst first. */
export function DriftStrips({ features, limit, onOffset, opened, onOpen, onDownload }: DriftStripsProps): ReactNode {
  const { total, offset, strips } = features
  const heaviest = useMemo(() => Math.max(0, ...strips.map(({ importance }) => importance)), [strips])
  if (total === 0 || strips.every(({ points }) => points.length === 0)) {
    return (
      <Strip title="Data" unit="drift against training">
        <p className="teach">Here would be the drift of each feature against the data that the model was trained on.</p>
      </Strip>
    )
  }
  return (
    <>
      <Strip title="Data drift" className="lane" onDownload={onDownload} readout={<DriftedThen strips={strips} />}>
        <Legend />
      </Strip>
      {strips.map((strip, place) => (
        <FeatureRow
          // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, the rows stay where they are
          key={place}
          strip={strip}
          heaviest={heaviest}
          opened={strip.feature === opened}
          onToggle={() => onOpen(strip.feature === opened ? undefined : strip.feature)}
        />
      ))}
      {total > limit && (
        <Pager page={{ offset, limit, total, onOffset }} shown={strips.length} what="features, worst first" />
      )}
    </>
  )
}

function Legend(): ReactNode {
  return (
    <p className="key" aria-hidden="true">
      <i className="shade" /> PSI against training, 0 to .4 and more
      <i className="underlined" /> drifted, by size and evidence
      <i className="hatched" /> not enough data
    </p>
  )
}

function DriftedThen({ strips }: { strips: readonly FeatureStrip[] }): ReactNode {
  const { cursor, to, zone } = useFrame()
  const time = useCursorTime(cursor)
  const points = strips
    .map((strip) => (time === undefined ? lastBefore(strip.points, to) : windowAt(strip.points, time)))
    .filter((point): point is DriftPoint => point !== undefined)
  const [first] = points
  if (first === undefined) return null
  const drifted = points.filter(({ verdict }) => verdict === 'drifted').length
  return (
    <p className="line">
      <strong>
        {drifted} of {points.length} drifted
      </strong>{' '}
      <span className="quiet">{formatWindow(first.from, first.to, zone)}</span>
    </p>
  )
}
