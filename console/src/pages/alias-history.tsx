import { type ReactNode, useMemo } from 'react'
import type { AliasPage } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatTime } from '../format/time.ts'
import { changeQuery, registeredLink } from '../route.ts'

type Change = AliasPage['changes'][number]

const LIMIT = 20
const CHAMPION = 'champion'

interface AliasHistoryProps {
  readonly model: string
  /** Aliases that stand somewhere. */
  readonly aliases: readonly string[]
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** Where an alias stood and who moved it, newest first: the champion, which is what served, unless another is chosen. */
export function AliasHistory({ model, aliases, zone, query, poll }: AliasHistoryProps): ReactNode {
  const alias = query.get('alias') ?? CHAMPION
  const trail = useTrail('aliases', `${model} ${alias}`)
  const path = `api/v1/models/${encodeURIComponent(model)}/history`
  const asked = { alias, limit: LIMIT, cursor: trail.cursor }
  const { data, error } = useReading<AliasPage>(path, asked, trail.cursor === undefined && poll)
  const columns = useMemo(() => columnsFor(model, zone, query), [model, zone, query])
  const choices = [...new Set([CHAMPION, ...aliases, alias])]
  return (
    <Panel
      title="History of an alias"
      note={alias === CHAMPION ? 'champion: what served, newest first' : 'newest first'}
      aside={
        <label className="choice">
          Alias{' '}
          <select
            value={alias}
            onChange={({ target: { value } }) => changeQuery({ alias: value === CHAMPION ? undefined : value }, 'push')}
          >
            {choices.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      }
    >
      <TurnedTable
        caption={`Where ${alias} of ${model} stood, newest first`}
        columns={columns}
        rows={data?.changes}
        idOf={({ alias: name, from, version }) => `${name} ${from} ${version}`}
        error={error}
        reading="Reading where it stood …"
        empty={`'${alias}' never stood anywhere: a promotion lets the champion stand for a version.`}
        trail={trail}
        next={data?.next}
        line={commands.aliasHistory(model, alias === CHAMPION ? undefined : alias)}
      />
    </Panel>
  )
}

function columnsFor(model: string, zone: string, query: URLSearchParams): readonly Column<Change>[] {
  return [
    { id: 'from', header: 'From', meta: { look: 'nowrap' }, cell: ({ row }) => formatTime(row.original.from, zone) },
    {
      id: 'version',
      header: 'Version',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.version === null ? (
          <span className="quiet">taken away</span>
        ) : (
          <a className="name" href={registeredLink(query, model, original.version)}>
            v{original.version}
          </a>
        ),
    },
    {
      id: 'change',
      header: 'How',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.change === 'rollback' ? (
          <Status tone="warning">rolled back</Status>
        ) : original.change === 'promote' ? (
          'promoted'
        ) : (
          'moved'
        ),
    },
    { id: 'by', header: 'By', cell: ({ row }) => breakable(row.original.by) },
    {
      id: 'reason',
      header: 'Why',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) =>
        original.reason === null ? <span className="quiet">nothing was said</span> : breakable(original.reason),
    },
  ]
}
