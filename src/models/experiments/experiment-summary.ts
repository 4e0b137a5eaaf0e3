import { sql } from 'kysely'
import type { Metadata } from '../../stores/metadata/metadata.ts'

/** How many runs an experiment has that are active, and when the last one began. */
export interface ExperimentSummary {
  readonly runs: number
  /** Milliseconds since 1970; null when there is none. */
  readonly lastStartedMs: number | null
}

/** What runs say something under. */
export interface KnownKeys {
  readonly metrics: readonly string[]
  readonly params: readonly string[]
  readonly tags: readonly string[]
}

/** The newest runs are asked for keys. */
const ASKED_RUNS = 100

/**
 * How experiments stand, by their ids.
 * @param ids numbers of experiments
 */
export async function summarizeExperiments(
  { database }: Metadata,
  ids: readonly number[],
): Promise<ReadonlyMap<number, ExperimentSummary>> {
  const { rows } = await sql<{ id: number; runs: number; last: number | null }>`
    SELECT asked.value AS id,
      (SELECT count(*) FROM experiment_runs WHERE experiment = asked.value AND lifecycle = 'active') AS runs,
      (SELECT max(started_ms) FROM experiment_runs WHERE experiment = asked.value AND lifecycle = 'active') AS last
    FROM json_each(${JSON.stringify(ids)}) asked`.execute(database)
  return new Map(rows.map(({ id, runs, last }) => [id, { runs, lastStartedMs: last }]))
}

/**
 * Under which keys the newest hundred runs of an experiment say something: what a table may have columns of.
 * @param most how many of each kind
 */
export async function knownKeys({ database }: Metadata, experiment: number, most: number): Promise<KnownKeys> {
  const distinct = async (table: string): Promise<readonly string[]> => {
    const { rows } = await sql<{ key: string }>`
      SELECT DISTINCT key FROM ${sql.table(table)} WHERE run IN (
        SELECT number FROM experiment_runs WHERE experiment = ${experiment} AND lifecycle = 'active'
        ORDER BY started_ms DESC, id LIMIT ${ASKED_RUNS})
      ORDER BY key LIMIT ${most}`.execute(database)
    return rows.map(({ key }) => key)
  }
  return {
    metrics: await distinct('run_latest_metrics'),
    params: await distinct('run_params'),
    tags: await distinct('run_tags'),
  }
}
