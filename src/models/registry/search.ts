import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { compareSql } from '../experiments/filter/condition-sql.ts'
import { type FilterSpace, modelVersionSpace, registeredModelSpace } from '../experiments/filter/filter-space.ts'
import { type Condition, parseFilter, parseOrder } from '../experiments/filter/parse-filter.ts'
import { checkMaxResults } from '../experiments/limits.ts'
import { decodeToken, encodeToken } from '../experiments/page-token.ts'
import { afterSql, orderSql, placeOf, type SortColumn } from '../experiments/search/keyset.ts'
import type { Found } from '../experiments/search/search-runs.ts'
import { describeVersions, type RegisteredVersion } from './logged-versions.ts'
import { describeModels, type RegisteredModel } from './registered-models.ts'
import { versionRows } from './version-rows.ts'

type Sql = RawBuilder<unknown>

/** What is searched, in the words of the MLflow protocol. */
export interface RegistrySearch {
  /** Such as `name ILIKE 'late%' AND tags.team = 'ops'`. */
  readonly filter?: string | undefined
  /** Such as `last_updated_timestamp DESC`. */
  readonly orderBy?: readonly string[] | undefined
  readonly maxResults?: number | undefined
  /** What the page before gave. */
  readonly pageToken?: string | undefined
}

/** Clients leave out what is a prompt, which models say nothing of: of it alone `!=` holds for what lacks the tag. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt'
const USUAL_MODELS = 100
const MOST_MODELS = 1000
const USUAL_VERSIONS = 10_000
const MOST_VERSIONS = 200_000

const ofModels: Searched = {
  space: registeredModelSpace,
  columns: {
    name: { column: sql`named.name`, type: 'text' },
    creation_timestamp: { column: sql`named.created_at`, type: 'number' },
    last_updated_timestamp: { column: sql`named.updated_at`, type: 'number' },
  },
  tags: sql`registered_model_tags AS said WHERE said.model = named.number`,
  usual: [],
  ties: [['name', true]],
}

const ofVersions: Searched = {
  space: modelVersionSpace,
  columns: {
    name: { column: sql`versions.name`, type: 'text' },
    run_id: { column: sql`versions.run`, type: 'text' },
    source_path: { column: sql`versions.source`, type: 'text' },
    version_number: { column: sql`versions.version`, type: 'number' },
    creation_timestamp: { column: sql`versions.created_at`, type: 'number' },
    last_updated_timestamp: { column: sql`versions.updated_at`, type: 'number' },
  },
  tags: sql`version_tags AS said WHERE said.model = versions.model AND said.version = versions.version`,
  usual: [['last_updated_timestamp', false]],
  ties: [
    ['name', true],
    ['version_number', false],
  ],
}

/** How a kind of thing is searched. */
interface Searched {
  readonly space: FilterSpace
  readonly columns: Readonly<Record<string, Omit<SortColumn, 'ascending'>>>
  /** FROM and WHERE of the tags of one. */
  readonly tags: Sql
  /** The order where none is asked for: keys, each with whether it ascends. */
  readonly usual: readonly (readonly [string, boolean])[]
  /** What breaks ties. */
  readonly ties: readonly (readonly [string, boolean])[]
}

/**
 * Searches registered models, those of the project among them; by name unless another order is asked for.
 * @throws TruelineError `invalid_filter`; `invalid_parameter` for a token that no page of the same search gave
 */
export async function searchRegisteredModels(
  { database }: Pick<Metadata, 'database'>,
  search: RegistrySearch = {},
): Promise<Found<RegisteredModel>> {
  const limit = checkMaxResults(search.maxResults, USUAL_MODELS, MOST_MODELS)
  const { where, order, place, next } = plan(search, ofModels)
  const rows = await database
    .selectFrom('registered_models as named')
    .selectAll()
    .select(place.as('place'))
    .where('deleted_at', 'is', null)
    .where(where)
    .orderBy(order)
    .limit(limit + 1)
    .execute()
  return { items: await describeModels(database, rows.slice(0, limit)), next: next(rows, limit) }
}

/**
 * Searches versions of registered models, logged or trained here; what changed last comes first unless another order is
 * asked for.
 * @throws TruelineError `invalid_filter`; `invalid_parameter` for a token that no page of the same search gave
 */
export async function searchVersions(
  { database }: Pick<Metadata, 'database'>,
  search: RegistrySearch = {},
): Promise<Found<RegisteredVersion>> {
  const limit = checkMaxResults(search.maxResults, USUAL_VERSIONS, MOST_VERSIONS)
  const { where, order, place, next } = plan(search, ofVersions)
  const rows = await versionRows(database)
    .select(place.as('place'))
    .where(where)
    .orderBy(order)
    .limit(limit + 1)
    .execute()
  return { items: await describeVersions(database, rows.slice(0, limit)), next: next(rows, limit) }
}

function plan({ filter, orderBy, pageToken }: RegistrySearch, { space, columns, tags, usual, ties }: Searched) {
  const conditions = parseFilter(filter, space)
  const asked = parseOrder(orderBy, space).map(({ key, ascending }) => [key, ascending] as const)
  const keys = [...(asked.length === 0 ? usual : asked)]
  for (const tie of ties) if (!keys.some(([key]) => key === tie[0])) keys.push(tie)
  const sorted = keys.map(([key, ascending]): SortColumn => ({ ...columns[key]!, ascending }))
  const question = { of: space.of, conditions, keys }
  const holds = conditions.map((condition) => conditionSql(condition, columns, tags))
  if (pageToken) holds.push(afterSql(sorted, decodeToken(pageToken, question)))
  return {
    where: holds.length === 0 ? sql<SqlBool>`1` : (sql.join(holds, sql` AND `) as RawBuilder<SqlBool>),
    order: orderSql(sorted),
    place: sql<string>`json_array(${sql.join(sorted.map(({ column }) => column))})`,
    /** The token of the page after rows of which there is one more than the limit. */
    next(rows: readonly { readonly place: string }[], limit: number): string | null {
      const last = rows[limit - 1]
      if (rows.length <= limit || last === undefined) return null
      return encodeToken(question, placeOf(JSON.parse(last.place)))
    },
  }
}

function conditionSql(condition: Condition, columns: Searched['columns'], tags: Sql): RawBuilder<SqlBool> {
  const { entity, key, comparator, value } = condition
  if (entity !== 'tag') {
    const { column } = columns[key]!
    // A version of no run has the id '' in the protocol, which is other than any; the runs that are named go by the index.
    const isNamed = comparator === 'IN' || (comparator === '=' && value !== '')
    return sql`(${compareSql(key === 'run_id' && !isNamed ? sql`coalesce(${column}, '')` : column, condition)})`
  }
  const said = sql`SELECT 1 FROM ${tags} AND said.key = ${key}`
  if (key === PROMPT_TAG && comparator === '!=') return sql`NOT EXISTS (${said} AND said.value = ${value})`
  return sql`EXISTS (${said} AND ${compareSql(sql`said.value`, condition)})`
}
