import { type ReactNode, useMemo } from 'react'
import type { LoadTestAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { offsetPage, TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatCount, formatMilliseconds } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { loadTestLink, registeredLink } from '../route.ts'
import { gateTone } from './gate-cell.tsx'

const LIMIT = 10

interface LoadTestTableProps {
  readonly models: readonly string[]
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** Load tests, newest first: what was asked, what was sustained, and the verdict against what the model promises. */
export function LoadTestTable({ models, zone, query, poll }: LoadTestTableProps): ReactNode {
  const trail = useTrail('load tests')
  const { asked, isFirst, nextOf } = offsetPage(trail, LIMIT)
  const { data, error } = useReading<readonly LoadTestAnswer[]>('api/v1/load-tests', asked, isFirst && poll)
  const rows = useMemo(() => data?.slice(0, LIMIT), [data])
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel title="Load tests" note="held against what the model promises, newest first">
      <TurnedTable
        caption="Load tests, newest first"
        columns={columns}
        rows={rows}
        idOf={({ number }) => String(number)}
        error={error}
        reading="Reading the load tests …"
        empty={
          <Empty line={commands.loadTest(models[0] ?? 'MODEL')}>
            Here would be each load that was tried, with the latencies that it met, and how much a replica bears:
          </Empty>
        }
        trail={trail}
        next={nextOf(data)}
        {...(rows === undefined || rows.length === 0 ? {} : { line: commands.loadTests() })}
      />
    </Panel>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<LoadTestAnswer>[] {
  return [
    {
      id: 'verdict',
      header: 'Verdict',
      meta: { look: 'nowrap' },
      cell: ({ row }) => <Status tone={gateTone(row.original.verdict)}>{row.original.verdict}</Status>,
    },
    {
      id: 'number',
      header: 'Test',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => <a href={loadTestLink(original.number, query)}>{original.number}</a>,
    },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row: { original } }) => (
        <>
          {breakable(original.model)}{' '}
          <a href={registeredLink(query, original.model, original.version)}>v{original.version}</a>
        </>
      ),
    },
    {
      id: 'at',
      header: 'When',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          {formatTime(original.at, zone)}
          <span className="under">by {original.by}</span>
        </>
      ),
    },
    {
      id: 'rates',
      header: 'Requests a second',
      cell: ({ row }) => row.original.steps.map(({ client }) => formatCount(client.rate)).join(', '),
    },
    {
      id: 'p99',
      header: 'p99 at the first',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => {
        const p99 = original.steps[0]?.client.response.p99
        return p99 === undefined ? <span className="quiet">none</span> : formatMilliseconds(p99)
      },
    },
    {
      id: 'sustained',
      header: 'Sustained, a second',
      meta: { look: 'number' },
      cell: ({ row: { original } }) =>
        original.knee.sustained === undefined ? (
          <span className="quiet">none of these</span>
        ) : (
          formatCount(original.knee.sustained)
        ),
    },
    {
      id: 'broken',
      header: 'Broken at, a second',
      meta: { look: 'number' },
      cell: ({ row: { original } }) =>
        original.knee.broken === undefined ? (
          <span className="quiet">not reached</span>
        ) : (
          formatCount(original.knee.broken)
        ),
    },
  ]
}
