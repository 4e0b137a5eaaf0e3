import { type ReactNode, useEffect, useMemo } from 'react'
import type { Fleet } from '../../../src/platform/api/contract.ts'
import { pollInterval, useOpenApi } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { changeQuery } from '../route.ts'
import { operationsByTag } from '../schema/openapi.ts'
import { OperationEntry } from './operation-entry.tsx'

const titles: Readonly<Record<string, string>> = { models: 'Models', data: 'Data', platform: 'Platform' }

/** Everything that can be asked over HTTP, each model that serves with the schema of its rows. */
export function ApiPage({ fleet, query }: { fleet: Fleet | undefined; query: URLSearchParams }): ReactNode {
  const { data, error } = useOpenApi(pollInterval(fleet))
  useEffect(() => {
    document.title = 'API · Trueline'
  }, [])
  const groups = useMemo(() => (data === undefined ? [] : operationsByTag(data)), [data])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? 'Reading the API …' : 'The API cannot be read.'} />
        {error !== null && <Problem error={error} />}
      </>
    )
  const count = groups.reduce((total, { operations }) => total + operations.length, 0)
  const models = groups.find(({ tag }) => tag === 'models')?.operations.length ?? 0
  const shown = query.get('operation')
  return (
    <>
      <Opening sentence={sentenceOf(count, models)} />
      {groups.map(({ tag, says, operations }) => (
        <Panel key={tag} title={titles[tag] ?? tag} note={says}>
          {operations.length === 0 ? (
            <div className="body">
              <Empty line={commands.promote('MODEL', 'VERSION')}>
                Here would be each model that serves, with the columns of its rows and what it answers.
              </Empty>
            </div>
          ) : (
            <ul className="operations">
              {operations.map((operation) => (
                <OperationEntry
                  key={operation.operationId}
                  operation={operation}
                  schemas={data.components.schemas}
                  isOpen={shown === operation.operationId}
                  onToggle={(open) => changeQuery({ operation: open ? operation.operationId : undefined }, 'replace')}
                />
              ))}
            </ul>
          )}
        </Panel>
      ))}
      <p className="quiet">
        The same for programs: <a href="openapi.json">openapi.json</a>, OpenAPI 3.1 of version {data.info.version}.
      </p>
    </>
  )
}

function sentenceOf(count: number, models: number): string {
  const asked =
    models === 0
      ? 'no model serves yet'
      : models === 1
        ? 'one model serves, and can be asked'
        : `${models} models serve, and can be asked`
  return `${count} operations over HTTP: ${asked}.`
}
