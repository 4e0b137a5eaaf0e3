import { type ReactNode, useEffect, useMemo } from 'react'
import type { Fleet, LoggedPredictionPage, PredictionLogState } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { askedOf, FilterForm } from '../components/filter-form.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { decidedByWords } from '../format/decided-by.ts'
import { formatCell } from '../format/fact.ts'
import { formatCount, formatMetric, formatMilliseconds } from '../format/number.ts'
import { formatDuration, formatSecond, formatTime } from '../format/time.ts'
import { lineageLink, predictionLink, registeredLink } from '../route.ts'

type Logged = LoggedPredictionPage['predictions'][number]

const LIMIT = 20
/** Members of the address that narrow the list. */
const names = ['model', 'version', 'decision', 'entity', 'from', 'to'] as const

interface PredictionsPageProps {
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** What was answered and logged, the newest first; each leads to what it was made from. */
export function PredictionsPage({ fleet, zone, query }: PredictionsPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const { asked, filter } = askedOf(query, names)
  const trail = useTrail('predictions', JSON.stringify(filter))
  const page = { ...filter, limit: LIMIT, after: trail.cursor }
  const { data, error } = useReading<LoggedPredictionPage>(
    'api/v1/predictions',
    page,
    trail.cursor === undefined && poll,
  )
  const state = useReading<PredictionLogState>('api/v1/prediction-log', {}, poll).data
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  useEffect(() => {
    document.title = 'Predictions · Trueline'
  }, [])
  const models = fleet?.models.map(({ name }) => name) ?? []
  const fields = [
    { name: 'model', label: 'Model', options: models },
    { name: 'version', label: 'Version', placeholder: '7' },
    { name: 'decision', label: 'Decision', placeholder: 'rebook' },
    { name: 'entity', label: 'Row with', placeholder: 'flight=UA1102' },
    { name: 'from', label: 'From', kind: 'time' },
    { name: 'to', label: 'Before', kind: 'time' },
  ] as const
  return (
    <>
      <Opening
        sentence={error === null ? sentenceOf(state, zone) : 'The predictions cannot be read.'}
        facts={factsOf(state)}
      />
      <Panel title="Predictions" note="newest first; each leads to its features and to what moved its score">
        <FilterForm fields={fields} zone={zone} query={query} />
        <TurnedTable
          caption="Logged predictions, newest first"
          columns={columns}
          rows={data?.predictions}
          idOf={({ prediction_id }) => prediction_id}
          error={error}
          reading="Reading the predictions …"
          empty={
            data?.searched_to !== undefined ? (
              <Empty>None was found back to {formatTime(data.searched_to, zone)}. The next page looks further.</Empty>
            ) : Object.keys(asked).length > 0 ? (
              <Empty>No such prediction is in the log.</Empty>
            ) : (
              <Empty line={commands.predict(models[0] ?? 'MODEL')}>
                Here would be each answer with its row, its score and its decision. Every one is logged:
              </Empty>
            )
          }
          trail={trail}
          next={data?.next}
          line={commands.predictions(asked)}
        />
      </Panel>
    </>
  )
}

function sentenceOf(state: PredictionLogState | undefined, zone: string): string {
  if (state === undefined) return 'Reading the log of predictions …'
  const { log, lake, models } = state
  const kept = log.rows + lake.rows
  if (kept === 0) return 'No prediction was logged yet.'
  const shed = models.reduce((sum, one) => sum + one.shed, 0)
  const unsampled = models.reduce((sum, one) => sum + one.unsampled, 0)
  const kinds = [
    ...(shed === 0 ? [] : [`${formatCount(shed)} could not be logged`]),
    ...(unsampled === 0 ? [] : [`${formatCount(unsampled)} are not of the sample`]),
  ]
  const lost = kinds.length === 0 ? 'all that was answered is logged' : kinds.join(', ')
  const since = lake.rows === 0 && log.oldest !== undefined ? `, since ${formatTime(log.oldest, zone)}` : ''
  return `${formatCount(kept)} predictions are kept${since}; ${lost}.`
}

function factsOf(state: PredictionLogState | undefined): readonly (readonly [string, ReactNode])[] {
  if (state === undefined) return []
  const { log, lake, removed, models, sink } = state
  const gone = removed.reduce((sum, { rows }) => sum + rows, 0)
  const unsampled = models.reduce((sum, one) => sum + one.unsampled, 0)
  return [
    ['In the log', formatCount(log.rows)],
    ['In files of the lake', formatCount(lake.rows)],
    ...(gone === 0 ? [] : ([['Removed as they were not to be kept longer', formatCount(gone)]] as const)),
    ...(unsampled === 0 ? [] : ([['Not of the sample', formatCount(unsampled)]] as const)),
    ...(sink === undefined
      ? []
      : ([['Told to the sink', `${formatCount(sink.delivered)}, ${formatDuration(sink.lag)} behind`]] as const)),
    ...(sink === undefined || sink.missed === 0
      ? []
      : ([['Removed before the sink had taken them', formatCount(sink.missed)]] as const)),
  ]
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<Logged>[] {
  return [
    {
      id: 'prediction',
      header: 'Prediction',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          <a className="name" href={predictionLink(original.prediction_id, query)}>
            {original.prediction_id}
          </a>
          <span className="under">
            <a href={lineageLink(`prediction:${original.prediction_id}`, query)}>lineage</a>
          </span>
        </>
      ),
    },
    {
      id: 'served',
      header: 'Answered',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          {formatSecond(original.served_at, zone)}
          <span className="under">{original.mode}</span>
        </>
      ),
    },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row: { original } }) => (
        <>
          {breakable(original.model)}{' '}
          <a href={registeredLink(query, original.model, original.version)}>v{original.version}</a>
        </>
      ),
    },
    {
      id: 'row',
      header: 'Row',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => (
        <span className="cut">
          {breakable(
            Object.entries(original.row)
              .map(([column, value]) => `${column} ${formatCell(value, original.times.includes(column), zone)}`)
              .join(', '),
          )}
        </span>
      ),
    },
    {
      id: 'score',
      header: 'Score',
      meta: { look: 'number' },
      cell: ({ row }) => <ScoreCell prediction={row.original} />,
    },
    {
      id: 'decision',
      header: 'Decision',
      cell: ({ row: { original } }) =>
        original.decision === undefined ? (
          <span className="quiet">none</span>
        ) : (
          <>
            <strong>{breakable(original.decision)}</strong>
            {original.decided_by !== undefined && (
              <span className="under">{breakable(decidedByWords(original.decided_by))}</span>
            )}
          </>
        ),
    },
    {
      id: 'latency',
      header: 'Took',
      meta: { look: 'number' },
      cell: ({ row }) => formatMilliseconds(row.original.latency_us / 1000),
    },
  ]
}

function ScoreCell({ prediction }: { prediction: Logged }): ReactNode {
  const { score, class: likeliest } = prediction
  if (score === null) return <span className="quiet">none</span>
  return (
    <>
      {formatMetric(score)}
      {likeliest !== undefined && <span className="under">{breakable(likeliest)}</span>}
    </>
  )
}
