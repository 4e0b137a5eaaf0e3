import { type ReactNode, useMemo } from 'react'
import type { AlertDetail } from '../../../src/platform/api/contract.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { formatCount } from '../format/number.ts'
import { featureLink } from '../route.ts'

type Figure = AlertDetail['figures'][number]
type Parts = NonNullable<AlertDetail['parts']>

const LIMIT = 50
const heads = { inputs: 'Input', classes: 'Class', objectives: 'Objective' } as const
const none: readonly Figure[] = []

const figureColumns: readonly Column<Figure>[] = [
  { id: 'name', header: 'What', cell: ({ row }) => row.original.name },
  { id: 'found', header: 'Found', cell: ({ row }) => breakable(row.original.found) },
  {
    id: 'against',
    header: 'Held against',
    cell: ({ row }) => row.original.against ?? <span className="quiet">nothing</span>,
  },
]

/** What an alert rests on: how large the effect is, held against what, and in which inputs, classes or objectives. */
export function AlertEvidence({ alert, query }: { alert: AlertDetail; query: URLSearchParams }): ReactNode {
  const { meaning, figures, parts, n } = alert
  return (
    <>
      <Panel title="Evidence" note={`${meaning} Judged on ${formatCount(n)} ${n === 1 ? 'row' : 'rows'}.`}>
        <DataTable
          caption="What was found, and what it is held against"
          columns={figureColumns}
          rows={figures.length === 0 ? none : figures}
          idOf={({ name }) => name}
          empty={
            <Empty>
              {parts === undefined
                ? 'No number goes with this alert: its sentence says all that is known.'
                : `Its numbers are those of the ${parts.of} below.`}
            </Empty>
          }
        />
      </Panel>
      {parts !== undefined && <PartsPanel parts={parts} query={query} />}
    </>
  )
}

function PartsPanel({ parts, query }: { parts: Parts; query: URLSearchParams }): ReactNode {
  const { of, rows } = parts
  const columns = useMemo(() => columnsOf(parts, query), [parts, query])
  const shown = useMemo(() => rows.slice(0, LIMIT), [rows])
  const note =
    rows.length > LIMIT ? `${formatCount(rows.length)}, of which the first ${LIMIT}` : `${rows.length} in all`
  return (
    <Panel title={of === 'inputs' ? 'Inputs' : of === 'classes' ? 'Classes' : 'Objectives'} note={note}>
      <DataTable
        caption={`The ${of} that it is about`}
        columns={columns}
        rows={shown}
        idOf={({ name }) => name}
        empty={<Empty>None is on record.</Empty>}
      />
    </Panel>
  )
}

function columnsOf({ of, columns }: Parts, query: URLSearchParams): readonly Column<Parts['rows'][number]>[] {
  return [
    {
      id: 'name',
      header: heads[of],
      cell: ({ row: { original } }) =>
        of === 'inputs' && original.name.includes('.') ? (
          <a href={featureLink(original.name, query)}>{breakable(original.name)}</a>
        ) : (
          breakable(original.name)
        ),
    },
    ...columns.map((header, index): Column<Parts['rows'][number]> => {
      const isText = header === 'Causes'
      return {
        id: header,
        header,
        ...(isText ? {} : { meta: { look: 'number' } }),
        cell: ({ row }) => row.original.values[index],
      }
    }),
  ]
}
