import { type ReactNode, useMemo, useState } from 'react'
import type { Evaluation } from '../../../src/platform/api/contract.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { formatCount, formatMetric, formatPercent, metricWords } from '../format/number.ts'
import { ClassPanel } from './class-panel.tsx'

type Segment = Evaluation['segments'][number]

interface Metric {
  readonly name: string
  readonly value: number
  readonly low: number
  readonly high: number
}

interface Importance {
  readonly feature: string
  readonly share: number
}

const LIMIT = 20

/** How well a version did before its release: its metrics with intervals, its segments, and what it goes by. */
export function EvaluationPanels({ evaluation }: { evaluation: unknown }): ReactNode {
  // Training writes more, or less, beside it: a version of another library says what it likes.
  const {
    rows,
    labelMean,
    metrics = {},
    segments = [],
    calibration,
    uncalibrated,
    ofClasses,
    importance,
  } = (evaluation ?? {}) as Partial<
    Evaluation & { readonly importance: readonly { readonly feature: string; readonly gain: number }[] }
  >
  const measured = useMemo(
    () =>
      Object.entries(metrics).flatMap(([name, estimate]): Metric[] =>
        estimate === undefined ? [] : [{ name, ...estimate }],
      ),
    [metrics],
  )
  const said = [
    ...(rows === undefined ? [] : [`on ${formatCount(rows)} rows`]),
    ...(labelMean === undefined
      ? []
      : [
          `${ofClasses === undefined ? 'mean outcome' : 'share of the most frequent class'} ${formatMetric(labelMean)}`,
        ]),
    ...(calibration === undefined
      ? []
      : [
          `${ofClasses === undefined ? '' : 'confidence '}calibration error ${formatMetric(calibration.error)}${ofClasses === undefined ? '' : ', of the probability of the likeliest class'}`,
        ]),
    ...(uncalibrated === undefined ? [] : [`${formatMetric(uncalibrated.error)} before it was calibrated`]),
  ]
  return (
    <>
      <div className="columns">
        <Panel title="Evaluation" note={said.join('; ')}>
          <DataTable
            caption="Metrics with their intervals"
            columns={metricColumns}
            rows={measured}
            idOf={({ name }) => name}
            empty="Nothing was measured of it in the usual form."
          />
        </Panel>
        <ImportancePanel importance={importance ?? []} />
      </div>
      {ofClasses !== undefined && <ClassPanel evaluation={ofClasses} />}
      {segments.length > 0 && <SegmentTable segments={segments} />}
    </>
  )
}

const metricColumns: readonly Column<Metric>[] = [
  { id: 'name', header: 'Metric', cell: ({ row }) => metricWords(row.original.name) },
  { id: 'value', header: 'Value', meta: { look: 'number' }, cell: ({ row }) => formatMetric(row.original.value) },
  {
    id: 'interval',
    header: '95% interval',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => `${formatMetric(original.low)} to ${formatMetric(original.high)}`,
  },
]

/** Inputs by their share of what the model learnt, a page at a time. */
function ImportancePanel(props: {
  importance: readonly { readonly feature: string; readonly gain: number }[]
}): ReactNode {
  const { importance } = props
  const [offset, setOffset] = useState(0)
  const rows = useMemo(() => {
    const total = importance.reduce((sum, { gain }) => sum + gain, 0)
    return importance
      .slice(offset, offset + 10)
      .map(({ feature, gain }): Importance => ({ feature, share: total === 0 ? 0 : gain / total }))
  }, [importance, offset])
  return (
    <Panel title="Inputs" note="by share of gain">
      <DataTable
        caption="Inputs by their share of the gain"
        columns={importanceColumns}
        rows={rows}
        idOf={({ feature }) => feature}
        page={{ offset, limit: 10, total: importance.length, onOffset: setOffset }}
        empty="What it goes by was not written down."
      />
    </Panel>
  )
}

const importanceColumns: readonly Column<Importance>[] = [
  { id: 'feature', header: 'Input', cell: ({ row }) => breakable(row.original.feature) },
  { id: 'share', header: 'Share', meta: { look: 'number' }, cell: ({ row }) => formatPercent(row.original.share) },
]

function SegmentTable({ segments }: { segments: readonly Segment[] }): ReactNode {
  const [offset, setOffset] = useState(0)
  const rows = useMemo(() => segments.slice(offset, offset + LIMIT), [segments, offset])
  const columns = useMemo(() => {
    const names = [...new Set(segments.flatMap(({ metrics }) => Object.keys(metrics)))]
    return segmentColumns(names as (keyof Segment['metrics'])[])
  }, [segments])
  return (
    <Panel title="Segments" note="worst first; those of few rows are left out">
      <DataTable
        caption="Segments, worst first"
        columns={columns}
        rows={rows}
        idOf={({ column, name }) => `${column} ${name}`}
        page={{ offset, limit: LIMIT, total: segments.length, onOffset: setOffset }}
        empty={null}
      />
    </Panel>
  )
}

function segmentColumns(metrics: readonly (keyof Segment['metrics'])[]): readonly Column<Segment>[] {
  return [
    {
      id: 'segment',
      header: 'Segment',
      cell: ({ row: { original } }) => (
        <>
          {original.name === null ? <span className="quiet">no value</span> : breakable(original.name)}
          <span className="under">{original.column}</span>
        </>
      ),
    },
    { id: 'rows', header: 'Rows', meta: { look: 'number' }, cell: ({ row }) => formatCount(row.original.rows) },
    {
      id: 'mean',
      header: 'Mean outcome',
      meta: { look: 'number' },
      cell: ({ row }) => formatMetric(row.original.labelMean),
    },
    ...metrics.map(
      (name): Column<Segment> => ({
        id: name,
        header: metricWords(name),
        meta: { look: 'number' },
        cell: ({ row: { original } }) => {
          const value = original.metrics[name]
          return value === undefined ? <span className="quiet">not defined</span> : formatMetric(value)
        },
      }),
    ),
  ]
}
