import type { ReactNode } from 'react'
import type { ApiError } from '../api/client.ts'
import { Command } from './command.tsx'
import { type Column, DataTable } from './data-table.tsx'
import { Problem } from './problem.tsx'
import { type Trail, Turns } from './turns.tsx'

interface TurnedTableProps<Row extends object> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  /** The rows of this page, the same array as long as nothing changed; undefined until they are read. */
  readonly rows: readonly Row[] | undefined
  readonly idOf: (row: Row) => string
  readonly error: ApiError | null
  /** What stands in place of the rows while they are read. */
  readonly reading: string
  /** What stands there when there are none. */
  readonly empty: ReactNode
  readonly trail: Trail
  /** Cursor of the next page; nothing where this is the last. */
  readonly next: string | null | undefined
  /** Command lines that give the same, or go on from here. */
  readonly line?: string
  readonly children?: ReactNode
}

const none: readonly never[] = []

/** A table whose pages are turned by cursors: with what went wrong above it, and the same on the command line below. */
export function TurnedTable<Row extends object>(props: TurnedTableProps<Row>): ReactNode {
  const { caption, columns, rows, idOf, error, reading, empty, trail, next, line, children } = props
  return (
    <>
      {error !== null && (
        <div className="body">
          <Problem error={error} />
        </div>
      )}
      {(rows !== undefined || error === null) && (
        <DataTable
          caption={caption}
          columns={columns}
          rows={rows ?? none}
          idOf={idOf}
          empty={rows === undefined ? reading : empty}
        />
      )}
      <Turns {...trail.turns(next)} />
      {line !== undefined && (
        <div className="foot">
          The same on the command line:
          <Command line={line} />
          {children}
        </div>
      )}
    </>
  )
}

/** The offset of a trail whose cursors are numbers of rows, and the page among rows of which one more than it holds was asked for. */
export function offsetPage(trail: Trail, limit: number) {
  const offset = Number(trail.cursor ?? 0)
  return {
    asked: { limit: limit + 1, offset },
    isFirst: offset === 0,
    nextOf: (rows: readonly unknown[] | undefined): string | null =>
      rows === undefined || rows.length <= limit ? null : String(offset + limit),
  }
}
