import { type ReactNode, useCallback, useMemo } from 'react'
import type { SimulationAnswer } from '../../../src/platform/api/contract.ts'
import { formatCount, formatInterval, formatScore, metricWords } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { changeQuery } from '../route.ts'
import { columnsOf } from '../strips/columns.ts'
import { policyColumns, saveStrip, windowRows } from '../strips/downloads.ts'
import { Frame } from '../strips/frame.tsx'
import { FrameProvider, useFrame } from '../strips/frame-context.ts'
import { type Band, type Line, LinePlot, type Mark } from '../strips/line-plot.tsx'
import { around } from '../strips/ranges.ts'
import { type Reading, Readout } from '../strips/readout.tsx'
import { Strip } from '../strips/strip.tsx'
import { rangeChanges, readRange, readTime, writeTime } from '../time/range.ts'
import { lastBefore, shortestOf, windowAt } from '../time/windows.ts'

type Policy = SimulationAnswer['policies'][number]
type Point = Policy['stretches'][number]

const HEIGHT = 96
const bands: readonly Band[] = [{ upper: 0, lower: 1, fill: 'plain' }]
const none: readonly never[] = []

interface PolicyStripsProps {
  readonly simulation: SimulationAnswer
  readonly zone: string
  readonly query: URLSearchParams
}

/** How good what each policy served was, one strip for each on one axis of time and of values, against the first of them. */
export function PolicyStrips({ simulation, zone, query }: PolicyStripsProps): ReactNode {
  const { policies, from, until } = simulation
  const asked = readRange(query)
  const shown = {
    from: ('from' in asked ? asked.from : undefined) ?? from,
    to: ('to' in asked ? asked.to : undefined) ?? until,
  }
  const [first] = policies
  const range = useMemo(() => rangeOf(policies), [policies])
  const describe = useCallback((time: number | undefined) => summaryOf(simulation, time, zone), [simulation, zone])
  if (first === undefined) return null
  return (
    <Frame
      from={shown.from}
      to={shown.to}
      zone={zone}
      releases={none}
      held={readTime(query.get('at'))}
      step={shortestOf(first.stretches) ?? (until - from) / 100}
      describe={describe}
      onZoom={(zoomed) =>
        changeQuery(
          zoomed === undefined ? { from: undefined, to: undefined } : rangeChanges(zoomed.from, zoomed.to),
          'push',
        )
      }
      onHold={(time) => changeQuery({ at: time === undefined ? undefined : writeTime(time) }, 'replace')}
    >
      {policies.map((policy) => (
        <PolicyStrip
          key={policy.policy}
          policy={policy}
          first={first}
          range={range}
          onDownload={() =>
            saveStrip(
              { model: simulation.model, from, to: until },
              policy.policy,
              policyColumns,
              windowRows(policy.stretches),
            )
          }
        />
      ))}
    </Frame>
  )
}

interface PolicyStripProps {
  readonly policy: Policy
  /** What the others are held against. */
  readonly first: Policy
  readonly range: (min: number, max: number) => readonly [number, number]
  readonly onDownload: () => void
}

function PolicyStrip({ policy, first, range, onDownload }: PolicyStripProps): ReactNode {
  const frame = useFrame()
  const { stretches, metric } = policy
  const isFirst = policy === first
  const lines = useMemo(
    (): readonly Line[] => [
      ...([{ colour: 'none' }, { colour: 'none' }, { colour: 'line' }] as const),
      ...(isFirst ? [] : [{ colour: 'level', width: 1, label: first.policy } as const]),
    ],
    [isFirst, first],
  )
  const columns = useMemo(() => {
    const value = ({ value: known }: Point): number | undefined => known ?? undefined
    const own = [({ high }: Point) => high, ({ low }: Point) => low, value]
    const against = isFirst ? [] : [(_: Point, place: number) => first.stretches[place]?.value ?? undefined]
    return columnsOf(stretches, [...own, ...against], frame)
  }, [stretches, first, isFirst, frame])
  const marks = useMemo(() => marksOf(stretches), [stretches])
  const withReleases = useMemo(() => ({ ...frame, releases: releasesOf(policy) }), [frame, policy])
  const read = useCallback((point: Point) => readStretch(policy, point), [policy])
  return (
    <Strip
      title={policy.policy}
      unit={`${metricWords(metric)}, 95% interval; vertical: another version serves`}
      onDownload={onDownload}
      readout={<Readout points={stretches} read={read} />}
    >
      <FrameProvider value={withReleases}>
        <LinePlot
          label={`${metricWords(metric)} under ${policy.policy} over time, with its interval${isFirst ? '' : `, against ${first.policy}`}`}
          height={HEIGHT}
          columns={columns}
          lines={lines}
          bands={bands}
          range={range}
          format={(value) => formatScore(value, 2)}
          marks={marks}
        />
      </FrameProvider>
    </Strip>
  )
}

/** One range of values for all policies, so that heights compare. */
function rangeOf(policies: readonly Policy[]): (min: number, max: number) => readonly [number, number] {
  const values = policies.flatMap(({ stretches }) =>
    stretches.flatMap(({ value, low, high }) => (value === null ? [] : [value, low ?? value, high ?? value])),
  )
  const isShare = policies.every(
    ({ metric }) => metric === 'auc' || metric === 'accuracy' || metric.startsWith('macro'),
  )
  return around(values, isShare ? 1 : Number.POSITIVE_INFINITY)
}

function releasesOf({ releases }: Policy) {
  return releases.map(({ at, version, change }) => ({ at, version, reason: change, by: '' }))
}

function marksOf(points: readonly Point[]): readonly Mark[] {
  return points
    .filter(({ value }) => value === null)
    .map(({ from, to }): Mark => ({ time: (from + to) / 2, shape: 'insufficient' }))
}

function readStretch(
  { metric, releases }: Policy,
  { from, to, value, low, high, labelled }: Point,
): readonly Reading[] {
  const begun = releases.filter(({ at }) => at >= from && at < to).map(({ version }) => `v${version}`)
  return [
    { name: metricWords(metric), value: value === null ? 'not enough data' : formatScore(value) },
    ...(low === undefined || high === undefined ? [] : [{ name: 'interval', value: formatInterval(low, high) }]),
    { name: 'outcomes', value: formatCount(labelled) },
    ...(begun.length === 0
      ? []
      : [{ name: 'began', value: begun.length > 3 ? `${begun.length} versions` : begun.join(', ') }]),
  ]
}

/** What all strips say at a time, in one sentence that can be read aloud. */
function summaryOf({ policies, until }: SimulationAnswer, time: number | undefined, zone: string): string {
  const parts = policies.map(({ policy, metric, stretches }) => {
    const point = time === undefined ? lastBefore(stretches, until) : windowAt(stretches, time)
    return `${policy} ${point?.value == null ? 'no data' : `${metricWords(metric)} ${formatScore(point.value)}`}`
  })
  return `${time === undefined ? 'Latest' : `${formatTime(time, zone)} ${zone}`}: ${parts.join(', ')}`
}
