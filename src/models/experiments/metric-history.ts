import type { Metadata } from '../../stores/metadata/metadata.ts'
import { checkMaxResults } from './limits.ts'
import { decodeToken, encodeToken, unfittingToken } from './page-token.ts'
import { type MetricPoint, metricPointOf } from './tracked-run.ts'

const MOST_POINTS = 25_000

/** Which points of a metric are asked for. */
export interface HistoryRequest {
  /** Most points of a page; 25,000 unless told, which is also the most. */
  readonly maxResults?: number | undefined
  /** What the page before gave. */
  readonly pageToken?: string | undefined
}

/**
 * The points of a run's metric, by timestamp, then step, then value, as MLflow's server gives them: a page of them. None of a run that
 * there is not, as there.
 * @throws TruelineError `invalid_parameter`
 */
export async function metricHistory(
  { database }: Metadata,
  run: string,
  key: string,
  request: HistoryRequest = {},
): Promise<{ readonly points: readonly MetricPoint[]; readonly next: string | null }> {
  const limit = checkMaxResults(request.maxResults, MOST_POINTS, MOST_POINTS)
  const after = request.pageToken ? decodeToken(request.pageToken, ['history', run, key]) : undefined
  const numbered = database.selectFrom('experiment_runs').select('number').where('id', '=', run)
  let query = database.selectFrom('run_metrics').selectAll().where('run', '=', numbered).where('key', '=', key)
  if (after !== undefined) {
    const place = after.map(Number)
    if (place.length !== 4 || place.some(Number.isNaN)) throw unfittingToken()
    const [timestamp, step, value, nan] = place as [number, number, number, number]
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('timestamp_ms', 'step', 'value', 'nan'), '>', tuple(timestamp, step, value, nan)),
    )
  }
  const rows = await query
    .orderBy('timestamp_ms')
    .orderBy('step')
    .orderBy('value')
    .orderBy('nan')
    .limit(limit + 1)
    .execute()
  const last = rows[limit - 1]
  const next =
    rows.length > limit && last !== undefined
      ? encodeToken(['history', run, key], [last.timestamp_ms, last.step, String(last.value), last.nan])
      : null
  return { points: rows.slice(0, limit).map(metricPointOf), next }
}
