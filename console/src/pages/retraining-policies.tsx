import { type ReactNode, useMemo } from 'react'
import type { RetrainingStatus } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { formatCount, formatScore } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { modelLink, registeredLink } from '../route.ts'

interface PolicyTableProps {
  readonly models: readonly RetrainingStatus[]
  readonly zone: string
  readonly query: URLSearchParams
}

/** Each model with what its triggers wait for, when its schedule is due, and what its budget has left. */
export function PolicyTable({ models, zone, query }: PolicyTableProps): ReactNode {
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel title="Policies" note="what leads to a training, and what becomes of its candidate">
      <DataTable
        caption="Policies of retraining"
        columns={columns}
        rows={models}
        idOf={(row) => row.model}
        empty={
          <Empty line={commands.demo()}>
            Here would be each model with what makes it be trained anew: a schedule, drift, a fall of its metric, new
            labels. Define one in <code>trueline.config.ts</code>, with <code>retrain</code>:
          </Empty>
        }
      />
      {models.length > 0 && (
        <div className="foot">
          The same on the command line:
          <Command line={commands.retraining()} />
        </div>
      )}
    </Panel>
  )
}

/** How triggers are called. */
export const triggerWords: Readonly<Record<string, string>> = {
  schedule: 'schedule',
  drift: 'drift',
  performance: 'performance',
  labels: 'new labels',
  step: 'small step',
  asked: 'asked for',
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<RetrainingStatus>[] {
  return [
    {
      id: 'state',
      header: 'State',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => stateOf(original, query),
    },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row: { original } }) => (
        <>
          <a className="name" href={modelLink(original.model, query)}>
            {breakable(original.model)}
          </a>
          <span className="under">{original.serving === null ? 'nothing serves' : `v${original.serving} serves`}</span>
        </>
      ),
    },
    {
      id: 'triggers',
      header: 'What each trigger waits for',
      meta: { look: 'wide' },
      cell: ({ row }) => <Triggers status={row.original} />,
    },
    {
      id: 'next',
      header: 'Next by schedule',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => {
        const at = original.triggers.find(({ trigger }) => trigger === 'schedule')?.at
        return at === undefined ? <span className="quiet">no schedule</span> : formatTime(at, zone)
      },
    },
    {
      id: 'budget',
      header: 'Trainings left',
      meta: { look: 'number' },
      cell: ({ row }) => budgetOf(row.original),
    },
    {
      id: 'rest',
      header: 'Rests until',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => restOf(original, zone),
    },
    {
      id: 'labels',
      header: 'New labels',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => labelsOf(original, zone),
    },
    {
      id: 'passes',
      header: 'A candidate that passes',
      cell: ({ row }) => candidateWords(row.original),
    },
  ]
}

function stateOf(status: RetrainingStatus, query: URLSearchParams): ReactNode {
  const { model, serving, isUnderWay, waiting, held, canary, triggers } = status
  if (waiting !== null)
    return (
      <>
        <Status tone="warning">waits for a decision</Status>
        <span className="under">
          <a href={registeredLink(query, model, waiting.version)}>v{waiting.version}</a>
        </span>
      </>
    )
  if (held !== null) return <Status tone="warning">held</Status>
  if (isUnderWay) return <Status tone="none">under way</Status>
  if (canary !== null) return <Status tone="none">compared</Status>
  if (serving === null) return <Status tone="none">nothing to retrain</Status>
  return triggers.length === 0 ? <Status tone="none">by hand alone</Status> : <Status tone="ok">ready</Status>
}

function Triggers({ status: { triggers } }: { status: RetrainingStatus }): ReactNode {
  if (triggers.length === 0) return <span className="quiet">Nothing leads to a training but somebody who asks.</span>
  return (
    <ul>
      {triggers.map(({ trigger, sentence }) => (
        <li key={trigger}>
          <strong>{triggerWords[trigger] ?? trigger}:</strong> {breakable(sentence)}
        </li>
      ))}
    </ul>
  )
}

function budgetOf({ policy: { budget }, budgetLeft }: RetrainingStatus): ReactNode {
  if (budget === undefined) return <span className="quiet">no limit</span>
  const left = budgetLeft ?? budget.runs
  const spent = budget.runs - left
  return (
    <>
      {left === 0 ? <Status tone="warning">none</Status> : formatCount(left)}
      <span className="under">
        {spent} of {budget.runs} spent in {formatDuration(budget.per)}
      </span>
    </>
  )
}

function restOf({ policy: { cooldown }, restsUntil }: RetrainingStatus, zone: string): ReactNode {
  if (cooldown === undefined) return <span className="quiet">never rests</span>
  return (
    <>
      {restsUntil === null ? 'does not rest now' : formatTime(restsUntil, zone)}
      <span className="under">for {formatDuration(cooldown)} after each</span>
    </>
  )
}

function labelsOf({ policy: { minimumNewLabels }, labels }: RetrainingStatus, zone: string): ReactNode {
  return (
    <>
      {labels === null ? <span className="quiet">not counted yet</span> : formatCount(labels.count)}
      {labels !== null && <span className="under">at {formatTime(labels.at, zone)}</span>}
      {minimumNewLabels !== undefined && <span className="under">{formatCount(minimumNewLabels)} needed</span>}
    </>
  )
}

function candidateWords({ policy: { approval, margins } }: RetrainingStatus): string {
  if (approval === 'ask') return 'waits for a decision'
  return margins === undefined
    ? 'is promoted'
    : `is promoted within ${formatScore(margins.metric)} of what serves, else waits for a decision`
}
