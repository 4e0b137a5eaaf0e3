import { type ReactNode, useEffect } from 'react'
import type { LoadTestAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Status } from '../components/status.tsx'
import { formatCount, formatMilliseconds, formatPercent } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { registeredLink } from '../route.ts'
import { CapacityPanel } from './capacity-panel.tsx'
import { gateTone } from './gate-cell.tsx'

type Step = LoadTestAnswer['steps'][number]

interface LoadTestPageProps {
  readonly number: number
  readonly zone: string
  readonly query: URLSearchParams
}

/** One load test: what each rate met at the client and cost the server, and how much a replica bears. */
export function LoadTestPage({ number, zone, query }: LoadTestPageProps): ReactNode {
  // What a test measured never changes.
  const { data, error } = useReading<LoadTestAnswer>(`api/v1/load-tests/${number}`, {}, false)
  useEffect(() => {
    document.title = `Load test ${number} · Trueline`
  }, [number])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? `Reading load test ${number} …` : `Load test ${number} cannot be shown.`} />
        {error !== null && <Problem error={error} />}
      </>
    )
  return (
    <>
      <Opening sentence={sentenceOf(data)} facts={factsOf(data, zone, query)} />
      <Panel
        title="Rates"
        note="from when a request was due to its answer"
        aside={<Status tone={gateTone(data.verdict)}>{data.verdict}</Status>}
      >
        <DataTable
          caption="What each rate met and cost"
          columns={columns}
          rows={data.steps}
          idOf={({ client }) => String(client.rate)}
          empty="Nothing was measured."
        />
        {data.reasons.length > 0 && <div className="foot">{breakable(data.reasons.join(' '))}</div>}
        <div className="foot">
          To try again:
          <Command line={commands.loadTestAgain(data.model, ratesOf(data), data.settings)} />
        </div>
      </Panel>
      <CapacityPanel model={data.model} query={query} />
    </>
  )
}

/** From the lowest up, as a test with several tries them; a search may have tried one twice. */
function ratesOf({ steps }: LoadTestAnswer): number[] {
  return [...new Set(steps.map(({ client }) => client.rate))].sort((a, b) => a - b)
}

function sentenceOf({ model, version, verdict, knee: { sustained, broken } }: LoadTestAnswer): string {
  const words = { pass: 'kept what it promises', fail: 'broke what it promises', insufficient: 'proved nothing' }[
    verdict
  ]
  const borne =
    sustained === undefined
      ? 'No rate of these was sustained.'
      : `It sustained ${formatCount(sustained)} requests a second${broken === undefined ? '' : `, and broke at ${formatCount(broken)}`}.`
  return `${model} v${version} ${words} under load. ${borne}`
}

function factsOf(
  { model, version, at, by, program, host, settings, slo }: LoadTestAnswer,
  zone: string,
  query: URLSearchParams,
): readonly (readonly [string, ReactNode])[] {
  return [
    [
      'Version',
      <a key="version" href={registeredLink(query, model, version)}>
        v{version}
      </a>,
    ],
    ['At', formatTime(at, zone)],
    ['By', breakable(by)],
    [
      'Promised',
      slo === undefined
        ? 'nothing'
        : [
            ...(slo.p99 === undefined ? [] : [`p99 ${formatMilliseconds(slo.p99 / 1000)}`]),
            ...(slo.availability === undefined ? [] : [`${slo.availability * 100}% answered`]),
          ].join(', '),
    ],
    [
      'Each rate',
      `${settings.seconds} s, ${settings.arrivals}, ${settings.rowsPerRequest} ${settings.rowsPerRequest === 1 ? 'row' : 'rows'} a request`,
    ],
    ['Connections', String(settings.connections)],
    ['Machine', `${host.cpus} processors, node ${host.node}, ${host.platform}`],
    ['Program', program],
  ]
}

const columns: readonly Column<Step>[] = [
  {
    id: 'verdict',
    header: 'Verdict',
    cell: ({ row: { original } }) => (
      <>
        <Status tone={gateTone(original.verdict)}>{original.verdict}</Status>
        {original.reasons.length > 0 && <span className="under">{breakable(original.reasons.join(' '))}</span>}
      </>
    ),
  },
  {
    id: 'rate',
    header: 'Requests a second',
    meta: { look: 'number' },
    cell: ({ row }) => formatCount(row.original.client.rate),
  },
  {
    id: 'answered',
    header: 'Answered',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => {
      const { answered, requests } = original.client
      return (
        <>
          {formatPercent(requests === 0 ? 0 : answered / requests)}
          <span className="under">of {formatCount(requests)}</span>
        </>
      )
    },
  },
  ...(['p50', 'p90', 'p99', 'max'] as const).map(
    (quantile): Column<Step> => ({
      ...{ id: quantile, header: quantile, meta: { look: 'number' } },
      cell: ({ row: { original } }) => {
        const { low, high } = original.client.p99
        return (
          <>
            {formatMilliseconds(original.client.response[quantile])}
            {quantile === 'p99' && <span className="under">{rangeOf(low, high)}</span>}
          </>
        )
      },
    }),
  ),
  {
    id: 'cpu',
    header: 'Processor, of one core',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => orNone(original.server && formatPercent(original.server.cpu)),
  },
  {
    id: 'stall',
    header: 'Held up',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => orNone(original.server && formatMilliseconds(original.server.stall)),
  },
  {
    id: 'memory',
    header: 'Memory, MB',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => orNone(original.server && formatCount(original.server.memory)),
  },
]

/** The 95% interval of a quantile, an end of which may not be known. */
function rangeOf(low: number | undefined, high: number | undefined): string {
  if (low !== undefined && high !== undefined) return `${formatMilliseconds(low)} to ${formatMilliseconds(high)}`
  if (low !== undefined) return `at least ${formatMilliseconds(low)}`
  return high === undefined ? '' : `at most ${formatMilliseconds(high)}`
}

function orNone(text: string | undefined): ReactNode {
  return text ?? <span className="quiet">not known</span>
}
