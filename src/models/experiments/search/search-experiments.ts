import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import { type Experiment, loadExperiments } from '../experiments.ts'
import { compareSql } from '../filter/condition-sql.ts'
import { experimentSpace } from '../filter/filter-space.ts'
import { type Condition, parseFilter, parseOrder, parseOrderText } from '../filter/parse-filter.ts'
import { checkMaxResults } from '../limits.ts'
import { decodeToken, encodeToken } from '../page-token.ts'
import { afterSql, orderSql, placeOf, type SortColumn } from './keyset.ts'
import type { Found, RunSearch } from './search-runs.ts'

/** What is searched; the newest come first unless told. */
export type ExperimentSearch = Omit<RunSearch, 'experiments' | 'keys'>

const USUAL_RESULTS = 1000
const MOST_RESULTS = 50_000

const columns: Readonly<Record<string, RawBuilder<unknown>>> = {
  name: sql`experiment.name`,
  experiment_id: sql`experiment.id`,
  creation_time: sql`experiment.created_ms`,
  last_update_time: sql`experiment.updated_ms`,
}

/**
 * Searches experiments, by name, times and tags.
 * @throws TruelineError `invalid_filter`, `invalid_parameter`
 */
export async function searchExperiments({ database }: Metadata, search: ExperimentSearch): Promise<Found<Experiment>> {
  const limit = checkMaxResults(search.maxResults, USUAL_RESULTS, MOST_RESULTS)
  const { view = 'active' } = search
  const conditions = parseFilter(search.filter, experimentSpace)
  const { orderBy } = search
  const asked =
    typeof orderBy === 'string' ? parseOrderText(orderBy, experimentSpace) : parseOrder(orderBy, experimentSpace)
  const terms = asked.length > 0 ? asked : parseOrder(['creation_time DESC', 'experiment_id ASC'], experimentSpace)
  const question = { conditions, terms, view }
  const order: SortColumn[] = terms.map(({ key, ascending }) => ({
    column: columns[key]!,
    ascending,
    type: key === 'name' ? 'text' : 'number',
  }))
  if (!terms.some(({ key }) => key === 'experiment_id'))
    order.push({ column: columns['experiment_id']!, ascending: false, type: 'number' })
  const where = [
    view === 'all' ? sql`1` : sql`experiment.lifecycle = ${view}`,
    ...conditions.map(conditionSql),
    ...(search.pageToken ? [afterSql(order, decodeToken(search.pageToken, question))] : []),
  ]
  const selected = order.map(({ column }, index) => sql`${column} AS ${sql.ref(`k${index}`)}`)
  const { rows } = await sql<Record<string, unknown>>`
    SELECT experiment.id AS id, ${sql.join(selected)} FROM experiments experiment
    WHERE ${sql.join(where, sql` AND `)} ORDER BY ${orderSql(order)} LIMIT ${limit + 1}`.execute(database)
  const page = rows.slice(0, limit)
  const items = await loadExperiments(
    database,
    page.map(({ id }) => Number(id)),
  )
  if (rows.length <= limit) return { items, next: null }
  return { items, next: encodeToken(question, placeOf(order.map((_, index) => page.at(-1)![`k${index}`]))) }
}

function conditionSql(condition: Condition): RawBuilder<SqlBool> {
  const { entity, key, comparator, value } = condition
  if (entity === 'attribute') {
    if (key !== 'experiment_id') return compareSql(columns[key]!, condition)
    return compareSql(sql`CAST(experiment.id AS TEXT)`, { comparator, value })
  }
  const said = sql`SELECT 1 FROM experiment_tags tag WHERE tag.experiment = experiment.id AND tag.key = ${key}`
  if (comparator === 'IS NULL') return sql`NOT EXISTS (${said})`
  if (comparator === 'IS NOT NULL') return sql`EXISTS (${said})`
  return sql`EXISTS (${said} AND ${compareSql(sql`tag.value`, condition)})`
}
