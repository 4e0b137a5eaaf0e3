import type { ReactNode } from 'react'
import type { Alert } from '../../../src/platform/api/contract.ts'
import { asCalled } from '../called-as.ts'
import { commands } from '../commands.ts'
import { formatCount } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { alertLink, modelLink, operationsLink, sourceLink, streamLink } from '../route.ts'
import { breakable } from './breakable.tsx'
import { CommandWords } from './command.tsx'
import type { Column } from './data-table.tsx'
import { sentence } from './sentence.tsx'
import { Status, type Tone } from './status.tsx'

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
      const link = subjectLink(original.model, query)
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
          <a href={alertLink(row.original.id, query)}>{sentence(row.original.title)}</a>
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
          <span className="under">{alertDuration(row.original)}</span>
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
      cell: ({ row }) => <CommandWords line={asCalled(commands.runbook(row.original.kind))} />,
    },
  ]
}

/** The page of what an alert is about: a model, or a stream, a source or a batch by `stream/NAME` and so on; undefined for none. */
export function subjectLink(subject: string, query: URLSearchParams): string | undefined {
  const [, kind, name = ''] = /^(\w+)\/(.+)$/.exec(subject) ?? []
  if (kind === undefined) return modelLink(subject, query)
  if (kind === 'stream') return streamLink(name, query)
  if (kind === 'source') return sourceLink(name, query)
  return kind === 'batch' ? operationsLink(query) : undefined
}

/** How bad it is: what is over is well again. */
export function alertTone({ severity, resolvedAt }: Alert): Tone {
  return resolvedAt !== undefined ? 'ok' : severity === 'page' ? 'failing' : 'warning'
}

function AlertStatus({ alert }: { alert: Alert }): ReactNode {
  return (
    <>
      <Status tone={alertTone(alert)}>{alert.resolvedAt === undefined ? 'open' : 'resolved'}</Status>
      <span className="under">{alert.severity}</span>
    </>
  )
}

/** How long an alert was open, or was last seen after it opened. */
export function alertDuration({ openedAt, lastSeenAt, resolvedAt }: Alert): string {
  return resolvedAt === undefined
    ? `last seen ${formatDuration(lastSeenAt - openedAt)} later`
    : `for ${formatDuration(resolvedAt - openedAt)}`
}
