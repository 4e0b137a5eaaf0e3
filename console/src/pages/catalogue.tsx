import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { CatalogueFeature, Fleet } from '../../../src/platform/api/contract.ts'
import { pollInterval, useCatalogue } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { offsetOf, turnTo } from '../components/offset.ts'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Status } from '../components/status.tsx'
import { formatCount, formatPercent } from '../format/number.ts'
import { formatDuration } from '../format/time.ts'
import { changeQuery, featureLink } from '../route.ts'
import { Consumers, ParityBadge } from './feature-words.tsx'

const LIMIT = 20
/** Milliseconds without a key before what was typed is searched for. */
const PAUSE = 250
const none: readonly CatalogueFeature[] = []

interface CataloguePageProps {
  readonly fleet: Fleet | undefined
  readonly query: URLSearchParams
}

/** All features: what each means, how fresh it is, who reads it, and whether what was served held. */
export function CataloguePage({ fleet, query }: CataloguePageProps): ReactNode {
  const search = query.get('search') ?? ''
  const offset = offsetOf(query)
  const { data, error } = useCatalogue(search, LIMIT, offset, pollInterval(fleet))
  const columns = useMemo(() => columnsFor(query), [query])
  useEffect(() => {
    document.title = 'Features · Trueline'
  }, [])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? 'Reading the catalogue …' : 'The catalogue cannot be read.'} />
        {error !== null && <Problem error={error} />}
      </>
    )
  const find = (text: string): void =>
    changeQuery({ search: text === '' ? undefined : text, offset: undefined }, 'replace')
  return (
    <>
      <Opening sentence={data.sentence} />
      <Panel
        title="Features"
        note={`${formatCount(data.total)} by name`}
        aside={<Search search={search} onSearch={find} />}
      >
        <DataTable
          caption="Features by name"
          columns={columns}
          rows={data.features ?? none}
          idOf={(row) => row.id}
          page={{ offset, limit: LIMIT, total: data.total, onOffset: turnTo }}
          empty={
            search === '' ? (
              <Empty line={commands.features()}>
                Here would be each feature with its meaning, its readers and its state. Declare a group with{' '}
                <code>features()</code> and name it in a model of the project file.
              </Empty>
            ) : (
              <Empty line={commands.features(search)}>
                No feature has all of these words in its name, description, owner, logic, stream or entity.
              </Empty>
            )
          }
        />
        <div className="foot">
          The same on the command line:
          <Command line={commands.features(search)} />
        </div>
      </Panel>
    </>
  )
}

function Search({ search, onSearch }: { search: string; onSearch: (text: string) => void }): ReactNode {
  const [text, setText] = useState(search)
  useEffect(() => {
    if (text.trim() === search) return
    const timer = setTimeout(() => onSearch(text.trim()), PAUSE)
    return () => clearTimeout(timer)
  }, [text, search, onSearch])
  return (
    <label className="search">
      Find
      <input
        type="search"
        value={text}
        placeholder="words of name, owner, logic …"
        onChange={(event) => setText(event.target.value)}
      />
    </label>
  )
}

function Freshness({ feature: { freshness } }: { feature: CatalogueFeature }): ReactNode {
  if (freshness === undefined) return <span className="quiet">as the row that asks</span>
  const { age, promised, degraded } = freshness
  const now = age === undefined ? 'no event yet' : `${formatDuration(age)} old`
  return (
    <>
      {degraded ? <Status tone="warning">{now}</Status> : now}
      <span className="under">{promised === undefined ? 'none promised' : `${formatDuration(promised)} promised`}</span>
    </>
  )
}

function columnsFor(query: URLSearchParams): readonly Column<CatalogueFeature>[] {
  return [
    {
      id: 'name',
      header: 'Feature',
      cell: ({ row: { original } }) => (
        <>
          <a className="name" href={featureLink(original.id, query)}>
            {breakable(original.name)}
          </a>
          <span className="under">
            {original.kind}
            {original.type !== undefined && `, ${original.type}`}
            {original.owner !== undefined && `; ${original.owner}`}
          </span>
        </>
      ),
    },
    {
      id: 'logic',
      header: 'What it is',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => (
        <>
          {breakable(original.logic)}
          {!original.inForce && <span className="under">older definition, kept for who reads it</span>}
        </>
      ),
    },
    {
      id: 'parity',
      header: 'Served as replayed',
      cell: ({ row }) => <ParityBadge parity={row.original.parity} />,
    },
    {
      id: 'freshness',
      header: 'Freshness',
      cell: ({ row }) => <Freshness feature={row.original} />,
    },
    {
      id: 'null',
      header: 'No value',
      meta: { look: 'number' },
      cell: ({ row: { original } }) =>
        original.trainedOn === undefined ? (
          <span className="quiet">not trained on</span>
        ) : (
          <>
            {formatPercent(original.trainedOn.nullRate)}
            <span className="under">
              in {original.trainedOn.model} v{original.trainedOn.version}
            </span>
          </>
        ),
    },
    {
      id: 'bytes',
      header: 'Bytes an entity',
      meta: { look: 'number' },
      cell: ({ row: { original } }) =>
        original.state?.bytesPerEntity === undefined ? (
          <span className="quiet">no state</span>
        ) : (
          <>
            {formatCount(Math.round(original.state.bytesPerEntity))}
            <span className="under">{formatCount(original.state.entities)} entities</span>
          </>
        ),
    },
    {
      id: 'consumers',
      header: 'Read by',
      cell: ({ row }) => <Consumers consumers={row.original.consumers} query={query} />,
    },
  ]
}
