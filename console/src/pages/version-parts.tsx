import { type ReactNode, useMemo, useState } from 'react'
import type { ServableAnswer } from '../../../src/platform/api/contract.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { formatFact } from '../format/fact.ts'
import { formatDigest } from '../format/number.ts'

interface Part {
  readonly kind: string
  readonly name: string
  readonly value: string
}

const LIMIT = 20

/** What a version was trained with and is made of, by digest: what a rebuild must come out as. */
export function PartTable({ servable }: { servable: ServableAnswer }): ReactNode {
  const [offset, setOffset] = useState(0)
  const all = useMemo(() => partsOf(servable), [servable])
  const rows = useMemo(() => all.slice(offset, offset + LIMIT), [all, offset])
  return (
    <Panel
      title="Made of"
      note={`parameters of its training, and digests; definition ${formatDigest(servable.definition)}`}
    >
      <DataTable
        caption="Parameters, features and parts"
        columns={columns}
        rows={rows}
        idOf={({ kind, name }) => `${kind} ${name}`}
        page={{ offset, limit: LIMIT, total: all.length, onOffset: setOffset }}
        empty="Nothing was written down."
      />
    </Panel>
  )
}

function partsOf({ parameters, features, parts }: ServableAnswer): Part[] {
  const list = (kind: string, of: Readonly<Record<string, unknown>>): Part[] =>
    Object.entries(of).map(([name, value]) => ({
      ...{ kind, name },
      value: formatFact(value),
    }))
  return [...list('parameter', parameters), ...list('feature', features), ...list('part', parts)]
}

const columns: readonly Column<Part>[] = [
  { id: 'kind', header: 'Kind', meta: { look: 'nowrap' }, cell: ({ row }) => row.original.kind },
  { id: 'name', header: 'Name', cell: ({ row }) => breakable(row.original.name) },
  {
    id: 'value',
    header: 'Value',
    meta: { look: 'wide' },
    cell: ({ row: { original } }) =>
      original.value.startsWith('sha256:') ? <code>{formatDigest(original.value)}</code> : breakable(original.value),
  },
]
