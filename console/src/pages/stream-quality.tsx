import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { Fleet, StreamQuality } from '../../../src/platform/api/contract.ts'
import { pollInterval, useStreamQuality } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { CheckStatus, verdictHealth } from '../components/status.tsx'
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { ProfileTable } from './profile-table.tsx'
import { VerdictStrip } from './verdict-strip.tsx'

type Verdict = StreamQuality['verdicts'][number]
type Result = Verdict['results'][number]

/** How many columns are shown at a time. */
const LIMIT = 20
const none: readonly Result[] = []

interface StreamQualityPageProps {
  readonly stream: string
  readonly fleet: Fleet | undefined
  readonly zone: string
}

/** One stream: what became of its batches at their checks, and what its columns hold. */
export function StreamQualityPage({ stream, fleet, zone }: StreamQualityPageProps): ReactNode {
  const [offset, setOffset] = useState(0)
  const [chosen, setChosen] = useState<string>()
  const { data, error } = useStreamQuality(stream, LIMIT, offset, pollInterval(fleet))
  useEffect(() => {
    document.title = `${stream} · Trueline`
  }, [stream])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? `Reading ${stream} …` : `${stream} cannot be shown.`} />
        {error !== null && <Problem error={error} />}
      </>
    )
  const verdict = data.verdicts.find(({ id }) => id === chosen) ?? data.verdicts[0]
  return (
    <>
      <Opening
        {...(data.verdicts[0] === undefined ? {} : { health: verdictHealth(data.verdicts[0].verdict) })}
        sentence={data.sentence}
        facts={factsOf(data, fleet, zone)}
      />
      <Batches data={data} verdict={verdict} zone={zone} onChoose={setChosen} />
      <ProfileTable stream={stream} profile={data.profile} limit={LIMIT} onOffset={setOffset} zone={zone} />
    </>
  )
}

interface BatchesProps {
  readonly data: StreamQuality
  readonly verdict: Verdict | undefined
  readonly zone: string
  readonly onChoose: (id: string) => void
}

function Batches({ data, verdict, zone, onChoose }: BatchesProps): ReactNode {
  const columns = useMemo(() => resultColumns(), [])
  const about =
    verdict === undefined
      ? undefined
      : `${verdict.batch}: ${formatCount(verdict.rows)} rows, ${formatCount(verdict.rejected)} refused; judged ${formatTime(verdict.at, zone)}`
  return (
    <Panel title="Batches" note={about}>
      {data.verdicts.length > 0 && (
        <VerdictStrip verdicts={data.verdicts} chosen={verdict?.id} zone={zone} onChoose={onChoose} />
      )}
      <DataTable
        caption="Checks of the batch with what was found"
        columns={columns}
        rows={verdict?.results ?? none}
        idOf={(row) => row.check}
        empty={
          data.checks === 0 ? (
            <Empty line={commands.suggestChecks(data.stream)}>
              Here would be each check of this stream with what it found. Give it some in <code>quality</code>; this
              proposes lines to paste from the rows that are there:
            </Empty>
          ) : (
            <Empty line={commands.profileStream(data.stream)}>
              Here would be what each of the {data.checks} checks found. Files are judged as they come in, live rows
              each hour; this judges all rows now:
            </Empty>
          )
        }
      />
      {verdict !== undefined && verdict.verdict !== 'pass' && (
        <div className="foot">
          The same on the command line:
          <Command line={commands.showVerdict(verdict.id)} />
        </div>
      )}
    </Panel>
  )
}

function resultColumns(): readonly Column<Result>[] {
  return [
    {
      id: 'verdict',
      header: 'Verdict',
      meta: { look: 'nowrap' },
      cell: ({ row }) => <CheckStatus verdict={row.original.verdict} />,
    },
    { id: 'check', header: 'Check', cell: ({ row }) => <span className="name">{row.original.check}</span> },
    { id: 'sentence', header: 'What was found', meta: { look: 'wide' }, cell: ({ row }) => row.original.sentence },
    {
      id: 'examples',
      header: 'For example',
      cell: ({ row }) => {
        const { examples } = row.original
        return examples === undefined ? (
          <span className="quiet">none</span>
        ) : (
          <code className="cut">{examples.join(', ')}</code>
        )
      },
    },
  ]
}

function factsOf(
  data: StreamQuality,
  fleet: Fleet | undefined,
  zone: string,
): readonly (readonly [string, ReactNode])[] {
  const counts = fleet?.streams.find(({ name }) => name === data.stream)
  return [
    ['Checks', formatCount(data.checks)],
    ...(counts === undefined
      ? []
      : ([
          ['Accepted', formatCount(counts.accepted)],
          ['Dead letters', formatCount(counts.rejected)],
        ] as const)),
    ...(data.profile === undefined ? [] : ([['Profiled', formatTime(data.profile.at, zone)]] as const)),
  ]
}
