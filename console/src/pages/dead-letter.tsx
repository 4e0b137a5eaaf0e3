import { type ReactNode, useEffect } from 'react'
import type { DeadLetterDetail, Fleet } from '../../../src/platform/api/contract.ts'
import { pollInterval, useDeadLetter } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { type Action, ActionList } from '../components/action-list.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { sentence } from '../components/sentence.tsx'
import { formatTime } from '../format/time.ts'

type Change = DeadLetterDetail['history'][number]

interface DeadLetterDetailPageProps {
  readonly letter: number
  readonly fleet: Fleet | undefined
  readonly zone: string
}

/** One row that was not accepted: what it was, what is wrong with it, what would mend it, what became of it. */
export function DeadLetterDetailPage({ letter, fleet, zone }: DeadLetterDetailPageProps): ReactNode {
  const { data, error } = useDeadLetter(letter, pollInterval(fleet))
  useEffect(() => {
    document.title = `Dead letter ${letter} · Trueline`
  }, [letter])
  if (data === undefined)
    return (
      <>
        <Opening
          sentence={error === null ? `Reading dead letter ${letter} …` : `There is nothing to show of ${letter}.`}
        />
        {error !== null && <Problem error={error} />}
      </>
    )
  const facts = [
    ['State', data.state],
    ['Stream', data.stream],
    ['Reason', <code key="code">{data.code}</code>],
    ['Received', formatTime(data.receivedAt, zone)],
    ['Refused', scopes[data.scope] ?? data.scope],
    ...(data.source === undefined ? [] : [['From', data.source] as const]),
  ] as const
  return (
    <>
      <Opening sentence={data.reason} facts={facts} />
      <Panel
        title="Row"
        note={data.partial ? 'part of it was never kept, as it is sensitive or very long' : 'as it came'}
      >
        <div className="body">
          <pre className="row">{pretty(data.row)}</pre>
        </div>
        <div className="foot">
          The same on the command line:
          <Command line={commands.showDeadLetter(letter)} />
        </div>
      </Panel>
      <Panel
        title="Actions"
        note="this page only reads: each command line tells what would happen, and does it with --apply"
      >
        <div className="body">
          <p className="remedy">{sentence(data.remedy)}</p>
          <ActionList actions={actionsOf(data)} />
        </div>
      </Panel>
      <Panel title="History" note="what was done with it; never changed">
        <DataTable
          caption="What was done with the dead letter"
          columns={historyColumns(zone)}
          rows={data.history}
          idOf={(change) => `${change.at} ${change.outcome}`}
          empty={<Empty>Nothing was done yet. Here would be each attempt, with who made it and how.</Empty>}
        />
      </Panel>
    </>
  )
}

const scopes: Readonly<Record<string, string>> = {
  ingest: 'as it came in',
  import: 'in a file of history',
  label: 'as an outcome',
  scoring: 'when it was to be scored',
}

function actionsOf({ letter, state, scope, partial, mend, stream, code }: DeadLetterDetail): readonly Action[] {
  if (state !== 'open') return []
  const actions: Action[] = []
  // The others are about events that were accepted.
  const isRow = scope !== 'label' && scope !== 'scoring'
  if (mend !== undefined) {
    const { set, drop } = mend
    actions.push({
      name: 'Fix',
      effect: 'The row is changed so, and tried again. Accepted, it counts once, as if it had come right.',
      line: commands.fixDeadLetter(letter, set, drop),
    })
    actions.push({
      name: 'Fix all like it',
      effect: `The same for every open row of ${stream} with ${code}.`,
      line: commands.fixDeadLetters(stream, code, set, drop),
    })
  } else if (isRow && !partial) {
    actions.push({
      name: 'Replay',
      effect: 'The row is tried again as it is, once what refused it has changed.',
      line: commands.replayDeadLetter(letter),
    })
  }
  if (isRow)
    actions.push({
      name: 'Fix by hand',
      effect: 'The whole row as it should have come.',
      line: commands.fixByHand(letter),
    })
  actions.push({
    name: 'Discard',
    effect: 'Nobody needs it: it stays counted as rejected, and no longer waits.',
    line: commands.discardDeadLetter(letter),
  })
  return actions
}

function historyColumns(zone: string): readonly Column<Change>[] {
  return [
    { id: 'at', header: 'When', meta: { look: 'nowrap' }, cell: ({ row }) => formatTime(row.original.at, zone) },
    { id: 'by', header: 'Who', cell: ({ row }) => row.original.by },
    { id: 'outcome', header: 'Outcome', cell: ({ row }) => row.original.outcome },
    {
      id: 'how',
      header: 'How',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => (
        <>
          {original.how === undefined ? <span className="quiet">as it was</span> : <code>{original.how}</code>}
          {original.reason !== undefined && <span className="under">{original.reason}</span>}
        </>
      ),
    },
  ]
}

/** JSON over several lines; what is cut is shown as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
