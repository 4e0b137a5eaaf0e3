import { type ReactNode, useEffect, useMemo } from 'react'
import type { LoggedPredictionPage } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { decidedByWords } from '../format/decided-by.ts'
import { formatCell } from '../format/fact.ts'
import { formatMetric, formatMilliseconds } from '../format/number.ts'
import { formatSecond } from '../format/time.ts'
import { lineageLink, predictionsLink, registeredLink } from '../route.ts'
import { ExplanationPanel } from './explanation-panel.tsx'
import { PredictionOverrides } from './prediction-overrides.tsx'

type Logged = LoggedPredictionPage['predictions'][number]
type Cell = readonly [column: string, value: unknown]

interface PredictionPageProps {
  readonly prediction: string
  readonly zone: string
  readonly query: URLSearchParams
}

/** One prediction as it was logged: its row, what moved its score, and the way to what it was made from. */
export function PredictionPage({ prediction: id, zone, query }: PredictionPageProps): ReactNode {
  // What was logged never changes.
  const { data, error } = useReading<Logged>(`api/v1/predictions/${encodeURIComponent(id)}`, {}, false)
  useEffect(() => {
    document.title = `${id} · Trueline`
  }, [id])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? `Reading ${id} …` : `${id} cannot be shown.`} />
        {error !== null && <Problem error={error} />}
      </>
    )
  return (
    <>
      <Opening sentence={sentenceOf(data, zone)} facts={factsOf(data, zone, query)} />
      <PredictionOverrides prediction={data} zone={zone} />
      <Row prediction={data} zone={zone} query={query} />
      <ExplanationPanel prediction={id} />
    </>
  )
}

function Row({ prediction, zone, query }: { prediction: Logged; zone: string; query: URLSearchParams }): ReactNode {
  const { prediction_id, row, times } = prediction
  const cells = useMemo(() => Object.entries(row), [row])
  const columns = useMemo(() => columnsFor(times, zone, query), [times, zone, query])
  return (
    <Panel title="Row" note="as it was asked about; what is sensitive is masked">
      <DataTable
        caption={`Columns of the row of ${prediction_id}`}
        columns={columns}
        rows={cells}
        idOf={([column]) => column}
        empty="The row has no column."
      />
      <div className="foot">
        The same on the command line:
        <Command line={commands.showPrediction(prediction_id)} />
      </div>
    </Panel>
  )
}

function columnsFor(times: readonly string[], zone: string, query: URLSearchParams): readonly Column<Cell>[] {
  return [
    { id: 'column', header: 'Column', cell: ({ row }) => <span className="name">{breakable(row.original[0])}</span> },
    {
      id: 'value',
      header: 'Value',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => {
        const [column, value] = original
        return value === null ? (
          <span className="quiet">none</span>
        ) : (
          breakable(formatCell(value, times.includes(column), zone))
        )
      },
    },
    {
      id: 'others',
      header: '',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => {
        const [column, value] = original
        if (value === null || typeof value === 'object' || times.includes(column)) return null
        return <a href={predictionsLink(query, `${column}=${value}`)}>All with this value</a>
      },
    },
  ]
}

function sentenceOf(
  { model, version, score, class: likeliest, decision, decided_by, served_at, probabilities }: Logged,
  zone: string,
): string {
  const share = likeliest === undefined ? undefined : probabilities?.[likeliest]
  const given =
    likeliest === undefined
      ? score === null
        ? 'gave no score'
        : `gave ${formatMetric(score)}`
      : `gave ${likeliest}${share === undefined ? '' : ` with a probability of ${formatMetric(share)}`}`
  const decided = decision === undefined ? '' : decisionWords(decision, decided_by)
  return `${model} v${version} ${given}${decided}, ${formatSecond(served_at, zone)}.`
}

/** A score that something else took the place of led to nothing. */
function decisionWords(decision: string, decidedBy: string | undefined): string {
  return decidedBy === undefined ? `, and so ‘${decision}’` : `; ‘${decision}’ came of ${decidedByWords(decidedBy)}`
}

function factsOf(prediction: Logged, zone: string, query: URLSearchParams): readonly (readonly [string, ReactNode])[] {
  const { prediction_id, model, version, t, mode, latency_us, decided_by } = prediction
  return [
    [
      'Version',
      <a key="version" href={registeredLink(query, model, version)}>
        {breakable(model)} v{version}
      </a>,
    ],
    [
      'Made from',
      <a key="lineage" href={lineageLink(`prediction:${prediction_id}`, query)}>
        its lineage
      </a>,
    ],
    ['As of', formatSecond(t, zone)],
    ['Mode', mode],
    ['Took', formatMilliseconds(latency_us / 1000)],
    ...(decided_by === undefined ? [] : ([['Decided by', breakable(decidedByWords(decided_by))]] as const)),
  ]
}
