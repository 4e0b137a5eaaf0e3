import { type ReactNode, useEffect, useMemo } from 'react'
import type { AliasAnswer, Fleet, ListedVersionPage } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Status } from '../components/status.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatDigest } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { modelLink, modelReadinessLink, registeredLink } from '../route.ts'
import { AliasHistory } from './alias-history.tsx'
import { GateCell } from './gate-cell.tsx'
import { ServedPanel } from './served-panel.tsx'

type Version = ListedVersionPage['versions'][number]

const LIMIT = 20

interface RegisteredModelPageProps {
  readonly model: string
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** A registered model: its versions, where its aliases stand and stood, and what served when. */
export function RegisteredModelPage({ model, fleet, zone, query }: RegisteredModelPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const trail = useTrail('versions', model)
  const path = `api/v1/registered-models/${encodeURIComponent(model)}/versions`
  const { data, error } = useReading<ListedVersionPage>(path, { limit: LIMIT, cursor: trail.cursor }, poll)
  const named = `api/v1/models/${encodeURIComponent(model)}/aliases`
  const aliases = useReading<readonly AliasAnswer[]>(named, {}, poll, data !== undefined).data
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  useEffect(() => {
    document.title = `${model} · Registry · Trueline`
  }, [model])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? `Reading the versions of ${model} …` : `${model} cannot be shown.`} />
        {error !== null && <Problem error={error} />}
      </>
    )
  const isGoverned = fleet?.models.some(({ name }) => name === model) === true
  return (
    <>
      <Opening sentence={sentenceOf(model, data, aliases ?? [])} facts={factsOf(model, isGoverned, aliases, query)} />
      {error !== null && error.code !== 'unreachable' && <Problem error={error} />}
      {isGoverned && <ServedPanel model={model} zone={zone} query={query} poll={poll} />}
      <Panel title="Versions" note="newest first">
        <TurnedTable
          caption={`Versions of ${model}, newest first`}
          columns={columns}
          rows={data.versions}
          idOf={(row) => String(row.version)}
          error={null}
          reading=""
          empty={
            <Empty line={commands.train(model)}>
              Here would be each version with its gate, its approvals and the aliases that stand for it:
            </Empty>
          }
          trail={trail}
          next={data.next}
        />
      </Panel>
      <AliasHistory
        model={model}
        aliases={aliases?.map(({ alias }) => alias) ?? []}
        zone={zone}
        query={query}
        poll={poll}
      />
    </>
  )
}

function sentenceOf(model: string, { versions }: ListedVersionPage, aliases: readonly AliasAnswer[]): string {
  const champion = aliases.find(({ alias, version }) => alias === 'champion' && version !== null)
  const serving = versions.find((one) => one.serving)?.version ?? champion?.version
  const what = serving === undefined || serving === null ? 'nothing of it serves' : `v${serving} serves`
  const open = versions.filter(({ standing }) => standing === 'candidate').length
  const waiting =
    open === 0 ? '' : ` ${open} of the versions shown ${open === 1 ? 'is a candidate' : 'are candidates'}.`
  return versions.length === 0 ? `${model} has no version yet.` : `${model}: ${what}.${waiting}`
}

function factsOf(
  model: string,
  isGoverned: boolean,
  aliases: readonly AliasAnswer[] | undefined,
  query: URLSearchParams,
): readonly (readonly [string, ReactNode])[] {
  const standing = (aliases ?? []).filter(({ version }) => version !== null)
  return [
    ['Policy of promotion', isGoverned ? "the project's" : 'none'],
    ...standing.map(
      ({ alias, version }) =>
        [
          alias,
          <a key={alias} href={registeredLink(query, model, version ?? 0)}>
            v{version}
          </a>,
        ] as const,
    ),
    ...(isGoverned
      ? [
          [
            'Health',
            <a key="health" href={modelLink(model, query)}>
              {model}
            </a>,
          ] as const,
          [
            'Readiness',
            <a key="readiness" href={modelReadinessLink(model, query)}>
              requirements of production
            </a>,
          ] as const,
        ]
      : []),
  ]
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<Version>[] {
  return [
    {
      id: 'version',
      header: 'Version',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          <a className="name" href={registeredLink(query, original.model, original.version)}>
            v{original.version}
          </a>
          {original.digest !== undefined && <span className="under mono">{formatDigest(original.digest)}</span>}
        </>
      ),
    },
    {
      id: 'state',
      header: 'State',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          {original.serving ? <Status tone="ok">serving</Status> : original.standing}
          {original.stage !== 'None' && <span className="under">stage {original.stage}</span>}
        </>
      ),
    },
    {
      id: 'aliases',
      header: 'Aliases',
      cell: ({ row: { original } }) =>
        original.aliases.length === 0 ? <span className="quiet">none</span> : breakable(original.aliases.join(', ')),
    },
    {
      id: 'gate',
      header: 'Gate',
      meta: { look: 'wide' },
      cell: ({ row }) => <GateCell gate={row.original.gate ?? null} />,
    },
    { id: 'author', header: 'Made by', cell: ({ row }) => breakable(row.original.author) },
    {
      id: 'approvals',
      header: 'Approved by',
      cell: ({ row: { original } }) => {
        const by = (original.approvals ?? []).map((approval) => approval.by)
        return by.length === 0 ? <span className="quiet">nobody</span> : breakable(by.join(', '))
      },
    },
    {
      id: 'created',
      header: 'Registered',
      meta: { look: 'nowrap' },
      cell: ({ row }) => formatTime(row.original.createdAt, zone),
    },
  ]
}
