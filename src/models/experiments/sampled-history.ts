import { type Kysely, sql } from 'kysely'
import type { RunMetricRow } from '../../stores/metadata/experiment-tables.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'
import { type MetricPoint, metricPointOf } from './tracked-run.ts'

/** A history as a chart draws it: so many places at most, whatever was logged. */
export interface SampledHistory {
  /** By step. Where a place stands for several points it is the last of them. */
  readonly points: readonly SampledPoint[]
  /** Whether every point is among those that the places stand for: of a very long history there is one a place. */
  readonly whole: boolean
}

export interface SampledPoint extends MetricPoint {
  /** Of the points that it stands for; of itself where these are all NaN. */
  readonly least: number
  readonly most: number
}

/** More points are not read one by one. */
const MOST_READ = 5000

/**
 * A history of a metric for a chart. What it takes does not grow with the history: a long one is looked up at places that
 * are evenly far apart, by the index.
 * @param run number of the run
 * @param places how many points there are at most, from 2
 */
export async function sampledHistory(
  { database }: Pick<Metadata, 'database'>,
  run: number,
  key: string,
  places: number,
): Promise<SampledHistory> {
  const rows = await database
    .selectFrom('run_metrics')
    .selectAll()
    .where('run', '=', run)
    .where('key', '=', key)
    .orderBy('step')
    .orderBy('timestamp_ms')
    .orderBy('value')
    .limit(MOST_READ + 1)
    .execute()
  if (rows.length <= MOST_READ) return { points: gathered(rows.map(metricPointOf), places), whole: true }
  const picked = await pickedRows(database, run, key, places)
  const points = picked.map(metricPointOf).map((point) => ({ ...point, least: point.value, most: point.value }))
  return { points, whole: false }
}

function gathered(points: readonly MetricPoint[], places: number): readonly SampledPoint[] {
  const size = Math.max(1, Math.ceil(points.length / places))
  const found: SampledPoint[] = []
  for (let from = 0; from < points.length; from += size) {
    const group = points.slice(from, from + size)
    const last = group.at(-1)!
    const values = group.map(({ value }) => value).filter((value) => !Number.isNaN(value))
    const bounds = values.length === 0 ? [last.value] : values
    found.push({ ...last, least: Math.min(...bounds), most: Math.max(...bounds) })
  }
  return found
}

/** The first point at or after each of some steps that are evenly far apart, the last one among them. */
async function pickedRows(
  database: Kysely<MetadataTables>,
  run: number,
  key: string,
  places: number,
): Promise<readonly RunMetricRow[]> {
  const { rows } = await sql<RunMetricRow>`
    WITH ends(first, last) AS MATERIALIZED (
      SELECT (SELECT step FROM run_metrics WHERE run = ${run} AND key = ${key} ORDER BY step LIMIT 1),
        (SELECT step FROM run_metrics WHERE run = ${run} AND key = ${key} ORDER BY step DESC LIMIT 1)),
    wanted(place, step) AS (
      SELECT value, first + CAST(round((last - first) * 1.0 * value / ${places - 1}) AS INTEGER)
      FROM ends, json_each(${JSON.stringify(Array.from({ length: places }, (_, place) => place))}))
    SELECT DISTINCT said.* FROM wanted CROSS JOIN run_metrics said
    WHERE said.run = ${run} AND said.key = ${key} AND (said.step, said.timestamp_ms, said.value, said.nan) = (
      SELECT step, timestamp_ms, value, nan FROM run_metrics
      WHERE run = ${run} AND key = ${key} AND step >= wanted.step ORDER BY step, timestamp_ms, value, nan LIMIT 1)
    ORDER BY said.step, said.timestamp_ms, said.value`.execute(database)
  return rows
}
