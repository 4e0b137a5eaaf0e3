import { setImmediate } from 'node:timers/promises'
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import type { ExperimentRunRow } from '../../stores/metadata/experiment-tables.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'
import { type Lifecycle, loadExperiments, type Tag } from './experiments.ts'

export type TrackedStatus = ExperimentRunRow['status']

/** One value of a metric. */
export interface MetricPoint {
  readonly key: string
  /** Any double: NaN and infinities too. */
  readonly value: number
  /** Milliseconds since 1970. */
  readonly timestampMs: number
  readonly step: number
}

/** A dataset that a run read. */
export interface DatasetInput {
  readonly name: string
  readonly digest: string
  readonly sourceType: string
  /** JSON text, as its source type has it. */
  readonly source: string
  readonly schema?: string | undefined
  readonly profile?: string | undefined
  /** What the run used it for is the tag `mlflow.data.context`. */
  readonly tags: readonly Tag[]
}

/** A run of an experiment. Times are milliseconds since 1970, as the tracking protocol has them. */
export interface TrackedRun {
  /** 32 hexadecimal digits. */
  readonly id: string
  /** Id of its experiment. */
  readonly experiment: string
  readonly name: string
  readonly status: TrackedStatus
  readonly user: string
  readonly startedMs: number
  readonly endedMs: number | null
  readonly lifecycle: Lifecycle
  /** Where its artifacts are. */
  readonly artifactUri: string
  /** Id (`run-12`) of the training that it shows; null of a run that somebody logged. */
  readonly training: string | null
  /** Sorted by key, like tags and metrics. */
  readonly params: readonly Tag[]
  /** The latest of each key, by step, then timestamp, then value. */
  readonly metrics: readonly MetricPoint[]
  readonly tags: readonly Tag[]
  readonly datasets: readonly DatasetInput[]
  /** Ids of logged models. */
  readonly modelInputs: readonly string[]
  readonly modelOutputs: readonly { readonly model: string; readonly step: number }[]
}

/**
 * A run by its id, deleted or not.
 * @throws TruelineError `unknown_run`
 */
export async function readTrackedRun({ database }: Pick<Metadata, 'database'>, id: string): Promise<TrackedRun> {
  const { number } = await findRunRow(database, id)
  return (await loadTrackedRuns(database, [number]))[0]!
}

/**
 * The row of a run, deleted or not.
 * @throws TruelineError `unknown_run`
 */
export async function findRunRow(database: Kysely<MetadataTables>, id: string): Promise<Selectable<ExperimentRunRow>> {
  const row = await database.selectFrom('experiment_runs').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new TruelineError('unknown_run', `Run with id=${id} not found`, { path: 'run_id' })
  return row
}

/**
 * The row of a run by what a person calls it: its id or the beginning of it, 6 digits at least, or `run-12` of a
 * training.
 * @throws TruelineError `unknown_run`, also when the beginning is that of several
 */
export async function findCalledRun(
  database: Kysely<MetadataTables>,
  called: string,
): Promise<Selectable<ExperimentRunRow>> {
  const training = /^run-([1-9]\d{0,14})$/.exec(called)?.[1]
  const runs = database.selectFrom('experiment_runs').selectAll()
  const rows =
    training === undefined
      ? await (/^[0-9a-f]{6,31}$/.test(called)
          ? runs.where('id', '>=', called).where('id', '<', `${called}g`)
          : runs.where('id', '=', called)
        )
          .limit(2)
          .execute()
      : await runs.where('training', '=', Number(training)).execute()
  if (rows.length === 1) return rows[0]!
  const message = rows.length === 0 ? `There is no run '${called}'.` : `Several runs begin with '${called}'.`
  throw new TruelineError('unknown_run', message, { path: 'run' })
}

/**
 * The row of a run that may be written to.
 * @throws TruelineError `unknown_run`, `not_active`
 */
export async function activeRunRow(
  database: Kysely<MetadataTables>,
  id: string,
): Promise<Selectable<ExperimentRunRow>> {
  const row = await findRunRow(database, id)
  if (row.lifecycle === 'active') return row
  const message = `The run ${id} must be in the 'active' state. Current state is deleted.`
  throw new TruelineError('not_active', message, { path: 'run_id' })
}

/** Which parameters, metrics and tags of runs are read. */
export interface RunKeys {
  readonly params: readonly string[]
  readonly metrics: readonly string[]
  readonly tags: readonly string[]
}

/** Runs are read so many at a time: what else the platform does, predictions above all, goes on between them. */
const AT_A_TIME = 500

