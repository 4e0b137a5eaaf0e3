import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import type { Fleet } from '../../../src/platform/api/contract.ts'
import type { ApiError } from '../api/client.ts'
import { pollInterval } from '../api/queries.ts'
import { Opening } from '../components/opening.tsx'
import { Problem } from '../components/problem.tsx'
import { ModelTable } from './model-table.tsx'
import { OpenAlerts } from './open-alerts.tsx'
import { ParityPanel } from './parity-panel.tsx'
import { StreamTable } from './stream-table.tsx'

interface FleetPageProps {
  readonly fleet: UseQueryResult<Fleet, ApiError>
  readonly zone: string
  readonly query: URLSearchParams
}

/** All models, worst first; open alerts; what comes in; whether training and serving agree. */
export function FleetPage({ fleet, zone, query }: FleetPageProps): ReactNode {
  const { data, error } = fleet
  useEffect(() => {
    document.title = 'Fleet · Trueline'
  }, [])
  if (data === undefined) {
    return (
      <>
        <Opening sentence={error === null ? 'Reading the fleet …' : 'The fleet cannot be read.'} />
        {error !== null && <Problem error={error} />}
      </>
    )
  }
  return (
    <>
      <Opening sentence={data.sentence} />
      <ModelTable models={data.models} zone={zone} query={query} />
      <OpenAlerts zone={zone} query={query} poll={pollInterval(data)} />
      <div className="columns">
        <StreamTable streams={data.streams} zone={zone} query={query} />
        <ParityPanel parity={data.parity} zone={zone} query={query} />
      </div>
    </>
  )
}
