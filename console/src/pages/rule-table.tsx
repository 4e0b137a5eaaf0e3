import { type ReactNode, useMemo } from 'react'
import type { HandRuleAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { ModelChoice } from '../components/model-choice.tsx'
import { Panel } from '../components/panel.tsx'
import { Status, type Tone } from '../components/status.tsx'
import { offsetPage, TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatTime } from '../format/time.ts'
import { changeQuery, modelLink } from '../route.ts'

/** How many rules are shown at a time. */
export const RULES = 20

interface RuleTableProps {
  readonly models: readonly string[]
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** What is asked for a page of rules: one more than is shown tells whether there is another page. */
export function rulesAsked(model: string | undefined, all: boolean, offset: number) {
  return { model, all, limit: RULES + 1, offset }
}

/** Rules by hand, newest first: whose rows are decided otherwise, until when, by whom and why. */
export function RuleTable({ models, zone, query, poll }: RuleTableProps): ReactNode {
  const model = query.get('model') ?? undefined
  const all = query.get('all') === 'true'
  const trail = useTrail('rules', `${model} ${all}`)
  const { asked: page, isFirst, nextOf } = offsetPage(trail, RULES)
  const asked = rulesAsked(model, all, page.offset)
  const { data, error } = useReading<readonly HandRuleAnswer[]>('api/v1/decisions', asked, isFirst && poll)
  const rows = useMemo(() => data?.slice(0, RULES), [data])
  const inForce = rows?.find(({ state }) => state === 'in_force')
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel
      title="Rules by hand"
      note="of the rules for a key the newest decides"
      aside={
        <>
          <ModelChoice models={models} model={model} />
          <fieldset className="group">
            <legend className="unseen">Which rules</legend>
            <button type="button" aria-pressed={!all} onClick={() => changeQuery({ all: undefined }, 'push')}>
              in force
            </button>
            <button type="button" aria-pressed={all} onClick={() => changeQuery({ all: 'true' }, 'push')}>
              all
            </button>
          </fieldset>
        </>
      }
    >
      <TurnedTable
        caption="Rules by hand, newest first"
        columns={columns}
        rows={rows}
        idOf={({ number }) => String(number)}
        error={error}
        reading="Reading the rules …"
        empty={
          <Empty line={commands.decide(model ?? models[0] ?? 'MODEL')}>
            Nobody decides in the place of a model. A rule holds for all rows with a key, for a time or for good, and is
            kept in the audit log with its reason:
          </Empty>
        }
        trail={trail}
        next={nextOf(data)}
        line={commands.decisions(all)}
      >
        {inForce !== undefined && (
          <>
            To end one:
            <Command line={commands.revoke(inForce.number)} />
          </>
        )}
      </TurnedTable>
    </Panel>
  )
}

const states: Readonly<Record<HandRuleAnswer['state'], { readonly tone: Tone; readonly word: string }>> = {
  in_force: { tone: 'ok', word: 'in force' },
  over: { tone: 'none', word: 'over' },
  revoked: { tone: 'none', word: 'revoked' },
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<HandRuleAnswer>[] {
  return [
    {
      id: 'state',
      header: 'State',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <Status tone={states[original.state].tone}>{states[original.state].word}</Status>
      ),
    },
    { id: 'number', header: 'Rule', meta: { look: 'number' }, cell: ({ row }) => row.original.number },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row }) => <a href={modelLink(row.original.model, query)}>{breakable(row.original.model)}</a>,
    },
    {
      id: 'key',
      header: 'Rows with',
      cell: ({ row }) =>
        breakable(
          Object.entries(row.original.key)
            .map(([column, value]) => `${column} = ${value}`)
            .join(', '),
        ),
    },
    { id: 'decision', header: 'Decision', cell: ({ row }) => <strong>{breakable(row.original.decision)}</strong> },
    {
      id: 'by',
      header: 'By',
      cell: ({ row: { original } }) => (
        <>
          {breakable(original.by)}
          <span className="under">{formatTime(original.at, zone)}</span>
        </>
      ),
    },
    {
      id: 'until',
      header: 'Until',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.until === undefined ? <span className="quiet">for good</span> : formatTime(original.until, zone),
    },
    {
      id: 'reason',
      header: 'Why',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => (
        <>
          {breakable(original.reason)}
          {original.revoked !== undefined && (
            <span className="under">
              revoked by {original.revoked.by} at {formatTime(original.revoked.at, zone)}:{' '}
              {breakable(original.revoked.reason)}
            </span>
          )}
        </>
      ),
    },
  ]
}
