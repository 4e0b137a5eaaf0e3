import { type ReactNode, useEffect } from 'react'
import type { Fleet, FleetModel, ModelHealth } from '../../../src/platform/api/contract.ts'
import { pollInterval, useModelHealth } from '../api/queries.ts'
import { offsetOf } from '../components/offset.ts'
import { Opening } from '../components/opening.tsx'
import { Problem } from '../components/problem.tsx'
import { healthWord } from '../components/status.tsx'
import { formatCount, formatDigest } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { modelReadinessLink } from '../route.ts'
import { readRange } from '../time/range.ts'
import { Actions } from './actions.tsx'
import { AlertHistory } from './alert-history.tsx'
import { HealthStrips } from './health-strips.tsx'
import { ObjectivePanel } from './objective-panel.tsx'
import { RangeBar } from './range-bar.tsx'
import { VersionTable } from './version-table.tsx'

/** How many features are shown at a time. */
const FEATURES = 10

interface ModelHealthPageProps {
  readonly model: string
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** One model: service, data, predictions and outcomes on one time axis; alerts, versions, and what can be done. */
export function ModelHealthPage({ model, fleet, zone, query }: ModelHealthPageProps): ReactNode {
  const offset = offsetOf(query)
  const { data, error } = useModelHealth(model, readRange(query), { features: FEATURES, offset }, fleet)
  const listed = fleet?.models.find(({ name }) => name === model)
  const health = data?.health
  useEffect(() => {
    document.title = `${model}${health === undefined ? '' : `: ${healthWord(health)}`} · Trueline`
  }, [model, health])
  if (data === undefined) {
    return (
      <>
        <Opening sentence={error === null ? `Reading the health of ${model} …` : `${model} cannot be shown.`} />
        {error !== null && <Problem error={error} />}
      </>
    )
  }
  return (
    <>
      <Opening health={data.health} sentence={data.sentence} facts={factsOf(data, listed, zone, query)} />
      {error !== null && error.code !== 'unreachable' && <Problem error={error} />}
      <section className="panel" aria-labelledby="over-time">
        <h2 id="over-time" className="unseen">
          Health of {model} over time
        </h2>
        <RangeBar from={data.from} to={data.to} now={data.now} zone={zone} query={query} />
        <HealthStrips health={data} zone={zone} query={query} limit={FEATURES} />
      </section>
      {data.objectives !== undefined && data.objectives.length > 0 && (
        <ObjectivePanel model={model} objectives={data.objectives} zone={zone} />
      )}
      <AlertHistory alerts={data.alerts} model={model} zone={zone} query={query} />
      <VersionTable model={model} zone={zone} query={query} poll={pollInterval(fleet)} />
      <Actions health={data} poll={pollInterval(fleet)} />
    </>
  )
}

function factsOf(
  health: ModelHealth,
  listed: FleetModel | undefined,
  zone: string,
  query: URLSearchParams,
): readonly (readonly [string, ReactNode])[] {
  const facts: (readonly [string, ReactNode])[] = []
  // What the fleet knows comes with another reading: it is added behind, so that nothing moves.
  facts.push(['Serving', health.version === undefined ? 'nothing yet' : `v${health.version}`])
  if (health.digest !== undefined) facts.push(['Digest', <code key="digest">{formatDigest(health.digest)}</code>])
  facts.push([
    'Readiness',
    <a key="readiness" href={modelReadinessLink(health.model, query)}>
      requirements of production
    </a>,
  ])
  if (listed?.servingSince !== undefined) facts.push(['Since', formatTime(listed.servingSince, zone)])
  if (listed !== undefined)
    facts.push(
      ['Predictions since the platform started', formatCount(listed.predictions.total)],
      ['Predicts', listed.predicts],
    )
  if (listed?.owner !== undefined) facts.push(['Owner', listed.owner])
  return facts
}
