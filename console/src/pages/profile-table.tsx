import { type ReactNode, useMemo } from 'react'
import type { StreamQuality } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { formatCount, formatPercent } from '../format/number.ts'
import { formatValue } from '../format/value.ts'
import { Picture } from './picture.tsx'

type Profile = NonNullable<StreamQuality['profile']>
type Row = Profile['columns'][number]

interface ProfileTableProps {
  readonly stream: string
  readonly profile: Profile | undefined
  readonly limit: number
  readonly onOffset: (offset: number) => void
  readonly zone: string
}

const none: readonly Row[] = []
const MEDIAN = 3

/** What each column holds, with a picture of it. */
export function ProfileTable({ stream, profile, limit, onOffset, zone }: ProfileTableProps): ReactNode {
  const columns = useMemo(() => columnsFor(zone), [zone])
  const note =
    profile === undefined ? undefined : `${formatCount(profile.rows)} rows of the batch that was profiled last`
  return (
    <Panel title="Columns" note={note}>
      <DataTable
        caption="Columns with what they hold"
        columns={columns}
        rows={profile?.columns ?? none}
        idOf={(row) => row.name}
        {...(profile === undefined ? {} : { page: { offset: profile.offset, limit, total: profile.total, onOffset } })}
        empty={
          <Empty line={commands.profileStream(stream)}>
            Here would be each column with a picture of its values, how many are missing and how many differ. It is
            drawn when a file is imported into a stream that has checks, and when it is asked for:
          </Empty>
        }
      />
    </Panel>
  )
}

function columnsFor(zone: string): readonly Column<Row>[] {
  return [
    {
      id: 'name',
      header: 'Column',
      cell: ({ row: { original } }) => (
        <>
          <span className="name">{original.name}</span>
          <span className="under">
            {original.type}
            {original.sensitive === true && ', sensitive'}
          </span>
        </>
      ),
    },
    { id: 'picture', header: 'Values', cell: ({ row }) => <Picture column={row.original} zone={zone} /> },
    {
      id: 'missing',
      header: 'Missing',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => (original.rows === 0 ? '' : formatPercent(original.nulls / original.rows)),
    },
    {
      id: 'distinct',
      header: 'Different',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => `${original.distinctIsExact ? '' : '≈ '}${formatCount(original.distinct)}`,
    },
    ...(['min', 'median', 'mean', 'max'] as const).map(
      (name): Column<Row> => ({
        id: name,
        header: { min: 'Least', median: 'Median', mean: 'Mean', max: 'Most' }[name],
        meta: { look: 'number' },
        cell: ({ row }) => figureOf(row.original, name, zone),
      }),
    ),
    {
      id: 'top',
      header: 'Most frequent',
      cell: ({ row: { original } }) => {
        const [first] = original.top
        if (first === undefined) return <span className="quiet">not shown</span>
        return (
          <>
            <code className="cut">{first.value === '' ? '(empty text)' : first.value}</code>
            <span className="under">{formatPercent(first.count / Math.max(1, original.rows))} of the rows</span>
          </>
        )
      },
    },
  ]
}

function figureOf({ numbers, lengths, type }: Row, name: 'min' | 'median' | 'mean' | 'max', zone: string): ReactNode {
  if (numbers !== undefined) {
    if (type === 'bool') return ''
    const value = name === 'median' ? numbers.quantiles[MEDIAN] : numbers[name]
    return value === undefined ? '' : formatValue(value, type, zone)
  }
  if (lengths === undefined || name === 'median') return ''
  return (
    <>
      {name === 'mean' ? lengths.mean.toFixed(1) : formatCount(lengths[name])}
      <span className="under">characters</span>
    </>
  )
}
