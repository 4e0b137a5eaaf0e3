import { type ReactNode, useEffect, useMemo } from 'react'
import type { Fleet, SourceListing } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { formatCount } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { sourceLink, streamLink } from '../route.ts'
import { promisedVolume, RunStatus, SourceStatus, sourceHealth, troublesOf } from './source-state.tsx'

interface SourcesPageProps {
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** Where the rows of streams are read from: how far each source was read, when, and whether it keeps what it promises. */
export function SourcesPage({ fleet, zone, query }: SourcesPageProps): ReactNode {
  const { data, error } = useReading<readonly SourceListing[]>('api/v1/sources', {}, pollInterval(fleet))
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  const rows = useMemo(() => [...(data ?? [])].sort(worstFirst), [data])
  useEffect(() => {
    document.title = 'Sources · Trueline'
  }, [])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? 'Reading the sources …' : 'The sources cannot be read.'} />
        {error !== null && <Problem error={error} />}
      </>
    )
  return (
    <>
      <Opening {...(rows.length === 0 ? {} : { health: sourceHealth(rows) })} sentence={sentenceOf(rows)} />
      {error !== null && error.code !== 'unreachable' && <Problem error={error} />}
      <Panel title="Sources" note="worst first; each leads to its runs and its columns">
        <DataTable
          caption="Sources of the project"
          columns={columns}
          rows={rows}
          idOf={({ name }) => name}
          empty={
            <Empty line={commands.ingest()}>
              Here would be each place that rows are read from by themselves: files, tables, pages of HTTP. Define one
              with <code>source()</code> beside its stream; a single file is taken without any:
            </Empty>
          }
        />
        <div className="foot">
          The same on the command line:
          <Command line={commands.sources()} />
        </div>
      </Panel>
    </>
  )
}

function worstFirst(a: SourceListing, b: SourceListing): number {
  return weightOf(b) - weightOf(a) || (a.name < b.name ? -1 : 1)
}

function weightOf(source: SourceListing): number {
  const [worst] = troublesOf(source)
  return worst === undefined ? 0 : worst.tone === 'failing' ? 2 : 1
}

function sentenceOf(sources: readonly SourceListing[]): string {
  if (sources.length === 0) return 'No source is defined: events are pushed, or come in files that somebody imports.'
  const told = sources.flatMap((source) => troublesOf(source).slice(0, 1))
  const more = told.length > 3 ? ` ${told.length - 3} more below.` : ''
  if (told.length > 0)
    return (
      told
        .slice(0, 3)
        .map(({ sentence }) => sentence)
        .join(' ') + more
    )
  const unread = sources.filter(({ since }) => since === undefined).length
  const all = sources.length === 1 ? 'The source is' : `All ${sources.length} sources are`
  if (unread === 0)
    return `${all} read as they should be.`.replace('they should', sources.length === 1 ? 'it should' : 'they should')
  return unread === sources.length
    ? 'No source was read yet.'
    : `${unread} of ${sources.length} sources were not read yet.`
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<SourceListing>[] {
  return [
    {
      id: 'state',
      header: 'State',
      meta: { look: 'nowrap' },
      cell: ({ row }) => <SourceStatus source={row.original} />,
    },
    {
      id: 'name',
      header: 'Source',
      cell: ({ row: { original } }) => (
        <>
          <a className="name" href={sourceLink(original.name, query)}>
            {breakable(original.name)}
          </a>
          {original.description !== undefined && <span className="under">{breakable(original.description)}</span>}
          {original.owner !== undefined && <span className="under">owner {original.owner}</span>}
        </>
      ),
    },
    {
      id: 'into',
      header: 'Into',
      cell: ({ row: { original } }) => (
        <>
          <a href={streamLink(original.into, query)}>{breakable(original.into)}</a>
          <span className="under">from {original.kind}</span>
        </>
      ),
    },
    {
      id: 'due',
      header: 'Next',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          {original.due === undefined ? <span className="quiet">when asked</span> : formatTime(original.due, zone)}
          {original.schedule !== undefined && <span className="under mono">{original.schedule}</span>}
        </>
      ),
    },
    {
      id: 'watermark',
      header: 'Read up to',
      cell: ({ row: { original } }) =>
        original.watermark === undefined ? (
          <span className="quiet">no watermark</span>
        ) : (
          <code>{breakable(original.watermark)}</code>
        ),
    },
    {
      id: 'newest',
      header: 'Newest row',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          {original.lag === undefined ? <span className="quiet">none yet</span> : `${formatDuration(original.lag)} ago`}
          {original.freshness !== undefined && (
            <span className="under">{formatDuration(original.freshness)} promised</span>
          )}
        </>
      ),
    },
    {
      id: 'volume',
      header: 'New rows',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.volume === undefined ? (
          <span className="quiet">nothing promised</span>
        ) : (
          <>
            {original.volume.rows === undefined ? (
              <span className="quiet">not enough data</span>
            ) : (
              formatCount(original.volume.rows)
            )}
            <span className="under">{promisedVolume(original.volume)}</span>
          </>
        ),
    },
    {
      id: 'run',
      header: 'Last run',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.run === undefined ? (
          <span className="quiet">none yet</span>
        ) : (
          <>
            <RunStatus run={original.run} />
            <span className="under">{formatTime(original.run.startedAt, zone)}</span>
            <span className="under">
              {formatCount(original.run.accepted)} accepted, {formatCount(original.run.rejected)} rejected
            </span>
          </>
        ),
    },
  ]
}
