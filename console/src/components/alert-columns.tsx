import type { ReactNode } from 'react'
import type { Alert } from '../../../src/platform/api/contract.ts'
import { asCalled } from '../called-as.ts'
import { commands } from '../commands.ts'
import { formatCount } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { modelLink, operationsLink, streamLink } from '../route.ts'
import { breakable } from './breakable.tsx'
import type { Column } from './data-table.tsx'
import { Status } from './status.tsx'

interface AlertColumnsOptions {
  readonly zone: string
  readonly query: URLSearchParams
  readonly withModel: boolean
}

/** The columns of a table of alerts. */
export function alertColumns({ zone, query, withModel }: AlertColumnsOptions): readonly Column<Alert>[] {
  const model: Column<Alert> = {
    id: 'model',
    header: 'About',
    cell: ({ row: { original } }) => {
      const link = placeOf(original.model, query)
      return link === undefined ? breakable(original.model) : <a href={link}>{breakable(original.model)}</a>
    },
  }
  return [
    { id: 'state', header: 'State', meta: { look: 'nowrap' }, cell: ({ row }) => <AlertStatus alert={row.original} /> },
    ...(withModel ? [model] : []),
    {
      id: 'title',
      header: 'What',
      meta: { look: 'wide' },
      cell: ({ row }) => (
        <>
          {breakable(row.original.title)}
          <span className="under">
            {row.original.kind.replaceAll('_', ' ')}
            {row.original.feature !== undefined && <> of {row.original.feature}</>}
          </span>
        </>
      ),
    },
    { id: 'n', header: 'n', meta: { look: 'number' }, cell: ({ row }) => formatCount(row.original.n) },
    {
      id: 'opened',
      header: 'Opened',
      meta: { look: 'nowrap' },
      cell: ({ row }) => (
        <>
          {formatTime(row.original.openedAt, zone)}
          <span className="under">{duration(row.original)}</span>
        </>
      ),
    },
    {
      id: 'acknowledged',
      header: 'Acknowledged by',
      meta: { look: 'nowrap' },
      cell: ({ row }) => row.original.acknowledgedBy ?? <span className="quiet">nobody</span>,
    },
    {
      id: 'runbook',
      header: 'What to do',
      meta: { look: 'nowrap' },
      cell: ({ row }) => <code>{asCalled(commands.runbook(row.original.kind))}</code>,
    },
  ]
}

/** The page of what an alert is about: a model, or a stream or a batch by `stream/NAME` and `batch/NAME`. */
function placeOf(subject: string, query: URLSearchParams): string | undefined {
  const [, kind, name = ''] = /^(\w+)\/(.+)$/.exec(subject) ?? []
  if (kind === undefined) return modelLink(subject, query)
  if (kind === 'stream') return streamLink(name, query)
  return kind === 'batch' ? operationsLink(query) : undefined
}

function AlertStatus({ alert }: { alert: Alert }): ReactNode {
  const tone = alert.resolvedAt !== undefined ? 'ok' : alert.severity === 'page' ? 'failing' : 'warning'
  return (
    <>
      <Status tone={tone}>{alert.resolvedAt === undefined ? 'open' : 'resolved'}</Status>
      <span className="under">{alert.severity}</span>
    </>
  )
}

function duration({ openedAt, lastSeenAt, resolvedAt }: Alert): string {
  return resolvedAt === undefined
    ? `last seen ${formatDuration(lastSeenAt - openedAt)} later`
    : `for ${formatDuration(resolvedAt - openedAt)}`
}
