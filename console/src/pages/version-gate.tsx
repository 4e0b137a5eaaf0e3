import { type ReactNode, useMemo, useState } from 'react'
import type { ServableAnswer } from '../../../src/platform/api/contract.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { sentence } from '../components/sentence.tsx'
import { Status } from '../components/status.tsx'
import { formatCount, formatPercent, formatSigned } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { gateTone } from './gate-cell.tsx'

const LIMIT = 10

type Gate = NonNullable<ServableAnswer['gate']>
type Check = NonNullable<Gate['checks']>[number]
type Behaviour = NonNullable<Gate['behaviour']>[number]

interface GatePanelProps extends Pick<ServableAnswer, 'gate' | 'judgedBefore'> {
  readonly zone: string
}

/** What the gate compared, each comparison with its interval, and how the version behaves at the edges. */
export function GatePanel({ gate, judgedBefore = [], zone }: GatePanelProps): ReactNode {
  if (gate === null)
    return (
      <Panel title="Gate">
        <div className="body">No gate judged this version.</div>
      </Panel>
    )
  const { checks = [], behaviour = [], holdout } = gate
  return (
    <Panel
      title="Gate"
      note={
        holdout === undefined
          ? undefined
          : `judged on rows of ${formatTime(holdout.from, zone)} to ${formatTime(holdout.to, zone)}, look ${holdout.look} at them`
      }
      aside={<Status tone={gateTone(gate.verdict)}>{gate.verdict}</Status>}
    >
      <Checks checks={checks} sentence={gate.sentence} />
      {behaviour.length > 0 && (
        <DataTable
          caption="Tests of its behaviour"
          columns={behaviourColumns}
          rows={behaviour}
          idOf={({ kind, sentence }) => `${kind} ${sentence}`}
          empty={null}
        />
      )}
      {judgedBefore.map(({ verdict, sentence }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was said before has no other identity
        <div key={index} className="foot">
          <span className="quiet">Before:</span>
          <Status tone={gateTone(verdict)}>{verdict}</Status>
          {breakable(sentence)}
        </div>
      ))}
    </Panel>
  )
}

function Checks({ checks, sentence }: { checks: readonly Check[]; sentence: string }): ReactNode {
  const [offset, setOffset] = useState(0)
  const rows = useMemo(() => checks.slice(offset, offset + LIMIT), [checks, offset])
  return (
    <DataTable
      caption="Comparisons of the gate"
      columns={checkColumns}
      rows={rows}
      idOf={({ against, segment, decisions }) =>
        `${against} ${segment?.column} ${segment?.name} ${decisions?.threshold}`
      }
      page={{ offset, limit: LIMIT, total: checks.length, onOffset: setOffset }}
      empty={breakable(sentence)}
    />
  )
}

const checkColumns: readonly Column<Check>[] = [
  {
    id: 'verdict',
    header: 'Verdict',
    meta: { look: 'nowrap' },
    cell: ({ row: { original } }) => <Status tone={gateTone(original.verdict)}>{original.verdict}</Status>,
  },
  {
    id: 'against',
    header: 'Against',
    meta: { look: 'nowrap' },
    cell: ({ row: { original } }) => (
      <>
        {original.against}
        {original.decisions !== undefined && (
          <span className="under">
            {original.decisions.threshold === undefined
              ? 'likeliest class'
              : `decisions at ${original.decisions.threshold}`}
          </span>
        )}
      </>
    ),
  },
  { id: 'on', header: 'On', cell: ({ row }) => breakable(segmentWords(row.original)) },
  {
    id: 'difference',
    header: 'Difference',
    meta: { look: 'number' },
    cell: ({ row: { original } }) =>
      original.difference === undefined ? (
        <span className="quiet">not known</span>
      ) : (
        formatSigned(original.difference.value)
      ),
  },
  {
    id: 'interval',
    header: 'Interval',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => {
      const { difference } = original
      if (difference === undefined) return <span className="quiet">not known</span>
      return (
        <>
          {formatSigned(difference.low)} to {formatSigned(difference.high)}
          <span className="under">at {formatPercent(difference.confidence)}</span>
        </>
      )
    },
  },
  { id: 'reason', header: 'Why', meta: { look: 'wide' }, cell: ({ row }) => breakable(row.original.reason) },
]

function segmentWords({ segment }: Check): string {
  if (segment === undefined) return 'all rows'
  const { column, name, rows, groups, pooled } = segment
  const some = groups === undefined ? `${column} ${name === null ? 'without a value' : `= ${name}`}` : ''
  const which = groups === undefined ? some : `${groups} groups of ${column}${pooled === true ? ' together' : ''}`
  return `${which}, ${formatCount(rows)} rows`
}

const behaviourColumns: readonly Column<Behaviour>[] = [
  {
    id: 'verdict',
    header: 'Verdict',
    meta: { look: 'nowrap' },
    cell: ({ row: { original } }) => <Status tone={gateTone(original.verdict)}>{original.verdict}</Status>,
  },
  {
    id: 'kind',
    header: 'Behaviour',
    meta: { look: 'nowrap' },
    cell: ({ row }) => row.original.kind.replaceAll('_', ' '),
  },
  {
    id: 'sentence',
    header: 'What was found',
    meta: { look: 'wide' },
    cell: ({ row }) => sentence(row.original.sentence),
  },
  {
    id: 'cases',
    header: 'Scores compared',
    meta: { look: 'number' },
    cell: ({ row }) => formatCount(row.original.cases),
  },
]
