import { sql } from 'kysely'
import type { RunMetricRow } from '../../stores/metadata/experiment-tables.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { findRunRow, type MetricPoint, metricPointOf } from './tracked-run.ts'

/** A point of a metric, and the id of its run. */
export interface PointOfRun extends MetricPoint {
  readonly run: string
}

/**
 * The points of one metric of several runs, by the ids of the runs, then timestamp, step and value. Runs that are not there
 * have none.
 * @param most points in all
 */
export async function metricHistories(
  { database }: Pick<Metadata, 'database'>,
  runs: readonly string[],
  key: string,
  most: number,
): Promise<readonly PointOfRun[]> {
  const rows = await database
    .selectFrom('run_metrics')
    .innerJoin('experiment_runs', 'experiment_runs.number', 'run_metrics.run')
    .selectAll('run_metrics')
    .select('experiment_runs.id')
    .where('experiment_runs.id', 'in', runs)
    .where('run_metrics.key', '=', key)
    .orderBy('experiment_runs.id')
    .orderBy('run_metrics.timestamp_ms')
    .orderBy('run_metrics.step')
    .orderBy('run_metrics.value')
    .limit(most)
    .execute()
  return rows.map(({ id, ...row }) => ({ ...metricPointOf(row), run: id }))
}

/**
 * Points of one metric of several runs for a chart, each run's by step: of so many parts of equal size the first one each,
 * and the last point of all.
 * @param most points of a run
 * @param steps from the first to the second, both included; all unless told
 * @throws TruelineError `unknown_run`
 */
export async function sampledPoints(
  { database }: Pick<Metadata, 'database'>,
  runs: readonly string[],
  key: string,
  most: number,
  steps: readonly [number, number] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
): Promise<readonly PointOfRun[]> {
  const numbers: number[] = []
  for (const run of runs) numbers.push((await findRunRow(database, run)).number)
  const points: PointOfRun[] = []
  for (const [index, run] of runs.entries()) {
    const chosen = sql`run_metrics WHERE run = ${numbers[index]!} AND key = ${key} AND step BETWEEN ${steps[0]} AND ${steps[1]}`
    const counted = await sql<{ count: number }>`SELECT count(*) AS count FROM ${chosen}`.execute(database)
    const places = JSON.stringify(placesOf(counted.rows[0]!.count, most))
    const { rows } = await sql<RunMetricRow>`
      SELECT run, key, step, timestamp_ms, value, nan
      FROM (SELECT *, row_number() OVER (ORDER BY step, timestamp_ms, value, nan) - 1 AS place FROM ${chosen})
      WHERE place IN (SELECT value FROM json_each(${places})) ORDER BY place`.execute(database)
    points.push(...rows.map((row) => ({ ...metricPointOf(row), run })))
  }
  return points
}

/** The places of what is shown of so many points: the first of each part, the first parts being larger, and the last point. */
function placesOf(count: number, most: number): readonly number[] {
  if (count <= most) return Array.from({ length: count }, (_, place) => place)
  const larger = count % most
  const size = Math.floor(count / most)
  const places = Array.from({ length: most }, (_, part) => part * size + Math.min(part, larger))
  return [...places.slice(0, -1), count - 1]
}
