import { type ReactNode, useMemo, useState } from 'react'
import type { Evaluation } from '../../../src/platform/api/contract.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { formatCount, formatMetric, formatPercent } from '../format/number.ts'

type OfClasses = NonNullable<Evaluation['ofClasses']>
type ClassRow = OfClasses['classes'][number] & { readonly told: readonly number[] }

const LIMIT = 20
/** Columns that fit on a page; of more classes each row names those that it was most often taken for. */
const MOST_COLUMNS = 8
const MOST_NAMED = 3

/** How well each class was told from the others: a row for each that came, with how many were told to be which. */
export function ClassPanel({ evaluation }: { evaluation: OfClasses }): ReactNode {
  const { classes, confusion, calibrationError } = evaluation
  const [offset, setOffset] = useState(0)
  const rows = useMemo(
    () => classes.map((one, place): ClassRow => ({ ...one, told: confusion[place] ?? [] })),
    [classes, confusion],
  )
  const columns = useMemo(() => columnsOf(classes.map(({ name }) => name)), [classes])
  return (
    <Panel title="Classes" note={noteOf(calibrationError)}>
      <DataTable
        caption="Confusion matrix: rows of each class that came, by the class that was the likeliest"
        columns={columns}
        rows={rows.slice(offset, offset + LIMIT)}
        idOf={({ name }) => name}
        page={{ offset, limit: LIMIT, total: rows.length, onOffset: setOffset }}
        empty={null}
      />
    </Panel>
  )
}

function noteOf(calibrationError: number | undefined): string {
  const what = 'rows by the class that came, and by the one that was predicted: the likeliest'
  return calibrationError === undefined
    ? what
    : `${what}; classwise calibration error ${formatMetric(calibrationError)}, the mean over classes of that of each probability`
}

function columnsOf(names: readonly string[]): readonly Column<ClassRow>[] {
  const share = (id: 'precision' | 'recall', header: string): Column<ClassRow> => ({
    ...{ id, header, meta: { look: 'number' } },
    cell: ({ row }) => orNone(row.original[id], formatPercent),
  })
  return [
    { id: 'name', header: 'Actual class', cell: ({ row }) => breakable(row.original.name) },
    { id: 'rows', header: 'Rows', meta: { look: 'number' }, cell: ({ row }) => formatCount(row.original.rows) },
    share('recall', 'Recall'),
    share('precision', 'Precision'),
    {
      ...{ id: 'auc', header: 'AUC', meta: { look: 'number' } },
      cell: ({ row }) => orNone(row.original.auc?.value, formatMetric),
    },
    {
      ...{ id: 'calibration', header: 'Calibration error', meta: { look: 'number' } },
      cell: ({ row }) => orNone(row.original.calibrationError, formatMetric),
    },
    ...(names.length > MOST_COLUMNS
      ? [takenFor(names)]
      : names.map(
          (name, place): Column<ClassRow> => ({
            ...{ id: `predicted ${name}`, header: `Predicted ${name}`, meta: { look: 'number' } },
            cell: ({ row }) => predicted(row.original, name, place),
          }),
        )),
  ]
}

/** What was predicted rightly stands out: the diagonal of the matrix. */
function predicted(row: ClassRow, name: string, place: number): ReactNode {
  const count = formatCount(row.told[place] ?? 0)
  return row.name === name ? <strong>{count}</strong> : count
}

function takenFor(names: readonly string[]): Column<ClassRow> {
  return {
    id: 'taken',
    header: 'Most often taken for',
    cell: ({ row: { original } }) =>
      breakable(
        names
          .map((name, place) => ({ name, rows: original.told[place] ?? 0 }))
          .filter(({ name, rows }) => rows > 0 && name !== original.name)
          .toSorted((a, b) => b.rows - a.rows)
          .slice(0, MOST_NAMED)
          .map(({ name, rows }) => `${name} ${formatCount(rows)}`)
          .join(', '),
      ),
  }
}

function orNone(value: number | undefined, format: (value: number) => string): ReactNode {
  return value === undefined ? <span className="quiet">none</span> : format(value)
}
