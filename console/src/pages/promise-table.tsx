import { type ReactNode, useMemo } from 'react'
import type { ModelObjectives, ObjectiveState } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { modelLink } from '../route.ts'
import { objectiveColumns } from './objective-panel.tsx'

type Promised = ObjectiveState & { readonly model: string }

/** What each model promises, what is left of its error budget, and how fast that is spent. */
export function PromiseTable(props: { models: readonly ModelObjectives[]; query: URLSearchParams }): ReactNode {
  const { models, query } = props
  const rows = useMemo(
    () => models.flatMap(({ model, objectives }) => objectives.map((one): Promised => ({ model, ...one }))),
    [models],
  )
  const columns = useMemo(
    (): readonly Column<Promised>[] => [
      {
        id: 'model',
        header: 'Model',
        cell: ({ row }) => <a href={modelLink(row.original.model, query)}>{breakable(row.original.model)}</a>,
      },
      ...(objectiveColumns as unknown as readonly Column<Promised>[]),
    ],
    [query],
  )
  return (
    <Panel title="Promises" note="a burn of 1× spends the error budget just over its window">
      <DataTable
        caption="What models promise, with what is left of their error budgets"
        columns={columns}
        rows={rows}
        idOf={({ model, name }) => `${model} ${name}`}
        empty={
          <Empty line={commands.slos()}>
            Here would be what each model promises of its answers. Declare it with <code>serve.slo</code>, such as{' '}
            <code>{"{ p99: '20ms', availability: 0.999 }"}</code>:
          </Empty>
        }
      />
      {rows.length > 0 && (
        <div className="foot">
          The same on the command line:
          <Command line={commands.slos()} />
        </div>
      )}
    </Panel>
  )
}
