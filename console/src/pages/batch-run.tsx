import { type ReactNode, useEffect, useMemo } from 'react'
import type { BatchRunAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { sentence } from '../components/sentence.tsx'
import { CheckStatus } from '../components/status.tsx'
import { formatCount, formatDigest, formatMetric, formatPercent } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { registeredLink } from '../route.ts'
import { BatchStatus } from './batch-table.tsx'
import { ScoreHistogram } from './score-histogram.tsx'

type Report = NonNullable<BatchRunAnswer['report']>
type Drift = Report['drift'][number]
type Check = NonNullable<Report['quality']>['results'][number]

interface Counted {
  readonly name: string
  readonly rows: number
}

interface BatchRunPageProps {
  readonly run: string
  readonly zone: string
  readonly query: URLSearchParams
}

/** One run of a batch: its report, the gate of its output, what was decided, and what was rejected. */
export function BatchRunPage({ run, zone, query }: BatchRunPageProps): ReactNode {
  const { data, error } = useReading<BatchRunAnswer>(`api/v1/batch-runs/${run}`, {}, 10_000)
  useEffect(() => {
    document.title = `${run} · Trueline`
  }, [run])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? `Reading ${run} …` : `${run} cannot be shown.`} />
        {error !== null && <Problem error={error} />}
      </>
    )
  const { report } = data
  return (
    <>
      <Opening sentence={sentenceOf(data)} facts={factsOf(data, zone, query)} />
      {error !== null && error.code !== 'unreachable' && <Problem error={error} />}
      {data.error !== undefined && (
        <div className="problem">
          <p>{breakable(data.error.error)}</p>
          <p>{sentence(data.error.remedy)}</p>
          <p className="code">
            <code>{data.error.code}</code>
          </p>
        </div>
      )}
      {report !== undefined && <ReportPanels report={report} />}
      {data.batch !== '' && (
        <Panel title="Actions" note="this page only reads: the command line does it">
          <div className="body">
            <Command
              line={data.status === 'running' ? commands.cancelBatch(data.batch) : commands.runBatch(data.batch)}
            />
          </div>
        </Panel>
      )}
    </>
  )
}

function sentenceOf({ id, batch, model, version, status, report }: BatchRunAnswer): string {
  const what = `${id}${batch === '' ? '' : ` of ${batch}`}, by ${model} v${version},`
  if (report === undefined)
    return status === 'running'
      ? `${what} goes on.`
      : `${what} ${status === 'failed' ? 'failed' : 'was cancelled'}: nothing of it was published.`
  const scored = `scored ${formatCount(report.scored)} of ${formatCount(report.received)} rows`
  return status === 'held'
    ? `${what} ${scored}; they were held back, as they breach their checks.`
    : `${what} ${scored}${report.rejected === 0 ? '' : `, and rejected ${formatCount(report.rejected)}`}.`
}

function factsOf(
  { status, model, version, at, startedAt, finishedAt, population, destination, by, report }: BatchRunAnswer,
  zone: string,
  query: URLSearchParams,
): readonly (readonly [string, ReactNode])[] {
  return [
    ['Status', <BatchStatus key="status" status={status} />],
    [
      'Version',
      <a key="version" href={registeredLink(query, model, version)}>
        v{version}
      </a>,
    ],
    ['As of', formatTime(at, zone)],
    ['Started', formatTime(startedAt, zone)],
    ...(finishedAt === undefined ? [] : [['Took', formatDuration(finishedAt - startedAt)] as const]),
    ...(report === undefined ? [] : [['Rows a second', formatCount(report.rowsPerSecond)] as const]),
    ['From', breakable(population)],
    ['To', breakable(report?.output ?? destination)],
    ['By', breakable(by.name)],
  ]
}

