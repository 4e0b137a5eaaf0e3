import type { Kysely, Selectable } from 'kysely'
import { sql } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import type { LoggedModelRow } from '../../stores/metadata/experiment-tables.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'
import { type Lifecycle, loadExperiments, type Tag } from './experiments.ts'
import { type MetricPoint, metricPointOf } from './tracked-run.ts'

export type LoggedModelStatus = LoggedModelRow['status']

/** A value of a metric of a model: which run measured it, and on which dataset where one was named. */
export interface LoggedModelMetric extends MetricPoint {
  /** Id of a run. */
  readonly run: string
  readonly dataset?: { readonly name: string; readonly digest: string }
}

/** A model that was logged: its files, and what is said of it. Times are milliseconds since 1970. */
export interface LoggedModel {
  /** `m-` and 32 hexadecimal digits. */
  readonly id: string
  /** Id of its experiment. */
  readonly experiment: string
  readonly name: string
  readonly modelType: string | null
  readonly status: LoggedModelStatus
  /** Id of the run that made it. */
  readonly sourceRun: string | null
  readonly lifecycle: Lifecycle
  readonly createdMs: number
  readonly updatedMs: number
  readonly artifactUri: string
  /** Sorted by key, like tags. */
  readonly params: readonly Tag[]
  readonly tags: readonly Tag[]
  /** The latest of each key, dataset and run. */
  readonly metrics: readonly LoggedModelMetric[]
}

/**
 * A logged model by its id.
 * @throws TruelineError `unknown_logged_model`, also of one that was deleted unless these are asked for
 */
export async function readLoggedModel(
  { database }: Pick<Metadata, 'database'>,
  id: string,
  { deleted = false }: { readonly deleted?: boolean } = {},
): Promise<LoggedModel> {
  const row = await findLoggedModelRow(database, id)
  if (row.lifecycle === 'deleted' && !deleted) throw unknownModel(id)
  return (await loadLoggedModels(database, [row.number]))[0]!
}

/**
 * The row of a logged model, deleted or not.
 * @throws TruelineError `unknown_logged_model`
 */
export async function findLoggedModelRow(
  database: Kysely<MetadataTables>,
  id: string,
): Promise<Selectable<LoggedModelRow>> {
  const row = await database.selectFrom('logged_models').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw unknownModel(id)
  return row
}

/**
 * The numbers of logged models by their ids.
 * @throws TruelineError `unknown_logged_model` for the first that is not there
 */
export async function requireLoggedModels(
  transaction: MetadataTransaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const distinct = [...new Set(ids)]
  if (distinct.length === 0) return new Map()
  const rows = await transaction
    .selectFrom('logged_models')
    .select(['id', 'number'])
    .where('id', 'in', distinct)
    .execute()
  const numbers = new Map(rows.map(({ id, number }) => [id, number]))
  const missing = distinct.find((id) => !numbers.has(id))
  if (missing !== undefined) throw unknownModel(missing)
  return numbers
}

/** Logged models by their numbers, in the order of these; a fixed number of queries. */
export async function loadLoggedModels(
  database: Kysely<MetadataTables>,
  numbers: readonly number[],
): Promise<readonly LoggedModel[]> {
  if (numbers.length === 0) return []
  const asked = sql<number>`(SELECT value FROM json_each(${JSON.stringify(numbers)}))`
  const rows = await database.selectFrom('logged_models').selectAll().where('number', 'in', asked).execute()
  const experiments = await loadExperiments(database, [...new Set(rows.map(({ experiment }) => experiment))])
  const of = <Row extends { readonly model: number }>(all: readonly Row[]) => Map.groupBy(all, ({ model }) => model)
  const params = of(await database.selectFrom('logged_model_params').selectAll().where('model', 'in', asked).execute())
  const tags = of(await database.selectFrom('logged_model_tags').selectAll().where('model', 'in', asked).execute())
  const metrics = of(await latestMetrics(database, asked))
  const places = new Map(experiments.map(({ id, artifactLocation }) => [id, artifactLocation]))
  const byNumber = new Map(rows.map((row) => [row.number, row]))
  return numbers.flatMap((number) => {
    const row = byNumber.get(number)
    if (row === undefined) return []
    return {
      id: row.id,
      experiment: String(row.experiment),
      name: row.name,
      modelType: row.model_type,
      status: row.status,
      sourceRun: row.source_run,
      lifecycle: row.lifecycle,
      createdMs: row.created_ms,
      updatedMs: row.updated_ms,
      artifactUri: `${places.get(String(row.experiment))!.replace(/\/+$/, '')}/models/${row.id}/artifacts`,
      params: (params.get(number) ?? []).map(({ key, value }) => ({ key, value })),
      tags: (tags.get(number) ?? []).map(({ key, value }) => ({ key, value })),
      metrics: (metrics.get(number) ?? []).map((metric) => ({
        ...metricPointOf(metric),
        run: metric.run,
        ...(metric.dataset_name === ''
          ? {}
          : { dataset: { name: metric.dataset_name, digest: metric.dataset_digest } }),
      })),
    }
  })
}

/** Of the points of each key, dataset and run, the last. */
function latestMetrics(database: Kysely<MetadataTables>, models: ReturnType<typeof sql<number>>) {
  return database
    .selectFrom((points) =>
      points
        .selectFrom('logged_model_metrics')
        .selectAll()
        .select(
          sql<number>`row_number() OVER (PARTITION BY model, key, dataset_name, dataset_digest, run
            ORDER BY step DESC, timestamp_ms DESC, nan, value DESC)`.as('place'),
        )
        .where('model', 'in', models)
        .as('points'),
    )
    .selectAll()
    .where('place', '=', 1)
    .orderBy('key')
    .execute()
}

function unknownModel(id: string): TruelineError {
  return new TruelineError('unknown_logged_model', `Logged model with ID '${id}' not found.`, { path: 'model_id' })
}
