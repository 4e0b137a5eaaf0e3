import { type ReactNode, useEffect } from 'react'
import type { Fleet, ServableAnswer, VersionAnswer } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { type Action, ActionList } from '../components/action-list.tsx'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { formatDigest } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { lineageLink } from '../route.ts'
import { CardPanel } from './card-panel.tsx'
import { VersionActs } from './version-acts.tsx'
import { ApprovalTable } from './version-approvals.tsx'
import { ContractTable } from './version-contract.tsx'
import { EvaluationPanels } from './version-evaluation.tsx'
import { GatePanel } from './version-gate.tsx'
import { PartTable } from './version-parts.tsx'

interface VersionPageProps {
  readonly model: string
  readonly version: number
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** All that is on record about a version: its gate, its evaluation, who approved it and why, what it takes and gives. */
export function VersionPage({ model, version, fleet, zone, query }: VersionPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const { data, error } = useReading<VersionAnswer>(
    `api/v1/models/${encodeURIComponent(model)}/versions/${version}`,
    {},
    // What never changes of it is long; who approves it is not waited for by the second.
    Math.max(poll, 10_000),
  )
  useEffect(() => {
    document.title = `${model} v${version} · Trueline`
  }, [model, version])
  if (data === undefined)
    return (
      <>
        <Opening
          sentence={error === null ? `Reading ${model} v${version} …` : `${model} v${version} cannot be shown.`}
        />
        {error !== null && <Problem error={error} />}
      </>
    )
  const { servable } = data
  const actions = actionsOf(data)
  return (
    <>
      <Opening sentence={sentenceOf(data)} facts={factsOf(data, zone, query)} />
      {error !== null && error.code !== 'unreachable' && <Problem error={error} />}
      {servable === undefined ? (
        <Panel title="Logged, and no more" note="it cannot serve before it is given a contract">
          <div className="body">
            <Empty line={commands.importVersion(model, version)}>
              Imported, it is judged by the gate of the model as one that is trained here:
            </Empty>
            {data.signature !== null && <pre className="row">{JSON.stringify(data.signature, undefined, 2)}</pre>}
          </div>
        </Panel>
      ) : (
        <Servable data={data} servable={servable} zone={zone} />
      )}
      <VersionActs model={model} version={version} zone={zone} poll={poll} />
      <Panel title="Actions" note="this page only reads: each command line does it">
        <div className="body">
          {actions.length === 0 ? (
            <Command line={commands.showVersion(model, version)} />
          ) : (
            <ActionList actions={actions} />
          )}
        </div>
      </Panel>
    </>
  )
}

function Servable(props: { data: VersionAnswer; servable: ServableAnswer; zone: string }): ReactNode {
  const { data, servable, zone } = props
  return (
    <>
      <GatePanel {...servable} zone={zone} />
      <ApprovalTable standing={data.standing} servable={servable} zone={zone} />
      <EvaluationPanels evaluation={servable.evaluation} />
      <ContractTable contract={servable.contract} />
      <CardPanel card={servable.card} note="made from its definition" />
      <PartTable servable={servable} />
    </>
  )
}

function sentenceOf({ model, version, state, standing, serving, servable }: VersionAnswer): string {
  const name = `${model} v${version}`
  if (servable === undefined) return `${name} was logged, and has no contract yet: it cannot serve.`
  const { gate, approvals } = servable
  const judged =
    gate === null
      ? 'no gate judged it'
      : gate.verdict === 'pass'
        ? 'it passed its gate'
        : gate.verdict === 'fail'
          ? 'it failed its gate'
          : 'its gate could not tell'
  if (serving) return `${name} serves: ${judged}.`
  if (standing === 'failed') return `${name} failed its gate: it can never be approved.`
  if (standing === 'baseline') return `${name} is the baseline that others are compared with: ${judged}.`
  if (state === 'candidate')
    return `${name} is a candidate: ${judged}, and ${approvals.missing} of ${approvals.needed} ${approvals.needed === 1 ? 'approval is' : 'approvals are'} missing.`
  return `${name} is ${state}, and does not serve: ${judged}.`
}

function factsOf(
  {
    model,
    version,
    standing,
    stage,
    aliases,
    author,
    createdAt,
    run,
    source,
    tags,
    description,
    servable,
  }: VersionAnswer,
  zone: string,
  query: URLSearchParams,
): readonly (readonly [string, ReactNode])[] {
  const named = Object.entries(tags)
  return [
    ['State', standing],
    ...(aliases.length === 0 ? [] : [['Aliases', breakable(aliases.join(', '))] as const]),
    ...(stage === 'None' ? [] : [['Stage', stage] as const]),
    [source === null ? 'Made by' : 'Logged by', breakable(author)],
    ['At', formatTime(createdAt, zone)],
    ...(servable === undefined ? [] : [['Digest', <code key="digest">{formatDigest(servable.digest)}</code>] as const]),
    [
      'Lineage',
      <a key="lineage" href={lineageLink(`${model}/${version}`, query)}>
        {run ?? `v${version}`}
      </a>,
    ],
    ...(source === null ? [] : [['Source', <code key="source">{breakable(source)}</code>] as const]),
    ...(named.length === 0
      ? []
      : [['Tags', breakable(named.map(([key, value]) => `${key}=${value}`).join(', '))] as const]),
    ...(description === '' ? [] : [['Description', breakable(description)] as const]),
  ]
}

function actionsOf({ model, version, state, standing, serving }: VersionAnswer): readonly Action[] {
  const reject = {
    ...{ name: 'Reject', effect: 'It never serves; it stays on record.' },
    line: commands.reject(model, version),
  }
  if (standing === 'failed') return [reject]
  if (state === 'candidate')
    return [
      {
        name: 'Approve',
        effect: 'By somebody who did not make it. Approval alone does not change what serves.',
        line: commands.approve(model, version),
      },
      reject,
    ]
  if (serving)
    return [
      {
        name: 'Roll back',
        effect: 'The version before serves again, within seconds and for all requests; this one is kept.',
        line: commands.rollback(model),
      },
    ]
  if (state !== 'approved') return []
  return [
    {
      name: 'Promote',
      effect: 'It serves all requests from then on; the version before stays ready for a rollback.',
      line: commands.promote(model, version),
    },
  ]
}