function ReportPanels({ report }: { report: Report }): ReactNode {
  const decided = useMemo(() => countsOf(report.decisions), [report])
  const rejected = useMemo(() => countsOf(report.reasons), [report])
  const { score, quality } = report
  return (
    <>
      {quality !== undefined && quality.results.length > 0 && (
        <Panel
          title="Gate of the output"
          note="what is published must hold it"
          aside={<CheckStatus verdict={quality.verdict} />}
        >
          <DataTable
            caption="Checks of the output"
            columns={checkColumns}
            rows={quality.results}
            idOf={({ check, column }) => `${check} ${column}`}
            empty={null}
          />
        </Panel>
      )}
      <div className="columns">
        <Panel title="Scores" note={score === undefined ? 'nothing was scored' : 'over equal bins'}>
          <div className="body">{score === undefined ? 'No row was scored.' : <ScoreHistogram score={score} />}</div>
        </Panel>
        <div>
          <Panel title="Decisions">
            <DataTable
              caption="Rows by decision"
              columns={decisionColumns}
              rows={decided}
              idOf={({ name }) => name}
              empty="The model gives scores alone."
            />
          </Panel>
          <Panel title="Rejected" note={report.rejects === undefined ? undefined : 'with the reasons in a file'}>
            <DataTable
              caption="Rejected rows by reason"
              columns={reasonColumns}
              rows={rejected}
              idOf={({ name }) => name}
              empty="No row was rejected."
            />
            {report.rejects !== undefined && <div className="foot mono">{breakable(report.rejects)}</div>}
          </Panel>
        </div>
      </div>
      <Panel title="Inputs" note="most drifted first, against the rows of training">
        <DataTable
          caption="Inputs, most drifted first"
          columns={driftColumns}
          rows={report.drift.slice(0, MOST_INPUTS)}
          idOf={({ name }) => name}
          empty="Nothing was compared."
        />
        {report.drift.length > MOST_INPUTS && (
          <div className="foot">{report.drift.length - MOST_INPUTS} others have drifted less.</div>
        )}
      </Panel>
      <Panel title="Digests" note="of what was read and what was written">
        <div className="body">
          <dl className="said">
            <div>
              <dt>Read</dt>
              <dd className="mono">{formatDigest(report.inputDigest)}</dd>
            </div>
            <div>
              <dt>Written</dt>
              <dd className="mono">{formatDigest(report.outputDigest)}</dd>
            </div>
            <div>
              <dt>Events up to offset</dt>
              <dd>{formatCount(report.cut.offset)}</dd>
            </div>
          </dl>
        </div>
      </Panel>
    </>
  )
}

const MOST_INPUTS = 20

function countsOf(counts: Readonly<Record<string, number>>): Counted[] {
  return Object.entries(counts)
    .map(([name, rows]) => ({ name, rows }))
    .sort((a, b) => b.rows - a.rows)
}

const countedRows: Column<Counted> = {
  ...{ id: 'rows', header: 'Rows', meta: { look: 'number' } },
  cell: ({ row }) => formatCount(row.original.rows),
}

const decisionColumns: readonly Column<Counted>[] = [
  { id: 'name', header: 'Decision', cell: ({ row }) => breakable(row.original.name) },
  countedRows,
]

const reasonColumns: readonly Column<Counted>[] = [
  { id: 'name', header: 'Reason', cell: ({ row }) => <code>{row.original.name}</code> },
  countedRows,
]

const driftColumns: readonly Column<Drift>[] = [
  { id: 'name', header: 'Input', cell: ({ row }) => breakable(row.original.name) },
  {
    id: 'psi',
    header: 'Population stability index',
    meta: { look: 'number' },
    cell: ({ row: { original } }) =>
      original.psi === undefined ? <span className="quiet">no rows</span> : formatMetric(original.psi),
  },
  {
    id: 'missing',
    header: 'Missing',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => (
      <>
        {formatPercent(original.missing)}
        <span className="under">{formatPercent(original.missingInTraining)} in training</span>
      </>
    ),
  },
]

const checkColumns: readonly Column<Check>[] = [
  {
    id: 'verdict',
    header: 'Verdict',
    meta: { look: 'nowrap' },
    cell: ({ row }) => <CheckStatus verdict={row.original.verdict} />,
  },
  { id: 'check', header: 'Check', cell: ({ row }) => breakable(row.original.check) },
  {
    id: 'sentence',
    header: 'What was found',
    meta: { look: 'wide' },
    cell: ({ row }) => sentence(row.original.sentence),
  },
  { id: 'n', header: 'n', meta: { look: 'number' }, cell: ({ row }) => formatCount(row.original.n) },
]
