import type { Fleet, SourceListing, SourceRunAnswer } from '../../src/platform/api/contract.ts'
import { DAY, HOUR } from './fixture-data.ts'

const MINUTE = HOUR / 60
const LONG = 'arrivals_of_all_carriers_as_the_ministry_publishes_them_once_a_month'

/** Answers about sources; undefined for an address that is none of it. */
export function sourcesAnswer({ now, streams }: Fleet, path: string, query: URLSearchParams): unknown {
  const sources = streams.length === 0 ? [] : listings(now)
  if (path === 'api/v1/sources') return sources
  const [, name] = /^api\/v1\/sources\/([^/]+)\/runs$/.exec(path) ?? []
  const source = sources.find((one) => one.name === name)
  if (source === undefined) return undefined
  const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY)
  const all = source.run === undefined ? [] : runs(source.name, source.run)
  return all.filter(({ number }) => number < before).slice(0, Number(query.get('limit') ?? 20))
}

function listings(now: number): SourceListing[] {
  const columns = { flight: 'text', origin: 'text', delay_min: 'integer', arrived_at: 'timestamp with time zone' }
  const run = (name: string, more: Partial<SourceRunAnswer>): SourceRunAnswer => ({
    ...{ number: 841, source: name, kind: 'schedule', status: 'succeeded', turns: 1 },
    ...{ received: 1204, accepted: 1187, duplicates: 12, rejected: 5, deleted: 0 },
    ...{ startedAt: now - 4 * MINUTE, finishedAt: now - 3 * MINUTE, watermark: '2001-06-30T09:19:58Z' },
    ...more,
  })
  const shared = { breaker: 'closed', failures: 0, columns, since: now - 150 * DAY } as const
  return [
    {
      ...shared,
      ...{ name: 'flights', into: 'departures', kind: 'postgres', onSchemaChange: 'accept', owner: 'data-eng' },
      ...{ description: 'The table of the airport', schedule: '*/5 * * * *', due: now + MINUTE },
      ...{ watermark: '2001-06-30T09:19:58Z', lag: 4 * MINUTE, newestRowAt: now - 4 * MINUTE, freshness: HOUR },
      volume: { per: DAY, atLeast: 12_000, atMost: 30_000, from: now - DAY, rows: 19_240 },
      run: run('flights', {}),
    },
    {
      ...shared,
      ...{ name: 'arrivals_feed', into: 'arrivals', kind: 'http', onSchemaChange: 'quarantine', breaker: 'open' },
      ...{ failures: 5, schedule: '*/10 * * * *', due: now + 8 * MINUTE, watermark: '991892', lag: 7 * HOUR },
      ...{ freshness: 2 * HOUR, volume: { per: DAY, atLeast: 12_000, from: now - DAY, rows: 5_312 } },
      run: run('arrivals_feed', {
        ...{ status: 'failed', received: 0, accepted: 0, duplicates: 0, rejected: 0, number: 512 },
        error: {
          error: 'The server of arrivals_feed answers with 503.',
          ...{ code: 'source_unavailable', path: 'arrivals_feed' },
          remedy: 'Wait for the next attempt, or look after the source; `trueline sources` says when it comes.',
        },
      }),
    },
    {
      ...shared,
      ...{ name: LONG, into: 'arrivals', kind: 'csv', onSchemaChange: 'quarantine', lag: 9 * DAY },
      ...{ watermark: 'in/2001/06/arrivals-of-june-as-corrected.csv', changes: "'delay' was renamed 'delay_min'" },
      run: run(LONG, { ...{ number: 31, kind: 'backfill', turns: 3 }, from: now - 40 * DAY, to: now - 10 * DAY }),
    },
    {
      ...{
        name: 'weather',
        into: 'weather_observations',
        kind: 'parquet',
        breaker: 'closed',
        failures: 0,
        columns: {},
      },
      onSchemaChange: 'stop',
    },
  ]
}

function runs(name: string, newest: SourceRunAnswer): SourceRunAnswer[] {
  const older = Array.from({ length: Math.min(44, newest.number - 1) }, (_, index): SourceRunAnswer => {
    const startedAt = newest.startedAt - (index + 1) * 5 * MINUTE
    const { error, ...rest } = newest
    const [received, rejected] = [1000 + ((index * 37) % 400), index % 6 === 0 ? 3 : 0]
    return {
      ...{ ...rest, source: name, number: newest.number - index - 1, startedAt, finishedAt: startedAt + MINUTE },
      ...{ kind: index === 7 ? 'asked' : 'schedule', status: index === 5 ? 'partial' : 'succeeded' },
      ...{ received, rejected, duplicates: 12, accepted: received - rejected - 12 },
    }
  })
  return [newest, ...older]
}
