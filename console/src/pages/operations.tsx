import { type ReactNode, useEffect } from 'react'
import type { BatchListing, Fleet, ModelObjectives, StreamScoringListing } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { Opening } from '../components/opening.tsx'
import { Problem } from '../components/problem.tsx'
import { BatchRunTable } from './batch-run-table.tsx'
import { BatchTable } from './batch-table.tsx'
import { LoadTestTable } from './load-test-table.tsx'
import { PromiseTable } from './promise-table.tsx'
import { StreamScoringTable } from './stream-scoring-table.tsx'

interface OperationsPageProps {
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** How models are run: batches on a schedule, events of streams, what is promised, and what load was tried. */
export function OperationsPage({ fleet, zone, query }: OperationsPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const streams = useReading<readonly StreamScoringListing[]>('api/v1/stream-scoring', {}, poll)
  const batches = useReading<readonly BatchListing[]>('api/v1/batches', {}, poll)
  const promises = useReading<readonly ModelObjectives[]>('api/v1/objectives', {}, poll)
  useEffect(() => {
    document.title = 'Operations · Trueline'
  }, [])
  const error = streams.error ?? batches.error ?? promises.error
  if (streams.data === undefined || batches.data === undefined || promises.data === undefined)
    return (
      <>
        <Opening sentence={error === null ? 'Reading how models are run …' : 'How models are run cannot be read.'} />
        {error !== null && <Problem error={error} />}
      </>
    )
  const models = fleet?.models.map(({ name }) => name) ?? []
  return (
    <>
      <Opening sentence={sentenceOf(streams.data, batches.data, promises.data)} />
      {error !== null && error.code !== 'unreachable' && <Problem error={error} />}
      <PromiseTable models={promises.data} query={query} />
      <StreamScoringTable streams={streams.data} query={query} />
      <BatchTable batches={batches.data} zone={zone} query={query} />
      <BatchRunTable zone={zone} query={query} poll={poll} />
      <LoadTestTable models={models} zone={zone} query={query} poll={poll} />
    </>
  )
}

/** What needs a look, in plain words. */
function sentenceOf(
  streams: readonly StreamScoringListing[],
  batches: readonly BatchListing[],
  promises: readonly ModelObjectives[],
): string {
  const broken = promises.filter(({ objectives }) => objectives.some(({ answers, left }) => answers > 0 && left <= 0))
  const behind = streams.filter(({ state, lag, mostLag }) => state === 'running' && lag > mostLag)
  const stopped = streams.filter(({ state }) => state !== 'running')
  const failed = batches.filter(({ run }) => run?.status === 'failed' || run?.status === 'held')
  const told = [
    ...broken.map(({ model }) => `${model} has spent its error budget.`),
    ...behind.map(({ model }) => `The scoring of ${model}’s stream is late.`),
    ...stopped.map(({ model, state }) => `The stream of ${model} is not scored: ${state}.`),
    ...failed.map(({ name, run }) => `The last run of ${name} ${run?.status === 'held' ? 'was held back' : 'failed'}.`),
  ]
  if (told.length > 0) return told.slice(0, 3).join(' ') + (told.length > 3 ? ` ${told.length - 3} more below.` : '')
  if (streams.length + batches.length + promises.length === 0)
    return 'No batch, no scored stream and no promise is defined yet.'
  return 'Promises are kept, no scored stream is late, and no batch has failed.'
}
