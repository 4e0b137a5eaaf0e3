import type { Metadata } from '../../stores/metadata/metadata.ts'
import { checkMaxResults } from './limits.ts'
import { decodeToken, encodeToken, unfittingToken } from './page-token.ts'
import { findRunRow, type MetricPoint, metricPointOf } from './tracked-run.ts'

const MOST_POINTS = 25_000

/** Which points of a metric are asked for. */
export interface HistoryRequest {
  /** Most points of a page; 25,000 unless told, which is also the most. */
  readonly maxResults?: number | undefined
  /** What the page before gave. */
  readonly pageToken?: string | undefined
}

/**
 * The points of a run's metric, by step, then timestamp, then value: a page of them.
 * @throws TruelineError `unknown_run`, `invalid_parameter`
 */
export async function metricHistory(
  { database }: Metadata,
  run: string,
  key: string,
  request: HistoryRequest = {},
): Promise<{ readonly points: readonly MetricPoint[]; readonly next: string | null }> {
  const limit = checkMaxResults(request.maxResults, MOST_POINTS, MOST_POINTS)
  const { number } = await findRunRow(database, run)
  const after = request.pageToken ? decodeToken(request.pageToken, ['history', run, key]) : undefined
  let query = database.selectFrom('run_metrics').selectAll().where('run', '=', number).where('key', '=', key)
  if (after !== undefined) {
    const place = after.map(Number)
    if (place.length !== 4 || place.some(Number.isNaN)) throw unfittingToken()
    const [step, timestamp, value, nan] = place as [number, number, number, number]
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('step', 'timestamp_ms', 'value', 'nan'), '>', tuple(step, timestamp, value, nan)),
    )
  }
  const rows = await query
    .orderBy('step')
    .orderBy('timestamp_ms')
    .orderBy('value')
    .orderBy('nan')
    .limit(limit + 1)
    .execute()
  const last = rows[limit - 1]
  const next =
    rows.length > limit && last !== undefined
      ? encodeToken(['history', run, key], [last.step, last.timestamp_ms, String(last.value), last.nan])
      : null
  return { points: rows.slice(0, limit).map(metricPointOf), next }
}
