import { type ColumnDef, rowPaginationFeature, tableFeatures, useTable } from '@tanstack/react-table'
import type { ReactNode } from 'react'

interface ColumnLook {
  /** `number` aligns right; `nowrap` keeps one line; `wide` is for sentences. */
  readonly look?: 'number' | 'nowrap' | 'wide'
}

const features = tableFeatures({ rowPaginationFeature, columnMeta: {} as ColumnLook })

/** A column of a table of `Row`. */
export type Column<Row extends object> = ColumnDef<typeof features, Row>

/** Which rows are shown, of how many; the server cuts the pages. */
export interface Page {
  readonly offset: number
  readonly limit: number
  readonly total: number
  readonly onOffset: (offset: number) => void
}

interface DataTableProps<Row extends object> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  /** The rows of this page; the same array as long as nothing changed. */
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
  readonly page?: Page
  /** What stands in place of the rows when there are none. */
  readonly empty: ReactNode
}

/** A table with server-side pages: numbers right-aligned, units in the head. */
export function DataTable<Row extends object>(props: DataTableProps<Row>): ReactNode {
  const { page } = props
  const table = useTable({
    features,
    columns: props.columns as Column<Row>[],
    data: props.rows,
    getRowId: props.idOf,
    manualPagination: true,
    ...(page && {
      rowCount: page.total,
      state: { pagination: { pageIndex: Math.floor(page.offset / page.limit), pageSize: page.limit } },
    }),
  })
  if (props.rows.length === 0) return <div className="body">{props.empty}</div>
  return (
    <>
      <div className="tablebox">
        <table>
          <caption className="unseen">{props.caption}</caption>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => (
                  <th key={header.id} scope="col" className={header.column.columnDef.meta?.look}>
                    <table.FlexRender header={header} />
                  </th>
                ))}
              </tr>
            ))}
          </thead>
          <tbody>
            {table.getRowModel().rows.map((row) => (
              <tr key={row.id}>
                {row.getAllCells().map((cell) => (
                  <td
                    key={cell.id}
                    className={cell.column.columnDef.meta?.look}
                    data-head={headOf(cell.column.columnDef)}
                  >
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {page !== undefined && page.total > page.limit && <Pager page={page} shown={props.rows.length} />}
    </>
  )
}

/** The head of a column, for windows so narrow that each cell stands below the other; undefined where it has none. */
function headOf<Row extends object>({ header }: Column<Row>): string | undefined {
  return typeof header === 'string' && header !== '' ? header : undefined
}

/** Which rows are shown, and the way to the others. */
export function Pager({ page, shown, what = '' }: { page: Page; shown: number; what?: string }): ReactNode {
  const { offset, limit, total } = page
  return (
    <div className="pager">
      <span className="said" aria-live="polite">
        {offset + 1}–{offset + shown} of {total} {what}
      </span>
      <button type="button" disabled={offset === 0} onClick={() => page.onOffset(Math.max(0, offset - limit))}>
        Previous
      </button>
      <button type="button" disabled={offset + shown >= total} onClick={() => page.onOffset(offset + limit)}>
        Next
      </button>
    </div>
  )
}
