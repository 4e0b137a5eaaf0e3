import { type ReactNode, useMemo } from 'react'
import type { RetrainingHistory } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { ModelChoice } from '../components/model-choice.tsx'
import { Panel } from '../components/panel.tsx'
import { sentence } from '../components/sentence.tsx'
import { Status, type Tone } from '../components/status.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { changeQuery, lineageLink, modelLink, registeredLink } from '../route.ts'
import { triggerWords } from './retraining-policies.tsx'

type Decision = RetrainingHistory['decisions'][number]

const LIMIT = 20

interface RetrainingDecisionsProps {
  readonly models: readonly string[]
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** What triggers led to, newest first: trainings with what came of them, and why there was none. */
export function RetrainingDecisions({ models, zone, query, poll }: RetrainingDecisionsProps): ReactNode {
  const model = query.get('model') ?? undefined
  const runs = query.get('runs') === 'true'
  const trail = useTrail('decisions', `${model} ${runs}`)
  const asked = { model, ...(runs ? { runs } : {}), limit: LIMIT, cursor: trail.cursor }
  const isFirst = trail.cursor === undefined
  const { data, error } = useReading<RetrainingHistory>('api/v1/retraining/history', asked, isFirst && poll)
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel
      title="What triggers led to"
      note="newest first"
      aside={
        <>
          <ModelChoice models={models} model={model} />
          <fieldset className="group">
            <legend className="unseen">Which decisions</legend>
            <button type="button" aria-pressed={!runs} onClick={() => changeQuery({ runs: undefined }, 'push')}>
              all
            </button>
            <button type="button" aria-pressed={runs} onClick={() => changeQuery({ runs: 'true' }, 'push')}>
              trainings
            </button>
          </fieldset>
        </>
      }
    >
      <TurnedTable
        caption="What triggers of retraining led to, newest first"
        columns={columns}
        rows={data?.decisions}
        idOf={(row) => String(row.number)}
        error={error}
        reading="Reading what triggers led to …"
        empty={
          <Empty line={commands.retrain(model ?? models[0] ?? 'MODEL')}>
            Here would be each trigger that came, and what it led to: why there was no training, or what became of its
            candidate. Somebody may ask for one at any time:
          </Empty>
        }
        trail={trail}
        next={data?.next}
        line={commands.retrainingHistory(model, runs)}
      />
    </Panel>
  )
}

/** Why there was no training, in words. */
const waits: Readonly<Record<string, string>> = {
  under_way: 'one was under way',
  cooldown: 'rested',
  budget: 'budget was spent',
  few_labels: 'too few labels',
  same_data: 'nothing new had come',
  proving: 'last step not proved',
  bad_batch: 'bad batch',
  taken: 'had led to one before',
}

const ends: Readonly<Record<string, { readonly tone: Tone; readonly word: string }>> = {
  promoted: { tone: 'ok', word: 'promoted' },
  kept: { tone: 'ok', word: 'kept' },
  asks: { tone: 'warning', word: 'asked' },
  refused: { tone: 'none', word: 'refused by its gate' },
  unchanged: { tone: 'none', word: 'came out the same' },
  reverted: { tone: 'failing', word: 'taken back' },
  failed: { tone: 'failing', word: 'failed' },
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<Decision>[] {
  return [
    { id: 'at', header: 'When', meta: { look: 'nowrap' }, cell: ({ row }) => formatTime(row.original.at, zone) },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row }) => <a href={modelLink(row.original.model, query)}>{breakable(row.original.model)}</a>,
    },
    {
      id: 'trigger',
      header: 'Trigger',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => (
        <>
          {triggerWords[original.trigger] ?? original.trigger}
          {original.kind === 'run' && <span className="under">{sentence(original.sentence)}</span>}
          {original.trigger === 'asked' && <span className="under">by {original.by}</span>}
        </>
      ),
    },
    {
      id: 'labels',
      header: 'New labels',
      meta: { look: 'number' },
      cell: ({ row }) => formatCount(row.original.labels),
    },
    {
      id: 'decision',
      header: 'Decision',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.kind === 'run' ? (
          <strong>trained</strong>
        ) : (
          <>
            did not train
            <span className="under">{waits[original.why ?? ''] ?? original.why}</span>
          </>
        ),
    },
    {
      id: 'outcomes',
      header: 'What came of it',
      meta: { look: 'wide' },
      cell: ({ row }) => <Outcomes decision={row.original} zone={zone} query={query} />,
    },
  ]
}

function Outcomes(props: { decision: Decision; zone: string; query: URLSearchParams }): ReactNode {
  const { decision, zone, query } = props
  const { model, kind, outcomes, sentence } = decision
  if (kind === 'wait') return breakable(sentence)
  if (outcomes.length === 0) return <Status tone="none">under way</Status>
  return (
    <ol className="outcomes">
      {outcomes.map(({ at, outcome, version, run, sentence: why }) => (
        <li key={`${at} ${outcome}`}>
          <Status tone={ends[outcome]?.tone ?? 'none'}>{ends[outcome]?.word ?? outcome}</Status>{' '}
          {version !== undefined && <a href={registeredLink(query, model, version)}>v{version}</a>}{' '}
          {run !== undefined && <a href={lineageLink(run, query)}>{run}</a>}{' '}
          <span className="quiet">{formatTime(at, zone)}</span>
          <span className="under">{breakable(why)}</span>
        </li>
      ))}
    </ol>
  )
}
