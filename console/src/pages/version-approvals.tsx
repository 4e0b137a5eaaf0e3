import { type ReactNode, useMemo } from 'react'
import type { ServableAnswer, VersionAnswer } from '../../../src/platform/api/contract.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { Status, type Tone } from '../components/status.tsx'
import { formatTime } from '../format/time.ts'

interface Said {
  readonly what: 'approved' | 'rejected' | 'retired'
  readonly by: string
  readonly reason: string | null
  readonly at: number
}

const tones: Readonly<Record<Said['what'], Tone>> = { approved: 'ok', rejected: 'failing', retired: 'none' }

interface ApprovalTableProps {
  readonly standing: VersionAnswer['standing']
  readonly servable: ServableAnswer
  readonly zone: string
}

/** Who approved a version, when and why; who may still, and who rejected or retired it. */
export function ApprovalTable({ standing, servable: { approvals, decisions }, zone }: ApprovalTableProps): ReactNode {
  const columns = useMemo(() => columnsFor(zone), [zone])
  const rows = useMemo(() => {
    const ended = decisions.flatMap(({ decision, ...said }): Said[] =>
      decision === 'approve' ? [] : [{ what: decision === 'reject' ? 'rejected' : 'retired', ...said }],
    )
    return [...approvals.given.map((said): Said => ({ what: 'approved', ...said })), ...ended]
  }, [approvals, decisions])
  const { needed, given, missing, open } = approvals
  const who =
    open === null ? 'anybody who did not make it' : open.join(', ') || 'nobody who is named and did not make it'
  return (
    <Panel title="Approvals" note={`${given.length} of ${needed} needed`}>
      <DataTable
        caption="Who decided on it"
        columns={columns}
        rows={rows}
        idOf={({ what, by, at }) => `${what} ${by} ${at}`}
        empty="Nobody has decided on it yet."
      />
      {(standing === 'candidate' || standing === 'baseline') && missing > 0 && (
        <div className="foot">
          {missing} more by {who}.
        </div>
      )}
    </Panel>
  )
}

function columnsFor(zone: string): readonly Column<Said>[] {
  return [
    {
      id: 'what',
      header: 'What',
      meta: { look: 'nowrap' },
      cell: ({ row }) => <Status tone={tones[row.original.what]}>{row.original.what}</Status>,
    },
    { id: 'by', header: 'By', cell: ({ row }) => breakable(row.original.by) },
    { id: 'at', header: 'When', meta: { look: 'nowrap' }, cell: ({ row }) => formatTime(row.original.at, zone) },
    {
      id: 'reason',
      header: 'Why',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) =>
        original.reason === null ? <span className="quiet">nothing was said</span> : breakable(original.reason),
    },
  ]
}
