import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { Fleet, RegisteredModelPage } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatTime } from '../format/time.ts'
import { changeQuery, registeredLink } from '../route.ts'

type Registered = RegisteredModelPage['models'][number]

const LIMIT = 25

interface RegistryPageProps {
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** Every name that versions are registered under: those of the project, and those that code elsewhere logged. */
export function RegistryPage({ fleet, zone, query }: RegistryPageProps): ReactNode {
  const filter = query.get('filter') ?? ''
  const trail = useTrail('models', filter)
  const asked = { ...(filter === '' ? {} : { filter }), limit: LIMIT, cursor: trail.cursor }
  const { data, error } = useReading<RegisteredModelPage>('api/v1/registered-models', asked, pollInterval(fleet))
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  useEffect(() => {
    document.title = 'Registry · Trueline'
  }, [])
  return (
    <>
      <Opening
        sentence={
          error === null
            ? 'Registered models: those of the project, and those that were logged from elsewhere.'
            : 'The registry cannot be read.'
        }
      />
      <Panel title="Models" note="by name" aside={<Filter key={filter} filter={filter} />}>
        <TurnedTable
          caption="Registered models, by name"
          columns={columns}
          rows={data?.models}
          idOf={(row) => row.name}
          error={error}
          reading="Reading the models …"
          empty={
            <Empty line={commands.train('MODEL')}>
              {filter === ''
                ? 'Here would be each model that has a version: trained here, imported, or logged through the MLflow protocol.'
                : 'The filter holds for no model. A version comes with:'}
            </Empty>
          }
          trail={trail}
          next={data?.next}
          line={commands.registeredModels(filter)}
        />
      </Panel>
    </>
  )
}

function Filter({ filter }: { filter: string }): ReactNode {
  const [text, setText] = useState(filter)
  return (
    <form
      className="search"
      onSubmit={(event) => {
        event.preventDefault()
        changeQuery({ filter: text.trim() || undefined }, 'push')
      }}
    >
      <label>
        Filter{' '}
        <input
          type="search"
          className="filter"
          value={text}
          placeholder="name ILIKE 'late%' AND tags.team = 'ops'"
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit">Show</button>
    </form>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<Registered>[] {
  return [
    {
      id: 'name',
      header: 'Model',
      cell: ({ row: { original } }) => (
        <>
          <a className="name" href={registeredLink(query, original.name)}>
            {breakable(original.name)}
          </a>
          {original.description !== '' && <span className="under">{breakable(firstLine(original.description))}</span>}
        </>
      ),
    },
    {
      id: 'newest',
      header: 'Newest version',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.newest === null ? (
          <span className="quiet">none</span>
        ) : (
          <a href={registeredLink(query, original.name, original.newest)}>v{original.newest}</a>
        ),
    },
    {
      id: 'aliases',
      header: 'Aliases',
      cell: ({ row: { original } }) => {
        const standing = Object.entries(original.aliases)
        if (standing.length === 0) return <span className="quiet">none</span>
        return standing.map(([alias, version]) => (
          <div key={alias}>
            {alias} <a href={registeredLink(query, original.name, version)}>v{version}</a>
          </div>
        ))
      },
    },
    {
      id: 'policy',
      header: 'Policy of promotion',
      cell: ({ row }) =>
        row.original.governed ? "the project's" : <span className="quiet">none: it is not of the project</span>,
    },
    {
      id: 'tags',
      header: 'Tags',
      cell: ({ row: { original } }) => {
        const tags = Object.entries(original.tags)
        if (tags.length === 0) return <span className="quiet">none</span>
        return breakable(tags.map(([key, value]) => `${key}=${value}`).join(', '))
      },
    },
    {
      id: 'updated',
      header: 'Changed',
      meta: { look: 'nowrap' },
      cell: ({ row }) => formatTime(row.original.updatedAt, zone),
    },
  ]
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
