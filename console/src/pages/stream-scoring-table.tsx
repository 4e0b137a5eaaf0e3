import { type ReactNode, useMemo } from 'react'
import type { StreamScoringListing } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { type Action, ActionList } from '../components/action-list.tsx'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Status, type Tone } from '../components/status.tsx'
import { formatCount, formatRate } from '../format/number.ts'
import { formatDuration } from '../format/time.ts'
import { deadLettersLink, modelLink, registeredLink, streamLink } from '../route.ts'

const tones: Readonly<Record<StreamScoringListing['state'], Tone>> = {
  running: 'ok',
  waiting: 'warning',
  paused: 'warning',
  stopped: 'none',
}

interface StreamScoringTableProps {
  readonly streams: readonly StreamScoringListing[]
  readonly query: URLSearchParams
}

/** Models that are scored for the events of their streams: how far behind, how fast, and what became of the events. */
export function StreamScoringTable({ streams, query }: StreamScoringTableProps): ReactNode {
  const columns = useMemo(() => columnsFor(query), [query])
  return (
    <Panel title="Scored streams" note="received = scored + rejected + passed; what is rejected is a dead letter">
      <DataTable
        caption="Models that are scored for the events of their streams"
        columns={columns}
        rows={streams}
        idOf={({ model }) => model}
        empty={
          <Empty line={commands.streams()}>
            Here would be each model that answers to the events of its stream, with its lag. Add{' '}
            <code>&apos;stream&apos;</code> to its <code>serve.modes</code>:
          </Empty>
        }
      />
      {streams.length > 0 && (
        <>
          <div className="body">
            <ActionList actions={actionsOf(streams)} />
          </div>
          <div className="foot">
            The same on the command line:
            <Command line={commands.streams()} />
          </div>
        </>
      )}
    </Panel>
  )
}

function actionsOf(streams: readonly StreamScoringListing[]): readonly Action[] {
  const paused = streams.find(({ state }) => state === 'paused')
  if (paused !== undefined)
    return [
      {
        name: 'Resume',
        effect: `Goes on scoring the events of ${paused.model} where it was paused: those that wait are scored first.`,
        line: commands.resumeStream(paused.model),
      },
    ]
  const running = streams.find(({ state }) => state === 'running')
  if (running === undefined) return []
  return [
    {
      name: 'Pause',
      effect: `Stops scoring the events of ${running.model}; they wait in the log, and none is lost.`,
      line: commands.pauseStream(running.model),
    },
  ]
}

function columnsFor(query: URLSearchParams): readonly Column<StreamScoringListing>[] {
  const count = (id: 'received' | 'scored' | 'passed', header: string): Column<StreamScoringListing> => ({
    ...{ id, header, meta: { look: 'number' } },
    cell: ({ row }) => formatCount(row.original[id]),
  })
  return [
    {
      id: 'state',
      header: 'State',
      cell: ({ row: { original } }) => (
        <>
          <Status tone={tones[original.state]}>{original.state}</Status>
          {original.reason !== undefined && <span className="under">{breakable(original.reason)}</span>}
        </>
      ),
    },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row: { original } }) => (
        <>
          <a className="name" href={modelLink(original.model, query)}>
            {breakable(original.model)}
          </a>
          {original.version !== undefined && (
            <span className="under">
              <a href={registeredLink(query, original.model, original.version)}>v{original.version}</a>
            </span>
          )}
        </>
      ),
    },
    {
      id: 'stream',
      header: 'From and to',
      cell: ({ row: { original } }) => (
        <>
          <a href={streamLink(original.stream, query)}>{breakable(original.stream)}</a>
          <span className="under">to {breakable(original.output)}</span>
        </>
      ),
    },
    {
      id: 'lag',
      header: 'Lag',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => (
        <>
          {original.lag > original.mostLag ? (
            <Status tone="warning">{formatDuration(original.lag)}</Status>
          ) : (
            formatDuration(original.lag)
          )}
          <span className="under">at most {formatDuration(original.mostLag)}</span>
        </>
      ),
    },
    {
      id: 'behind',
      header: 'Events that wait',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => formatCount(original.behind),
    },
    {
      id: 'rate',
      header: 'Events a second',
      meta: { look: 'number' },
      cell: ({ row }) => formatRate(row.original.rate),
    },
    count('received', 'Received'),
    count('scored', 'Scored'),
    {
      id: 'rejected',
      header: 'Rejected',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => (
        <>
          {original.rejected === 0 ? (
            '0'
          ) : (
            <a href={deadLettersLink(query, original.stream)}>{formatCount(original.rejected)}</a>
          )}
          {original.fallbacks > 0 && <span className="under">{formatCount(original.fallbacks)} by the fallback</span>}
        </>
      ),
    },
    count('passed', 'Passed'),
  ]
}
