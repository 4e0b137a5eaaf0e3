import { type ReactNode, useMemo } from 'react'
import type { RetrainingStatus } from '../../../src/platform/api/contract.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { sentence } from '../components/sentence.tsx'
import { Status } from '../components/status.tsx'
import { formatCount, formatScore } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { registeredLink } from '../route.ts'

interface StepTableProps {
  /** Those whose policy learns in small steps. */
  readonly models: readonly RetrainingStatus[]
  readonly zone: string
  readonly query: URLSearchParams
}

/** Models that learn in small steps: what stands between a bad batch and what serves, and what it says now. */
export function StepTable({ models, zone, query }: StepTableProps): ReactNode {
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel title="Small steps" note="what keeps a bad batch from what serves: a guard before, a canary after">
      <DataTable
        caption="Guards and canaries of models that learn in small steps"
        columns={columns}
        rows={models}
        idOf={(row) => row.model}
        empty={null}
      />
    </Panel>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<RetrainingStatus>[] {
  return [
    { id: 'model', header: 'Model', cell: ({ row }) => breakable(row.original.model) },
    {
      id: 'step',
      header: 'A step',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => {
        const { every, labels } = original.policy.continuous!
        return (
          <>
            every {formatDuration(every)} at most
            <span className="under">with {formatCount(labels)} new labels</span>
          </>
        )
      },
    },
    {
      id: 'guard',
      header: 'Guard: nothing is learnt where',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => {
        const { shift, drop } = original.policy.continuous!.guard
        return `the mean outcome has moved by more than ${formatScore(shift, 2)} standard deviations, or the metric has fallen by more than ${formatScore(drop, 2)}`
      },
    },
    {
      id: 'held',
      header: 'New rows',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) =>
        original.held === null ? (
          <Status tone="ok">nothing speaks against them</Status>
        ) : (
          <>
            <Status tone="warning">held since {formatTime(original.held.at, zone)}</Status>
            <span className="under">{sentence(original.held.sentence)}</span>
          </>
        ),
    },
    {
      id: 'canary',
      header: 'Canary: taken back where',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => {
        const { margin, within } = original.policy.continuous!.canary
        return `surely worse than the version before by more than ${formatScore(margin)}, looked at daily for ${formatDuration(within)}`
      },
    },
    {
      id: 'compared',
      header: 'Compared now',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => {
        const { model, canary } = original
        if (canary === null) return <span className="quiet">nothing</span>
        return (
          <>
            <a href={registeredLink(query, model, canary.version)}>v{canary.version}</a> with{' '}
            <a href={registeredLink(query, model, canary.previous)}>v{canary.previous}</a>
            <span className="under">since {formatTime(canary.since, zone)}</span>
            <span className="under">until {formatTime(canary.until, zone)} at most</span>
          </>
        )
      },
    },
  ]
}
