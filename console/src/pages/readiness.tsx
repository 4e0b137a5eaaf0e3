import { useQueries } from '@tanstack/react-query'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { Fleet, FleetModel, ReadinessAnswer } from '../../../src/platform/api/contract.ts'
import { type ApiError, getJson } from '../api/client.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { modelReadinessLink } from '../route.ts'
import { requirementStates, verdictOf } from './readiness-words.ts'

/** Every model shown is judged for the page, each by all that is on record of it. */
const LIMIT = 10
const READ_AGAIN = 60_000

interface ReadinessPageProps {
  readonly fleet: Fleet | undefined
  readonly query: URLSearchParams
}

interface Row {
  readonly model: FleetModel
  readonly answer: ReadinessAnswer | undefined
  readonly error: ApiError | null
}

const none: readonly FleetModel[] = []

/** Of each model whether what serves meets the requirements of a production system. */
export function ReadinessPage({ fleet, query }: ReadinessPageProps): ReactNode {
  const [offset, setOffset] = useState(0)
  const models = fleet?.models ?? none
  const shown = models.slice(offset, offset + LIMIT)
  const readings = useQueries({
    queries: shown.map(({ name, version }) => {
      const path = `api/v1/models/${encodeURIComponent(name)}/readiness`
      return {
        queryKey: [path],
        queryFn: ({ signal }: { signal: AbortSignal }) => getJson<ReadinessAnswer>(path, signal),
        enabled: version !== undefined,
        refetchInterval: READ_AGAIN,
      }
    }),
  })
  const rows = shown.map((model, index): Row => {
    const reading = readings[index]
    return { model, answer: reading?.data, error: reading?.error ?? null } as Row
  })
  const columns = useMemo(() => columnsFor(query), [query])
  useEffect(() => {
    document.title = 'Readiness · Trueline'
  }, [])
  return (
    <>
      <Opening sentence={fleet === undefined ? 'Reading the models …' : sentenceOf(models.length, rows)} />
      <Panel title="Models" note="the version that serves, by what is on record of it">
        <DataTable
          caption="Readiness of models"
          columns={columns}
          rows={rows}
          idOf={({ model }) => model.name}
          page={{ offset, limit: LIMIT, total: models.length, onOffset: setOffset }}
          empty={
            fleet === undefined ? (
              'Reading the models …'
            ) : (
              <Empty line={commands.demo()}>
                Here would be each model, with how many requirements of a production system what serves meets. A project
                with models comes with:
              </Empty>
            )
          }
        />
        {rows.length > 0 && (
          <div className="foot">
            The same on the command line:
            <Command line={commands.readiness(rows[0]?.model.name ?? 'MODEL')} />
          </div>
        )}
      </Panel>
    </>
  )
}

function sentenceOf(total: number, rows: readonly Row[]): string {
  if (total === 0) return 'No model is defined yet.'
  const answers = rows.flatMap(({ answer }) => (answer === undefined ? [] : [answer]))
  const waited = rows.filter(({ model, answer, error }) => model.version !== undefined && !answer && !error).length
  if (waited > 0) return 'Reading the evidence of each model …'
  const ready = answers.filter(({ met, requirements }) => met === requirements.length).length
  const failing = answers.filter(({ requirements }) => requirements.some(({ state }) => state === 'fail'))
  const which = total > rows.length ? `the ${rows.length} models shown` : `${total} ${total === 1 ? 'model' : 'models'}`
  return [
    `${ready} of ${which} ${ready === 1 ? 'is' : 'are'} ready for production.`,
    ...(failing.length === 0
      ? []
      : [
          `A requirement is not met by ${failing
            .slice(0, 3)
            .map(({ model }) => model)
            .join(', ')}${failing.length > 3 ? ` and ${failing.length - 3} more` : ''}.`,
        ]),
  ].join(' ')
}

function columnsFor(query: URLSearchParams): readonly Column<Row>[] {
  return [
    {
      id: 'model',
      header: 'Model',
      cell: ({ row: { original } }) => (
        <>
          <a className="name" href={modelReadinessLink(original.model.name, query)}>
            {breakable(original.model.name)}
          </a>
          {original.model.version !== undefined && <span className="under">v{original.model.version} serves</span>}
        </>
      ),
    },
    { id: 'verdict', header: 'Verdict', meta: { look: 'nowrap' }, cell: ({ row }) => <Verdict row={row.original} /> },
    {
      id: 'met',
      header: 'Met',
      meta: { look: 'number' },
      cell: ({ row: { original } }) =>
        original.answer === undefined ? '' : `${original.answer.met} of ${original.answer.requirements.length}`,
    },
    ...(['fail', 'stale', 'unknown'] as const).map(
      (state): Column<Row> => ({
        ...{ id: state, header: sentenceCase(requirementStates[state].word), meta: { look: 'wide' } },
        cell: ({ row: { original } }) => {
          if (original.answer === undefined) return ''
          const names = original.answer.requirements.filter((one) => one.state === state).map(({ name }) => name)
          return names.length === 0 ? <span className="quiet">none</span> : names.join(', ')
        },
      }),
    ),
  ]
}

function Verdict({ row: { model, answer, error } }: { row: Row }): ReactNode {
  if (model.version === undefined) return <Status tone="none">nothing serves</Status>
  if (error !== null) return <Status tone="failing">{breakable(error.message)}</Status>
  if (answer === undefined) return <span className="quiet">reading …</span>
  const { tone, word } = verdictOf(answer)
  return <Status tone={tone}>{word}</Status>
}

function sentenceCase(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}
