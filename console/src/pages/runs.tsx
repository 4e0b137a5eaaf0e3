import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { RunPage } from '../../../src/platform/api/contract.ts'
import { useRuns } from '../api/queries.ts'
import { commands } from '../commands.ts'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatTime } from '../format/time.ts'
import { changeQuery, runLink } from '../route.ts'
import { RunComparison } from './run-comparison.tsx'
import { runTones } from './run-tones.ts'

type RunRow = RunPage['runs'][number]

const LIMIT = 25
const MOST_COMPARED = 10
const none: readonly RunRow[] = []
/** What most trainings measure; metrics that none of the runs shown has are left out. */
const COLUMNS = ['metrics.auc', 'metrics.log_loss', 'metrics.rmse', 'params.variant', 'tags.trueline.model']

/** Runs of all experiments, trainings and those that code elsewhere logged, page by page; and where chosen ones differ. */
export function RunsPage({ query, zone }: { query: URLSearchParams; zone: string }): ReactNode {
  const [filter, order] = [query.get('filter') ?? '', query.get('order') ?? '']
  const experiment = query.get('experiment') ?? undefined
  const asked = `${experiment}\n${filter}\n${order}`
  const trail = useTrail('runs', asked)
  const { data, error } = useRuns({ experiment, filter, order, columns: COLUMNS, limit: LIMIT, cursor: trail.cursor })
  const compared = useMemo(() => (query.get('compare') ?? '').split(',').filter((id) => id !== ''), [query])
  const columns = useMemo(() => columnsFor(zone, query, compared, data?.runs ?? none), [zone, query, compared, data])
  useEffect(() => {
    document.title = 'Runs · Trueline'
  }, [])
  return (
    <>
      <Opening
        sentence={error === null ? 'Runs that trained or were logged, newest first.' : 'The runs cannot be read.'}
      />
      {compared.length > 1 && <RunComparison runs={compared} />}
      <Panel
        title="Runs"
        note={compared.length === 1 ? 'choose another one to compare with' : 'choose two or more to compare'}
        aside={<Search key={asked} filter={filter} order={order} />}
      >
        <TurnedTable
          caption="Runs"
          columns={columns}
          rows={data?.runs}
          idOf={(row) => row.id}
          error={error}
          reading="Reading the runs …"
          empty={
            <Empty line={commands.train('MODEL')}>
              {filter === ''
                ? 'Here would be each training, and each run that Python code logs through the MLflow protocol:'
                : 'The filter holds for no run. Trainings come with:'}
            </Empty>
          }
          trail={trail}
          next={data?.next}
          line={commands.runs(filter, order)}
        />
      </Panel>
    </>
  )
}

function Search({ filter, order }: { filter: string; order: string }): ReactNode {
  const [text, setText] = useState(filter)
  const [by, setBy] = useState(order)
  return (
    <form
      className="search"
      onSubmit={(event) => {
        event.preventDefault()
        changeQuery({ filter: text.trim() || undefined, order: by.trim() || undefined }, 'push')
      }}
    >
      <label>
        Filter{' '}
        <input
          type="search"
          className="filter"
          value={text}
          placeholder="metrics.auc > 0.7 AND params.depth = '6'"
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <label>
        Order{' '}
        <input
          type="search"
          value={by}
          placeholder="metrics.auc DESC"
          onChange={(event) => setBy(event.target.value)}
        />
      </label>
      <button type="submit">Show</button>
    </form>
  )
}

function columnsFor(
  zone: string,
  query: URLSearchParams,
  compared: readonly string[],
  runs: readonly RunRow[],
): readonly Column<RunRow>[] {
  const choose = (id: string, isChosen: boolean): void => {
    const next = isChosen ? [...compared, id] : compared.filter((one) => one !== id)
    changeQuery({ compare: next.length === 0 ? undefined : next.join(',') }, 'replace')
  }
  return [
    {
      id: 'choose',
      header: 'Compare',
      cell: ({ row: { original } }) => (
        <input
          type="checkbox"
          aria-label={`Compare ${original.name}`}
          checked={compared.includes(original.id)}
          disabled={!compared.includes(original.id) && compared.length >= MOST_COMPARED}
          onChange={(event) => choose(original.id, event.target.checked)}
        />
      ),
    },
    {
      id: 'name',
      header: 'Run',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          <a className="name" href={runLink(original.id, query)}>
            {original.name}
          </a>
          <span className="under mono">{original.id.slice(0, 12)}</span>
        </>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      cell: ({ row }) => <Status tone={runTones[row.original.status]}>{row.original.status.toLowerCase()}</Status>,
    },
    {
      id: 'started',
      header: 'Started',
      meta: { look: 'nowrap' },
      cell: ({ row }) => formatTime(row.original.startedAt, zone),
    },
    { id: 'user', header: 'By', cell: ({ row }) => row.original.user },
    ...COLUMNS.flatMap((key, place): Column<RunRow>[] => {
      const isMetric = key.startsWith('metrics.')
      if (isMetric && runs.every(({ values }) => (values[place] ?? null) === null)) return []
      return [
        {
          id: key,
          header: key.replace(/^(metrics|params|tags)\.(trueline\.)?/, ''),
          meta: { look: isMetric ? 'number' : 'nowrap' },
          cell: ({ row }) => shown(row.original.values[place] ?? null),
        },
      ]
    }),
  ]
}

function shown(value: string | number | null): ReactNode {
  if (value === null) return <span className="quiet">none</span>
  return typeof value === 'number' ? value.toPrecision(5) : value
}
