import { type ReactNode, useMemo } from 'react'
import type { LoadTestAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Status } from '../components/status.tsx'
import { Turns, useTrail } from '../components/turns.tsx'
import { formatCount, formatMilliseconds } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { loadTestLink, registeredLink } from '../route.ts'
import { gateTone } from './gate-cell.tsx'

const LIMIT = 10
const none: readonly LoadTestAnswer[] = []

interface LoadTestTableProps {
  readonly models: readonly string[]
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** Load tests, newest first: what was asked, what was sustained, and the verdict against what the model promises. */
export function LoadTestTable({ models, zone, query, poll }: LoadTestTableProps): ReactNode {
  const trail = useTrail('tests')
  const offset = Number(trail.cursor ?? 0)
  const asked = { limit: LIMIT + 1, offset }
  const { data, error } = useReading<readonly LoadTestAnswer[]>('api/v1/load-tests', asked, offset === 0 && poll)
  const rows = useMemo(() => data?.slice(0, LIMIT) ?? none, [data])
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel title="Load tests" note="held against what the model promises, newest first">
      {error !== null && (
        <div className="body">
          <Problem error={error} />
        </div>
      )}
      <DataTable
        caption="Load tests, newest first"
        columns={columns}
        rows={rows}
        idOf={({ number }) => String(number)}
        empty={
          data === undefined ? (
            error === null && 'Reading the load tests …'
          ) : (
            <Empty line={commands.loadTest(models[0] ?? 'MODEL')}>
              Here would be each load that was tried, with the latencies that it met, and how much a replica bears:
            </Empty>
          )
        }
      />
      <Turns {...trail.turns(data === undefined || data.length <= LIMIT ? null : String(offset + LIMIT))} />
      {rows.length > 0 && (
        <div className="foot">
          The same on the command line:
          <Command line={commands.loadTests()} />
        </div>
      )}
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
