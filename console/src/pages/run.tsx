import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { RunDetail, RunStepsAnswer } from '../../../src/platform/api/contract.ts'
import { useRun, useRunSteps } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Status } from '../components/status.tsx'
import { formatFact } from '../format/fact.ts'
import { formatDigest } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { lineageLink } from '../route.ts'
import { runTones } from './run-tones.ts'

type Step = RunStepsAnswer['steps'][number]

interface Said {
  readonly kind: string
  readonly key: string
  readonly value: string
}

interface RunPageProps {
  readonly run: string
  readonly query: URLSearchParams
  readonly zone: string
}

/** One run: what it was given, what it measured, and, of a training, its steps. */
export function RunPage({ run, query, zone }: RunPageProps): ReactNode {
  const { data, error } = useRun(run)
  useEffect(() => {
    document.title = `${data?.name ?? run} · Trueline`
  }, [data?.name, run])
  if (data === undefined) {
    return (
      <>
        <Opening sentence={error === null ? `Reading ${run} …` : `${run} cannot be read.`} />
        {error !== null && <Problem error={error} />}
      </>
    )
  }
  const { training } = data
  return (
    <>
      <Opening sentence={sentenceOf(data, zone)} facts={factsOf(data, query)} />
      {training !== undefined && <Steps training={training} zone={zone} />}
      <SaidTable run={data} />
    </>
  )
}

function sentenceOf({ name, status, user, startedAt, endedAt, lifecycle }: RunDetail, zone: string): string {
  const begun = `${name}, begun by ${user} at ${formatTime(startedAt, zone)}`
  const took = endedAt === undefined ? 'goes on' : `${said[status]} after ${formatDuration(endedAt - startedAt)}`
  return `${begun}, ${took}.${lifecycle === 'deleted' ? ' It was deleted, and can be restored.' : ''}`
}

const said = {
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'was ended',
  RUNNING: 'goes on',
  SCHEDULED: 'waits',
} as const

function factsOf(run: RunDetail, query: URLSearchParams): readonly (readonly [string, ReactNode])[] {
  const { training, datasets, artifactUri } = run
  return [
    [
      'Status',
      <Status key="status" tone={runTones[run.status]}>
        {run.status.toLowerCase()}
      </Status>,
    ],
    ...(training === undefined
      ? []
      : [
          [
            'Lineage',
            <a key="lineage" href={lineageLink(training, query)}>
              {training}
            </a>,
          ] as const,
        ]),
    ...datasets.map(({ name, digest, context }) => {
      const what = `${name}${context === undefined ? '' : ` (${context})`}`
      return [
        `Data: ${what}`,
        <span key={digest} className="mono">
          {formatDigest(digest)}
        </span>,
      ] as const
    }),
    [
      'Artifacts',
      <span key="artifacts" className="mono">
        {artifactUri}
      </span>,
    ],
  ]
}

function Steps({ training, zone }: { training: string; zone: string }): ReactNode {
  const { data, error } = useRunSteps(training)
  const columns = useMemo(() => stepColumns(zone), [zone])
  return (
    <Panel title="Steps" note={data?.progress?.sentence ?? 'of the training'}>
      {error !== null && (
        <div className="body">
          <Problem error={error} />
        </div>
      )}
      {data?.error !== undefined && <div className="body">{data.error.message}</div>}
      <DataTable
        caption={`Steps of ${training}`}
        columns={columns}
        rows={data?.steps ?? none}
        idOf={(row) => row.step}
        empty={data === undefined ? 'Reading the steps …' : 'This training is of before steps were kept.'}
      />
      <div className="foot">
        What it said is on the command line:
        <Command line={commands.runLog(training)} />
      </div>
    </Panel>
  )
}

const none: readonly Step[] = []

function stepColumns(zone: string): readonly Column<Step>[] {
  return [
    { id: 'name', header: 'Step', meta: { look: 'nowrap' }, cell: ({ row }) => row.original.step },
    {
      id: 'status',
      header: 'Status',
      cell: ({ row: { original } }) => (
        <>
          {original.status}
          {original.from !== undefined && <span className="under">as of {original.from.run}</span>}
        </>
      ),
    },
    {
      id: 'started',
      header: 'Started',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => formatTime(original.startedAt, zone),
    },
    {
      id: 'took',
      header: 'Took',
      meta: { look: 'number' },
      cell: ({ row: { original } }) =>
        original.finishedAt === undefined ? (
          <span className="quiet">goes on</span>
        ) : (
          formatDuration(original.finishedAt - original.startedAt)
        ),
    },
  ]
}

const LIMIT = 25
const kinds = ['metric', 'parameter', 'tag'] as const

/** All that a run says, a page at a time: some say thousands of things. */
function SaidTable({ run }: { run: RunDetail }): ReactNode {
  const [offset, setOffset] = useState(0)
  const all = useMemo(() => saidBy(run), [run])
  const rows = useMemo(() => all.slice(offset, offset + LIMIT), [all, offset])
  return (
    <Panel title="On record" note="metrics as they were last, then parameters and tags">
      <DataTable
        caption={`What ${run.name} says`}
        columns={saidColumns}
        rows={rows}
        idOf={({ kind, key }) => `${kind} ${key}`}
        page={{ offset, limit: LIMIT, total: all.length, onOffset: setOffset }}
        empty="It has said nothing yet."
      />
    </Panel>
  )
}

function saidBy({ metrics, params, tags }: RunDetail): Said[] {
  const lists = [metrics.map(({ key, value }) => ({ key, value: formatFact(value) })), params, tags]
  return lists.flatMap((list, place) => list.map(({ key, value }) => ({ kind: kinds[place] as string, key, value })))
}

const saidColumns: readonly Column<Said>[] = [
  { id: 'kind', header: 'Kind', meta: { look: 'nowrap' }, cell: ({ row }) => row.original.kind },
  { id: 'key', header: 'Name', meta: { look: 'wide' }, cell: ({ row }) => breakable(row.original.key) },
  { id: 'value', header: 'Value', meta: { look: 'wide' }, cell: ({ row }) => shownValue(row.original.value) },
]

/** Longer values, such as the instructions that a processor knows, are cut: all of it is in the title. */
const LONG = 240

/** A value in words, also where it was kept as JSON. */
function shownValue(value: string): ReactNode {
  const text = /^[[{]/.test(value) ? wordsOfJson(value) : value
  if (text.length <= LONG) return breakable(text)
  return (
    <code className="cut" title={text}>
      {text}
    </code>
  )
}

function wordsOfJson(text: string): string {
  try {
    return formatFact(JSON.parse(text))
  } catch {
    return text
  }
}
