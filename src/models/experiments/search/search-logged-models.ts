import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import { experimentNumber } from '../experiments.ts'
import { compareMetricSql, compareSql } from '../filter/condition-sql.ts'
import { loggedModelSpace } from '../filter/filter-space.ts'
import { type Condition, type OrderTerm, orderTerm, parseFilter } from '../filter/parse-filter.ts'
import { checkMaxResults, invalid } from '../limits.ts'
import { type LoggedModel, loadLoggedModels } from '../logged-model.ts'
import { decodeToken, encodeToken } from '../page-token.ts'
import { afterSql, orderSql, placeOf, type SortColumn } from './keyset.ts'
import type { Found } from './search-runs.ts'

type Sql = RawBuilder<unknown>

/** A dataset that metrics were measured on; of any digest unless one is given. */
export interface DatasetChoice {
  readonly name: string
  readonly digest?: string | undefined
}

/** What is searched. */
export interface LoggedModelSearch {
  /** Ids of experiments; none gives none. */
  readonly experiments: readonly string[]
  readonly filter?: string | undefined
  /** Metrics of the filter are those on one of these; without a metric in it, models that have any on them. */
  readonly datasets?: readonly DatasetChoice[] | undefined
  /** Fields such as `creation_timestamp` or `metrics.auc`, the latter on a dataset where one is named. */
  readonly orderBy?:
    | readonly { readonly field: string; readonly ascending: boolean; readonly dataset?: DatasetChoice | undefined }[]
    | undefined
  /** 100 unless told, at most 10,000. */
  readonly maxResults?: number | undefined
  /** What the page before gave. */
  readonly pageToken?: string | undefined
}

const USUAL_RESULTS = 100
const MOST_RESULTS = 10_000

const attributes: Readonly<Record<string, Sql>> = {
  name: sql`model.name`,
  model_id: sql`model.id`,
  model_type: sql`model.model_type`,
  status: sql`model.status`,
  source_run_id: sql`model.source_run`,
  creation_timestamp: sql`model.created_ms`,
  last_updated_timestamp: sql`model.updated_ms`,
}

/**
 * Searches logged models that are not deleted; the newest come first unless told.
 * @throws TruelineError `invalid_filter`, `invalid_parameter`
 */
export async function searchLoggedModels(
  { database }: Metadata,
  search: LoggedModelSearch,
): Promise<Found<LoggedModel>> {
  const limit = checkMaxResults(search.maxResults, USUAL_RESULTS, MOST_RESULTS)
  const experiments = [...new Set(search.experiments.map(experimentNumber))].sort((a, b) => a - b)
  const conditions = parseFilter(search.filter, loggedModelSpace)
  const { datasets = [], orderBy = [] } = search
  if (datasets.some(({ name }) => name === '')) throw invalid('datasets', 'A dataset is named by dataset_name.')
  const question = { experiments, conditions, datasets, orderBy }
  const order = orderOf(
    orderBy.map(({ field, ascending, dataset }) => ({ ...orderTerm(field, ascending, loggedModelSpace), dataset })),
  )
  const onDatasets = datasets.length === 0 ? undefined : anyDatasetSql(datasets)
  const where = [
    sql`model.lifecycle = 'active'`,
    sql`model.experiment IN (SELECT value FROM json_each(${JSON.stringify(experiments)}))`,
    ...conditions.map((condition) => conditionSql(condition, onDatasets)),
    ...(onDatasets === undefined || conditions.some(({ entity }) => entity === 'metric')
      ? []
      : [sql`EXISTS (SELECT 1 FROM logged_model_metrics said WHERE said.model = model.number AND ${onDatasets})`]),
    ...(search.pageToken ? [afterSql(order, decodeToken(search.pageToken, question))] : []),
  ]
  const selected = order.map(({ column }, index) => sql`${column} AS ${sql.ref(`k${index}`)}`)
  const { rows } = await sql<Record<string, unknown>>`
    SELECT model.number AS number, ${sql.join(selected)} FROM logged_models model
    WHERE ${sql.join(where, sql` AND `)} ORDER BY ${orderSql(order)} LIMIT ${limit + 1}`.execute(database)
  const page = rows.slice(0, limit)
  const items = await loadLoggedModels(
    database,
    page.map(({ number }) => Number(number)),
  )
  if (rows.length <= limit) return { items, next: null }
  return { items, next: encodeToken(question, placeOf(order.map((_, index) => page.at(-1)![`k${index}`]))) }
}

function conditionSql(condition: Condition, onDatasets: Sql | undefined): RawBuilder<SqlBool> {
  const { entity, key } = condition
  if (entity === 'attribute') return compareSql(attributes[key]!, condition)
  if (entity !== 'metric') {
    const table = sql.table(entity === 'tag' ? 'logged_model_tags' : 'logged_model_params')
    return sql`EXISTS (SELECT 1 FROM ${table} said
      WHERE said.model = model.number AND said.key = ${key} AND ${compareSql(sql`said.value`, condition)})`
  }
  return sql`EXISTS (SELECT 1 FROM logged_model_metrics said WHERE said.model = model.number AND said.key = ${key}
    AND ${compareMetricSql(sql`said.value`, sql`said.nan`, condition)} AND ${onDatasets ?? sql`1`})`
}

function anyDatasetSql(datasets: readonly DatasetChoice[]): Sql {
  return sql`(${sql.join(datasets.map(datasetSql), sql` OR `)})`
}

function datasetSql({ name, digest }: DatasetChoice): Sql {
  const named = sql`said.dataset_name = ${name}`
  return digest === undefined ? named : sql`(${named} AND said.dataset_digest = ${digest})`
}

function orderOf(
  terms: readonly (OrderTerm & { readonly dataset?: DatasetChoice | undefined })[],
): readonly SortColumn[] {
  const named = (wanted: string) => terms.some(({ entity, key }) => entity === 'attribute' && key === wanted)
  return [
    ...terms.flatMap(sortColumns),
    ...(named('creation_timestamp')
      ? []
      : [{ column: attributes['creation_timestamp']!, ascending: false, type: 'number' } as const]),
    ...(named('model_id') ? [] : [{ column: attributes['model_id']!, ascending: true, type: 'text' } as const]),
  ]
}

/** First whether there is a value, as what has none comes last either way. */
function sortColumns({
  entity,
  key,
  ascending,
  dataset,
}: OrderTerm & { readonly dataset?: DatasetChoice | undefined }): readonly SortColumn[] {
  const numeric = entity === 'metric' || key.endsWith('_timestamp')
  const column =
    entity === 'attribute'
      ? attributes[key]!
      : sql`(SELECT said.value FROM logged_model_metrics said WHERE said.model = model.number AND said.key = ${key}
          AND said.nan = 0 AND ${dataset === undefined ? sql`1` : datasetSql(dataset)}
          ORDER BY said.timestamp_ms DESC, said.step DESC, said.run LIMIT 1)`
  return [
    { column: sql`(${column} IS NULL)`, ascending: true, type: 'number' },
    { column: sql`ifnull(${column}, ${numeric ? 0 : ''})`, ascending, type: numeric ? 'number' : 'text' },
  ]
}
