import { type ReactNode, useEffect, useMemo } from 'react'
import type { Fleet, SourceListing } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { type Action, ActionList } from '../components/action-list.tsx'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { sentence as text } from '../components/sentence.tsx'
import { Status } from '../components/status.tsx'
import { formatCount } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { streamLink } from '../route.ts'
import { writeTime } from '../time/range.ts'
import { DAY } from '../time/zone.ts'
import { ActTable } from './act-table.tsx'
import { SourceRunTable } from './source-run-table.tsx'
import { promisedVolume, rowsThen, sourceHealth, troublesOf } from './source-state.tsx'

interface SourcePageProps {
  readonly source: string
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** One source: how far it was read, what it promises, its runs, its columns, and what can be done. */
export function SourcePage({ source: name, fleet, zone, query }: SourcePageProps): ReactNode {
  const poll = pollInterval(fleet)
  const { data, error } = useReading<readonly SourceListing[]>('api/v1/sources', {}, poll)
  useEffect(() => {
    document.title = `${name} · Sources · Trueline`
  }, [name])
  const source = data?.find((one) => one.name === name)
  if (source === undefined)
    return (
      <>
        <Opening sentence={sentenceWithout(name, data, error !== null)} />
        {error === null ? (
          data !== undefined && (
            <Empty line={commands.sources()}>The project defines no such source. These there are:</Empty>
          )
        ) : (
          <Problem error={error} />
        )}
      </>
    )
  return (
    <>
      <Opening health={sourceHealth([source])} sentence={sentenceOf(source)} facts={factsOf(source, zone, query)} />
      {error !== null && error.code !== 'unreachable' && <Problem error={error} />}
      <Promises source={source} />
      <SourceRunTable source={source} zone={zone} query={query} poll={poll} />
      <Columns source={source} />
      <Panel title="Actions" note="each is asked for on the command line, and is in the audit log">
        <div className="body">
          <ActionList actions={actionsOf(source, fleet?.now)} />
        </div>
      </Panel>
      <Panel title="Audit log" note="who did what with it, newest first">
        <ActTable
          caption={`Acts on ${name}, newest first`}
          filter={{ target: name, search: 'source.' }}
          empty={<Empty>Nothing was done by hand yet: it is read by its schedule, or when somebody asks.</Empty>}
          line={commands.acts({ target: name, search: 'source.' })}
          zone={zone}
          poll={poll}
        />
      </Panel>
    </>
  )
}

function sentenceWithout(name: string, data: readonly SourceListing[] | undefined, isWrong: boolean): string {
  if (data !== undefined) return `There is no source '${name}'.`
  return isWrong ? `${name} cannot be shown.` : `Reading ${name} …`
}

function sentenceOf(source: SourceListing): string {
  const troubles = troublesOf(source)
  if (troubles.length > 0) return troubles.map(({ sentence }) => sentence).join(' ')
  if (source.since === undefined) return `${source.name} was not read yet.`
  const newest =
    source.lag === undefined ? 'no row has come yet' : `its newest row came ${formatDuration(source.lag)} ago`
  return `${source.name} is read as it should be: ${newest}.`
}

function factsOf(
  source: SourceListing,
  zone: string,
  query: URLSearchParams,
): readonly (readonly [string, ReactNode])[] {
  const { into, kind, schedule, due, watermark, since, owner, description } = source
  return [
    [
      'Into',
      <a key="into" href={streamLink(into, query)}>
        {breakable(into)}
      </a>,
    ],
    ['From', kind],
    ['Schedule', schedule === undefined ? 'when somebody asks' : <code key="schedule">{schedule}</code>],
    ...(due === undefined ? [] : ([['Next', formatTime(due, zone)]] as const)),
    ['Read up to', watermark === undefined ? 'no watermark' : <code key="watermark">{breakable(watermark)}</code>],
    ...(since === undefined ? [] : ([['First read', formatTime(since, zone)]] as const)),
    ...(owner === undefined ? [] : ([['Owner', owner]] as const)),
    ...(description === undefined ? [] : ([['For', breakable(description)]] as const)),
  ]
}

const breakers: Readonly<Record<SourceListing['breaker'], ReactNode>> = {
  closed: <Status tone="ok">closed: it is read when it is due</Status>,
  open: <Status tone="failing">open: it is left alone until the pause is over</Status>,
  half_open: <Status tone="warning">half open: the next attempt decides</Status>,
}

/** What is promised of it, and how that stands. */
function Promises({ source }: { source: SourceListing }): ReactNode {
  const { freshness, lag, volume, breaker, failures, run } = source
  const kept = (words: readonly string[]): ReactNode =>
    troublesOf(source).some(({ word }) => words.includes(word)) ? (
      <Status tone="warning">not kept</Status>
    ) : (
      <Status tone="ok">kept</Status>
    )
  return (
    <Panel title="Promises" note="an alert opens where one is not kept">
      <div className="body">
        <dl className="said">
          <div>
            <dt>Circuit breaker</dt>
            <dd>
              {breakers[breaker]}
              {failures > 0 && run?.error !== undefined && (
                <>
                  <span className="under">{breakable(run.error.error)}</span>
                  <span className="under">{text(run.error.remedy)}</span>
                </>
              )}
            </dd>
          </div>
          <div>
            <dt>Freshness</dt>
            <dd>
              {freshness === undefined ? (
                <span className="quiet">
                  nothing is promised; <code>freshness</code> says how long it may bring no row
                </span>
              ) : lag === undefined ? (
                <Status tone="none">not enough data</Status>
              ) : (
                kept(['stale'])
              )}
              {freshness !== undefined && (
                <span className="under">
                  a new row every {formatDuration(freshness)}
                  {lag === undefined ? '' : `; the newest came ${formatDuration(lag)} ago`}
                </span>
              )}
            </dd>
          </div>
          <div>
            <dt>Volume</dt>
            <dd>
              {volume === undefined ? (
                <span className="quiet">
                  nothing is promised; <code>volume</code> says how many new rows come in a stretch of time
                </span>
              ) : volume.rows === undefined ? (
                <Status tone="none">not enough data</Status>
              ) : (
                kept(['too few rows', 'too many rows'])
              )}
              {volume !== undefined && (
                <span className="under">
                  {promisedVolume(volume)}
                  {volume.rows === undefined
                    ? '; it is judged once a whole stretch is over'
                    : `; ${formatCount(volume.rows)} in the last whole stretch`}
                </span>
              )}
            </dd>
          </div>
        </dl>
      </div>
    </Panel>
  )
}

type NamedType = readonly [column: string, type: string]

const columnColumns: readonly Column<NamedType>[] = [
  { id: 'column', header: 'Column', cell: ({ row }) => <span className="name">{breakable(row.original[0])}</span> },
  { id: 'type', header: 'Type, as the source calls it', cell: ({ row }) => <code>{row.original[1]}</code> },
]

/** The columns that its rows are taken by, and how those found last differ. */
function Columns({ source }: { source: SourceListing }): ReactNode {
  const { name, columns, changes, onSchemaChange } = source
  const rows = useMemo(() => Object.entries(columns), [columns])
  return (
    <Panel title="Columns" note={`when others are found: ${rowsThen[onSchemaChange]}`}>
      {changes !== undefined && (
        <div className="body">
          <Status tone={onSchemaChange === 'accept' ? 'warning' : 'failing'}>changed</Status> {breakable(changes)}.
        </div>
      )}
      <DataTable
        caption={`Columns of ${name}`}
        columns={columnColumns}
        rows={rows}
        idOf={([column]) => column}
        empty={
          <Empty line={commands.runSource(name)}>
            Here would be its columns with their types, which are known from the first run on:
          </Empty>
        }
      />
      <div className="foot">
        The same on the command line:
        <Command line={commands.sourceColumns(name)} />
      </div>
    </Panel>
  )
}

function actionsOf({ name, changes }: SourceListing, now: number | undefined): readonly Action[] {
  const day = (before: number): string => writeTime((now ?? 0) - before).slice(0, 10)
  return [
    ...(changes === undefined
      ? []
      : [
          {
            name: 'Take the new columns',
            effect: 'From then on rows are taken by the columns that were found last.',
            line: commands.acceptSource(name),
          },
        ]),
    {
      name: 'Read it now',
      effect: 'Takes what is new since the last run, whatever the schedule and the circuit breaker say.',
      line: commands.runSource(name),
    },
    {
      name: 'Fill a gap',
      effect:
        'Takes the events of a stretch of time again, as history; here of the last seven days. What is there already counts once; the position stays.',
      line:
        now === undefined
          ? commands.backfillSource(name, 'FROM', 'TO')
          : commands.backfillSource(name, day(7 * DAY), day(0)),
    },
    {
      name: 'Read it anew',
      effect:
        'Forgets how far it was read. The next run begins at the beginning; what is there already is a duplicate.',
      line: commands.resetSource(name),
    },
  ]
}
