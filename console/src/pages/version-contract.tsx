import { type ReactNode, useMemo, useState } from 'react'
import type { ServableAnswer } from '../../../src/platform/api/contract.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'

type Contract = ServableAnswer['contract']

interface RequestColumn {
  readonly name: string
  readonly type: string
  readonly domain: string
  readonly missing: string
}

const LIMIT = 20

/** What a version takes and gives: the columns of the rows that ask, and what is answered. */
export function ContractTable({ contract }: { contract: Contract }): ReactNode {
  const [offset, setOffset] = useState(0)
  const all = useMemo(() => columnsOf(contract), [contract])
  const rows = useMemo(() => all.slice(offset, offset + LIMIT), [all, offset])
  const { score, decisions, fallback, classes } = contract.response
  const what = classes === undefined ? `a ${score.kind}` : `the probabilities of ${quoted(classes)}`
  const fallsBack = fallback === undefined ? '' : `; '${fallback}' for a row that is refused`
  const gives = `gives ${what}${decided(decisions, classes)}${fallsBack}`
  return (
    <Panel title="Takes and gives" note={breakable(gives)}>
      <DataTable
        caption="Columns of a row that asks"
        columns={columns}
        rows={rows}
        idOf={({ name }) => name}
        page={{ offset, limit: LIMIT, total: all.length, onOffset: setOffset }}
        empty={`It is asked with vectors of ${contract.inputs.length} inputs.`}
      />
    </Panel>
  )
}

/** What is decided; of several classes mostly the likeliest of them, which have been named in their order. */
function decided(decisions: readonly string[], classes: readonly string[] = []): string {
  if (decisions.length === 0) return ''
  const areClasses = decisions.length === classes.length && classes.every((name) => decisions.includes(name))
  return areClasses ? ' and one of these' : ` and one of ${quoted(decisions)}`
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

const ofMissing: Readonly<Record<string, string>> = {
  refuse: 'the row is refused',
  null: 'it counts as missing',
  default: 'its default is taken',
}

function columnsOf({ request }: Contract): RequestColumn[] {
  return Object.entries(request.columns).map(([name, column]) => ({
    name,
    type: `${column.type}${name === request.time ? ', the time of the row' : ''}${column.used ? '' : ', not read by the model'}`,
    domain: domainOf(column),
    missing: ofMissing[column.missing] ?? column.missing,
  }))
}

function domainOf({ min, max, oneOf, maxLength }: Contract['request']['columns'][string]): string {
  if (oneOf !== undefined) return `one of ${oneOf.join(', ')}`
  if (min !== undefined && max !== undefined) return `${min} to ${max}`
  if (min !== undefined) return `from ${min}`
  if (max !== undefined) return `up to ${max}`
  return maxLength === undefined ? 'any' : `at most ${maxLength} characters`
}

const columns: readonly Column<RequestColumn>[] = [
  { id: 'name', header: 'Column', cell: ({ row }) => <span className="name">{breakable(row.original.name)}</span> },
  { id: 'type', header: 'Type', cell: ({ row }) => row.original.type },
  { id: 'domain', header: 'Values', meta: { look: 'wide' }, cell: ({ row }) => breakable(row.original.domain) },
  { id: 'missing', header: 'Without a value', cell: ({ row }) => row.original.missing },
]
