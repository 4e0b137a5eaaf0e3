import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Fleet } from '../../../src/platform/api/contract.ts'
import type { ApiError } from '../api/client.ts'
import { pollInterval } from '../api/queries.ts'
import { formatPercent } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { sentence } from './sentence.tsx'
import { Status } from './status.tsx'

/** One line under the top bar that is always there: a rehearsal's progress, or how fresh the page is. */
export function LiveLine({ fleet, zone }: { fleet: UseQueryResult<Fleet, ApiError>; zone: string }): ReactNode {
  const { data, error } = fleet
  return (
    <div className={error === null ? 'live' : 'live silent'}>
      <span className="said">{error === null ? <Freshness data={data} /> : <Silence error={error} data={data} />}</span>
      {data?.progress !== undefined && data.progress.done < 1 && error === null && <Gauge done={data.progress.done} />}
      <span className="clock">
        {data !== undefined && (
          <>
            {data.clock === 'virtual' ? 'Virtual clock' : 'Platform clock'}{' '}
            <strong>{formatTime(data.now, zone)}</strong> {zone}
          </>
        )}
      </span>
    </div>
  )
}

function Freshness({ data }: { data: Fleet | undefined }): ReactNode {
  if (data === undefined) return 'Reading the fleet from the platform …'
  if (data.progress === undefined) return `Live: read again every ${pollInterval(data) / 1000} s`
  return (
    <>
      <strong>Rehearsal{data.progress.phase === 'rehearsal' ? '' : `, ${data.progress.phase}`}:</strong>{' '}
      {sentence(data.progress.sentence)}
    </>
  )
}

function Silence({ error, data }: { error: ApiError; data: Fleet | undefined }): ReactNode {
  return (
    <Status tone="failing">
      <span>
        {error.message}
        {data !== undefined && <> What is shown was read before. {sentence(error.remedy)}</>}
      </span>
    </Status>
  )
}

function Gauge({ done }: { done: number }): ReactNode {
  const percent = Math.round(Math.min(1, Math.max(0, done)) * 1000) / 10
  return (
    <>
      <span
        className="gauge"
        role="progressbar"
        aria-label="Rehearsal"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${percent}%` }} />
      </span>
      <strong>{formatPercent(done)}</strong>
    </>
  )
}
