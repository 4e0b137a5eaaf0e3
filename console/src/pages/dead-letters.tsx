import { type ReactNode, useEffect, useMemo } from 'react'
import type { DeadLetterPage, Fleet } from '../../../src/platform/api/contract.ts'
import { type DeadLetterFilter, pollInterval, useDeadLetters } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { offsetOf, turnTo } from '../components/offset.ts'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { changeQuery, deadLetterLink } from '../route.ts'
import { LetterStatus } from './letter-status.tsx'

type Letter = DeadLetterPage['rows'][number]

const LIMIT = 20
const none: readonly Letter[] = []
const states = ['open', 'fixed', 'replayed', 'discarded', 'all'] as const

interface DeadLettersPageProps {
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** Rows that were not accepted: how many for which reason, and each of them. */
export function DeadLettersPage({ fleet, zone, query }: DeadLettersPageProps): ReactNode {
  const state = query.get('state') ?? 'open'
  const stream = query.get('stream') ?? undefined
  const code = query.get('code') ?? undefined
  const filter: DeadLetterFilter = {
    ...(state === 'all' ? {} : { state }),
    ...(stream === undefined ? {} : { stream }),
    ...(code === undefined ? {} : { code }),
  }
  const offset = offsetOf(query)
  const { data, error } = useDeadLetters(filter, LIMIT, offset, pollInterval(fleet))
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  useEffect(() => {
    document.title = 'Dead letters · Trueline'
  }, [])
  const choose = (changes: Readonly<Record<string, string | undefined>>): void =>
    changeQuery({ ...changes, offset: undefined }, 'push')
  const isNarrowed = stream !== undefined || code !== undefined
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? 'Reading the dead letters …' : 'The dead letters cannot be read.'} />
        {error !== null && <Problem error={error} />}
      </>
    )
  return (
    <>
      <Opening
        sentence={sentenceOf(data, state, isNarrowed)}
        facts={data.streams.map((one) => [one.name, equationOf(one)] as const)}
      />
      <Panel
        title="Reasons"
        note="choose one to see its rows"
        aside={<StateChoice state={state} onChoice={(chosen) => choose({ state: chosen })} />}
      >
        <DataTable
          caption="Dead letters by stream and reason"
          columns={reasonColumns(choose, stream, code)}
          rows={data.groups}
          idOf={(row) => `${row.stream} ${row.code}`}
          empty={
            isNarrowed ? (
              <Empty line={commands.deadLetters(stream, code)}>
                No {state === 'all' ? '' : `${state} `}row{stream === undefined ? '' : ` of ${stream}`}
                {code === undefined ? ' is kept' : ` has the reason ${code}`}. <ShowAll choose={choose} />
              </Empty>
            ) : (
              <Empty line={commands.deadLetters()}>
                Here would be each reason with its number of rows. A row that breaks the schema of its stream, comes too
                late, or contradicts one before it is kept here with the reason, and never reaches a feature.
              </Empty>
            )
          }
        />
      </Panel>
      <Panel title="Rows" note={`${formatCount(data.total)} ${state === 'all' ? 'in all' : state}, newest first`}>
        <DataTable
          caption="Dead letters, newest first"
          columns={columns}
          rows={data.rows ?? none}
          idOf={(row) => String(row.letter)}
          page={{ offset, limit: LIMIT, total: data.total, onOffset: turnTo }}
          empty="No row."
        />
        <div className="foot">
          The same on the command line:
          <Command line={commands.deadLetters(stream, code)} />
        </div>
      </Panel>
    </>
  )
}

function StateChoice({ state, onChoice }: { state: string; onChoice: (state: string) => void }): ReactNode {
  return (
    <fieldset className="group">
      <legend className="unseen">What became of them</legend>
      {states.map((one) => (
        <button key={one} type="button" aria-pressed={one === state} onClick={() => onChoice(one)}>
          {one}
        </button>
      ))}
    </fieldset>
  )
}

type Choose = (changes: Readonly<Record<string, string | undefined>>) => void

function ShowAll({ choose }: { choose: Choose }): ReactNode {
  return (
    <button type="button" className="plain" onClick={() => choose({ stream: undefined, code: undefined })}>
      Show all
    </button>
  )
}

function reasonColumns(
  choose: Choose,
  stream: string | undefined,
  code: string | undefined,
): readonly Column<DeadLetterPage['groups'][number]>[] {
  const isChosen = stream !== undefined && code !== undefined
  return [
    { id: 'stream', header: 'Stream', cell: ({ row }) => <span className="name">{row.original.stream}</span> },
    { id: 'code', header: 'Reason', cell: ({ row }) => <code>{row.original.code}</code> },
    { id: 'count', header: 'Rows', meta: { look: 'number' }, cell: ({ row }) => formatCount(row.original.count) },
    {
      id: 'choose',
      header: '',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        isChosen ? (
          <ShowAll choose={choose} />
        ) : (
          <button
            type="button"
            className="plain"
            onClick={() => choose({ stream: original.stream, code: original.code })}
          >
            Only these
          </button>
        ),
    },
  ]
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<Letter>[] {
  return [
    {
      id: 'letter',
      header: 'Letter',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => <a href={deadLetterLink(original.letter, query)}>{original.letter}</a>,
    },
    {
      id: 'state',
      header: 'State',
      meta: { look: 'nowrap' },
      cell: ({ row }) => <LetterStatus letter={row.original} />,
    },
    {
      id: 'received',
      header: 'Received',
      meta: { look: 'nowrap' },
      cell: ({ row }) => formatTime(row.original.receivedAt, zone),
    },
    { id: 'stream', header: 'Stream', cell: ({ row }) => <span className="name">{row.original.stream}</span> },
    {
      id: 'reason',
      header: 'What is wrong',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => (
        <>
          {original.reason}
          <span className="under">{original.code}</span>
        </>
      ),
    },
    {
      id: 'row',
      header: 'Row',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => <code className="cut">{original.row}</code>,
    },
  ]
}

function sentenceOf({ total, groups }: DeadLetterPage, state: string, isNarrowed: boolean): string {
  if (total === 0 && isNarrowed) return 'No such row.'
  if (total === 0) return state === 'open' ? 'No row waits: all that came was accepted, or is settled.' : 'No such row.'
  const streams = new Set(groups.map(({ stream }) => stream)).size
  const what = state === 'open' ? (total === 1 ? 'row waits' : 'rows wait') : total === 1 ? 'row' : 'rows'
  const [first] = groups
  const most =
    first === undefined ? '' : ` Most often: ${first.code} in ${first.stream}, ${formatCount(first.count)} times.`
  return `${formatCount(total)} ${what}, of ${streams} ${streams === 1 ? 'stream' : 'streams'}.${most}`
}

function equationOf({ received, accepted, duplicates, rejected, mended }: DeadLetterPage['streams'][number]): string {
  const mendedWords = mended === 0 ? '' : ` (${formatCount(mended)} of them mended)`
  return `${formatCount(received)} received = ${formatCount(accepted)} accepted + ${formatCount(duplicates)} duplicates + ${formatCount(rejected)} rejected${mendedWords}`
}
