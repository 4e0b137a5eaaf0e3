import { type ReactNode, useEffect, useMemo } from 'react'
import type { Fleet, ReadinessAnswer, Requirement } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { sentence } from '../components/sentence.tsx'
import { Status } from '../components/status.tsx'
import { formatDigest } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { featuresLink, modelLink, operationsLink, registeredLink, retrainingLink } from '../route.ts'
import { readinessSentence, requirementStates, verdictOf } from './readiness-words.ts'

/** What is on record changes slowly, and every part of the version is read again for the answer. */
const READ_AGAIN = 60_000

interface ModelReadinessPageProps {
  readonly model: string
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** Whether the version that serves meets the requirements of a production system: what shows each, and what would. */
export function ModelReadinessPage({ model, fleet, zone, query }: ModelReadinessPageProps): ReactNode {
  const listed = fleet?.models.find(({ name }) => name === model)
  const serves = listed === undefined || listed.version !== undefined
  const path = `api/v1/models/${encodeURIComponent(model)}/readiness`
  const { data, error } = useReading<ReadinessAnswer>(path, {}, READ_AGAIN, fleet !== undefined && serves)
  const columns = useMemo(() => columnsFor(model, data?.version, zone, query), [model, data?.version, zone, query])
  useEffect(() => {
    document.title = `${model} · Readiness · Trueline`
  }, [model])
  if (!serves)
    return (
      <>
        <Opening sentence={`No version of ${model} serves yet.`} />
        <Empty line={commands.train(model)}>
          Here would be the requirements of a production system, each with what shows that the version that serves meets
          it. A version comes with:
        </Empty>
      </>
    )
  if (data === undefined)
    return (
      <>
        <Opening
          sentence={
            error === null ? `Reading the readiness of ${model} …` : `The readiness of ${model} cannot be shown.`
          }
        />
        {error !== null && <Problem error={error} />}
      </>
    )
  const verdict = verdictOf(data)
  return (
    <>
      <Opening sentence={readinessSentence(data)} facts={factsOf(data, verdict, query)} />
      {error !== null && error.code !== 'unreachable' && <Problem error={error} />}
      {(['deploy', 'operate'] as const).map((stage) => (
        <StagePanel key={stage} stage={stage} answer={data} columns={columns} />
      ))}
    </>
  )
}

interface StagePanelProps {
  readonly stage: Requirement['stage']
  readonly answer: ReadinessAnswer
  readonly columns: readonly Column<Requirement>[]
}

function StagePanel({ stage, answer: { model, requirements }, columns }: StagePanelProps): ReactNode {
  const rows = useMemo(() => requirements.filter((one) => one.stage === stage), [requirements, stage])
  const met = rows.filter(({ state }) => state === 'pass').length
  return (
    <Panel
      title={stage === 'deploy' ? 'To deploy it' : 'To operate it'}
      note={`${met} of ${rows.length} are met, by what is on record; nothing can be ticked`}
    >
      <div className="requirements">
        <DataTable
          caption={
            stage === 'deploy' ? 'Requirements before a version is deployed' : 'Requirements to operate a version'
          }
          columns={columns}
          rows={rows}
          idOf={({ number }) => String(number)}
          empty="There is no requirement of this kind."
        />
      </div>
      {stage === 'operate' && (
        <div className="foot">
          The same on the command line:
          <Command line={commands.readiness(model)} />
        </div>
      )}
    </Panel>
  )
}

function factsOf(
  { model, version, digest, met, requirements }: ReadinessAnswer,
  verdict: ReturnType<typeof verdictOf>,
  query: URLSearchParams,
): readonly (readonly [string, ReactNode])[] {
  return [
    [
      'Verdict',
      <Status key="verdict" tone={verdict.tone}>
        {verdict.word}
      </Status>,
    ],
    ['Met', `${met} of ${requirements.length}`],
    [
      'Serving',
      <a key="version" href={registeredLink(query, model, version)}>
        v{version}
      </a>,
    ],
    ['Digest', <code key="digest">{formatDigest(digest)}</code>],
    [
      'Health',
      <a key="health" href={modelLink(model, query)}>
        {model}
      </a>,
    ],
  ]
}

function columnsFor(
  model: string,
  version: number | undefined,
  zone: string,
  query: URLSearchParams,
): readonly Column<Requirement>[] {
  const places: Readonly<Record<string, string>> = {
    'versioned artifacts': registeredLink(query, model, version),
    'automated data pipeline': retrainingLink(query),
    'training-serving consistency': featuresLink(query),
    'model validation gate': registeredLink(query, model, version),
    'latency tested under load': operationsLink(query),
    monitoring: modelLink(model, query),
    alerting: modelLink(model, query),
    rollback: registeredLink(query, model),
  }
  return [
    { id: 'number', header: '', meta: { look: 'number' }, cell: ({ row }) => row.original.number },
    {
      id: 'name',
      header: 'Requirement',
      cell: ({ row: { original } }) => {
        const place = places[original.name]
        return place === undefined ? original.name : <a href={place}>{original.name}</a>
      },
    },
    {
      id: 'state',
      header: 'State',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => {
        const { tone, word } = requirementStates[original.state]
        return <Status tone={tone}>{word}</Status>
      },
    },
    { id: 'because', header: 'Evidence', meta: { look: 'wide' }, cell: ({ row }) => sentence(row.original.because) },
    {
      id: 'source',
      header: 'Shown by',
      cell: ({ row }) => <Source requirement={row.original} zone={zone} />,
    },
    {
      id: 'remedy',
      header: 'What would show it',
      meta: { look: 'wide' },
      cell: ({ row }) => <Remedy requirement={row.original} />,
    },
  ]
}

function Source({ requirement, zone }: { requirement: Requirement; zone: string }): ReactNode {
  const { source, by, at } = requirement
  if (source === 'none') return <span className="quiet">nothing on record</span>
  return (
    <>
      {source === 'attested' ? 'attested' : 'the platform'}
      {by !== undefined && (
        <span className="under">
          {source === 'attested' ? 'by' : 'act of'} {breakable(by)}
        </span>
      )}
      <span className="under">{at === undefined ? 'now' : formatTime(at, zone)}</span>
    </>
  )
}

function Remedy({ requirement: { remedy, command } }: { requirement: Requirement }): ReactNode {
  if (remedy === undefined) return <span className="quiet">nothing more is needed</span>
  if (command === undefined) return sentence(remedy)
  const words = remedy.slice(0, -command.length).trim()
  return (
    <>
      {words !== '' && <p>{sentence(words)}</p>}
      <Command line={command} />
    </>
  )
}