/**
 * Runs by their numbers, in the order of these, each with all that is said of it; a fixed number of queries for each five
 * hundred.
 * @param keys what is read under keys, without what runs read and made, which may be large; all unless given
 */
export async function loadTrackedRuns(
  database: Kysely<MetadataTables>,
  numbers: readonly number[],
  keys?: RunKeys,
): Promise<readonly TrackedRun[]> {
  const runs: TrackedRun[] = []
  for (let from = 0; from < numbers.length; from += AT_A_TIME) {
    if (from > 0) await setImmediate()
    runs.push(...(await loadSome(database, numbers.slice(from, from + AT_A_TIME), keys)))
  }
  return runs
}

async function loadSome(
  database: Kysely<MetadataTables>,
  numbers: readonly number[],
  keys: RunKeys | undefined,
): Promise<readonly TrackedRun[]> {
  // One bound value, as there may be more runs than SQL takes parameters.
  const asked = sql<number>`(SELECT value FROM json_each(${JSON.stringify(numbers)}))`
  const rows = await database.selectFrom('experiment_runs').selectAll().where('number', 'in', asked).execute()
  const experiments = await loadExperiments(database, [...new Set(rows.map(({ experiment }) => experiment))])
  const of = <Row extends { readonly run: number }>(all: readonly Row[]) => Map.groupBy(all, ({ run }) => run)
  const among = (wanted: readonly string[] | undefined) =>
    wanted === undefined
      ? sql<boolean>`1`
      : sql<boolean>`key IN (SELECT value FROM json_each(${JSON.stringify(wanted)}))`
  const params = of(
    await database.selectFrom('run_params').selectAll().where('run', 'in', asked).where(among(keys?.params)).execute(),
  )
  const metrics = of(
    await database
      .selectFrom('run_latest_metrics')
      .selectAll()
      .where('run', 'in', asked)
      .where(among(keys?.metrics))
      .execute(),
  )
  const tags = of(
    await database.selectFrom('run_tags').selectAll().where('run', 'in', asked).where(among(keys?.tags)).execute(),
  )
  const models = of(
    keys === undefined ? await database.selectFrom('run_models').selectAll().where('run', 'in', asked).execute() : [],
  )
  const datasets = of(keys === undefined ? await datasetsOf(database, asked) : [])
  const places = new Map(experiments.map(({ id, artifactLocation }) => [id, artifactLocation]))
  const byNumber = new Map(rows.map((row) => [row.number, row]))
  return numbers.flatMap((number) => {
    const row = byNumber.get(number)
    if (row === undefined) return []
    const used = models.get(number) ?? []
    return {
      id: row.id,
      experiment: String(row.experiment),
      name: row.name,
      status: row.status,
      user: row.user,
      startedMs: row.started_ms,
      endedMs: row.ended_ms,
      lifecycle: row.lifecycle,
      artifactUri: `${places.get(String(row.experiment))!.replace(/\/+$/, '')}/${row.id}/artifacts`,
      training: row.training === null ? null : `run-${row.training}`,
      params: (params.get(number) ?? []).map(({ key, value }) => ({ key, value })),
      metrics: (metrics.get(number) ?? []).map(metricPointOf),
      tags: (tags.get(number) ?? []).map(({ key, value }) => ({ key, value })),
      datasets: (datasets.get(number) ?? []).map((dataset) => ({
        name: dataset.name,
        digest: dataset.digest,
        sourceType: dataset.source_type,
        source: dataset.source,
        ...(dataset.schema === null ? {} : { schema: dataset.schema }),
        ...(dataset.profile === null ? {} : { profile: dataset.profile }),
        tags: JSON.parse(dataset.tags) as Tag[],
      })),
      modelInputs: used.filter(({ direction }) => direction === 'input').map(({ model }) => model),
      modelOutputs: used.filter(({ direction }) => direction === 'output').map(({ model, step }) => ({ model, step })),
    }
  })
}

async function datasetsOf(database: Kysely<MetadataTables>, runs: RawBuilder<number>) {
  return await database
    .selectFrom('run_datasets')
    .innerJoin('input_datasets', 'input_datasets.number', 'run_datasets.dataset')
    .select(['run', 'name', 'digest', 'source_type', 'source', 'schema', 'profile', 'tags'])
    .where('run', 'in', runs)
    .orderBy('dataset')
    .execute()
}

/** A point as tables hold it: they have no NaN. */
export function metricPointOf(row: {
  readonly key: string
  readonly value: number
  readonly nan: number
  readonly timestamp_ms: number
  readonly step: number
}): MetricPoint {
  return {
    key: row.key,
    value: row.nan === 1 ? Number.NaN : row.value,
    timestampMs: row.timestamp_ms,
    step: row.step,
  }
}
