import { type ReactNode, useMemo } from 'react'
import type { ComparisonAnswer } from '../../../src/platform/api/contract.ts'
import { useComparison } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'

/** What runs may differ in, as it is called here. */
const parts = [
  ['metrics', 'metric'],
  ['params', 'parameter'],
  ['data', 'data'],
  ['features', 'definition'],
  ['tags', 'tag'],
] as const

/** Rows that are shown at once: runs may have logged thousands of parameters. */
const MOST_ROWS = 200

/** Where some runs differ, and how much of them is equal. */
export function RunComparison({ runs }: { runs: readonly string[] }): ReactNode {
  const { data, error } = useComparison(runs)
  const rows = useMemo(() => (data === undefined ? [] : rowsOf(data)), [data])
  const equal = data === undefined ? 0 : Object.values(data.equal).reduce((sum, count) => sum + count, 0)
  return (
    <Panel title="Comparison" note={data === undefined ? undefined : `where they differ; ${equal} others are equal`}>
      {error !== null && (
        <div className="body">
          <Problem error={error} />
        </div>
      )}
      {data !== undefined && (
        <>
          <div className="tablebox">
            <table>
              <caption className="unseen">Where {data.runs.length} runs differ</caption>
              <thead>
                <tr>
                  <th scope="col">What</th>
                  {data.runs.map(({ id, name }) => (
                    <th key={id} scope="col" className="number">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.slice(0, MOST_ROWS).map(({ kind, key, values }) => (
                  <tr key={`${kind} ${key}`}>
                    <td className="wide" data-head="What">
                      {breakable(key)}
                      <span className="under">{kind}</span>
                    </td>
                    {values.map((value, place) => (
                      <td key={data.runs[place]!.id} className="number" data-head={data.runs[place]!.name}>
                        {value === null ? <span className="quiet">none</span> : breakable(shown(value))}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {rows.length === 0 && <div className="body">They say the same in everything.</div>}
          {rows.length > MOST_ROWS && (
            <div className="body">{rows.length - MOST_ROWS} more differences are on the command line.</div>
          )}
          <div className="foot">
            The same on the command line:
            <Command line={commands.compareRuns(runs)} />
          </div>
        </>
      )}
    </Panel>
  )
}

interface Row {
  readonly kind: string
  readonly key: string
  readonly values: readonly (string | number | null)[]
}

function rowsOf(data: ComparisonAnswer): Row[] {
  return parts.flatMap(([part, kind]) => data[part].map(({ key, values }) => ({ kind, key, values })))
}

function shown(value: string | number): string {
  if (typeof value === 'number') return value.toPrecision(5)
  return value.startsWith('sha256:') ? value.slice('sha256:'.length, 'sha256:'.length + 12) : value
}
