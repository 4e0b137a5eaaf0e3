import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import type { MetadataTables } from '../../../stores/metadata/tables.ts'
import { experimentNumber } from '../experiments.ts'
import { runSpace } from '../filter/filter-space.ts'
import { parseFilter, parseOrder, parseOrderText } from '../filter/parse-filter.ts'
import { checkMaxResults } from '../limits.ts'
import { decodeToken, encodeToken, type Place, unfittingToken } from '../page-token.ts'
import { loadTrackedRuns, type RunKeys, type TrackedRun } from '../tracked-run.ts'
import { afterSql, orderSql, placeOf } from './keyset.ts'
import { type RunCondition, runConditionSql } from './run-conditions.ts'
import { type Stretch, stretchesOf } from './run-order.ts'

type Sql = RawBuilder<unknown>

/** Which runs, experiments or models are asked for: those that are there, that were deleted, or both. */
export type View = 'active' | 'deleted' | 'all'

/** What is searched. */
export interface RunSearch {
  /** Ids of experiments, where an empty list finds nothing; all unless given. */
  readonly experiments?: readonly string[] | undefined
  /** A filter of the tracking protocol, such as `metrics.auc > 0.8 AND params.depth = '6'`. */
  readonly filter?: string | undefined
  /** Such as `metrics.auc DESC`, in a list or in one text; the newest come first unless told, and where all is equal. */
  readonly orderBy?: readonly string[] | string | undefined
  /** Those that are active unless told. */
  readonly view?: View | undefined
  /** 1,000 unless told, at most 50,000. */
  readonly maxResults?: number | undefined
  /** What the page before gave. */
  readonly pageToken?: string | undefined
  /** What is read of parameters, metrics and tags, without inputs and outputs; all unless given. */
  readonly keys?: RunKeys | undefined
}

/** A page of what was searched; `next` is the token of the page after it, null on the last one. */
export interface Found<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

const USUAL_RESULTS = 1000
const MOST_RESULTS = 50_000
/**
 * A set of fewer runs is gathered first; more are met soon enough by trying run by run: of a hundred thousand runs, in ten
 * thousand tries or less for a page of a thousand, unless they all come last.
 */
const FEW_RUNS = 10_000

/**
 * Searches runs. A page goes on from the last run of the one before, so that none is lost or comes twice when others
 * are added meanwhile.
 * @param few how many runs are few: it changes how runs are come by, and never which
 * @throws TruelineError `invalid_filter`; `invalid_parameter` for a token that no page of the same search gave
 */
export async function searchRuns(
  { database }: Metadata,
  search: RunSearch,
  few: number = FEW_RUNS,
): Promise<Found<TrackedRun>> {
  const limit = checkMaxResults(search.maxResults, USUAL_RESULTS, MOST_RESULTS)
  const { view = 'active' } = search
  const experiments = search.experiments && [...new Set(search.experiments.map(experimentNumber))].sort((a, b) => a - b)
  const conditions = parseFilter(search.filter, runSpace)
  const { orderBy } = search
  const terms = typeof orderBy === 'string' ? parseOrderText(orderBy, runSpace) : parseOrder(orderBy, runSpace)
  const question = { experiments: experiments ?? 'all', conditions, terms, view }
  const stretches = stretchesOf(terms)
  const [begin, ...place] = search.pageToken ? decodeToken(search.pageToken, question) : [0]
  if (typeof begin !== 'number' || stretches[begin] === undefined) throw unfittingToken()
  if (experiments?.length === 0) return { items: [], next: null }
  const scope: Scope = { experiments, lifecycles: view === 'all' ? ['active', 'deleted'] : [view] }
  const plan = await planSearch(database, scope, conditions.map(runConditionSql), few)

  const found: { readonly number: number; readonly at: Place }[] = []
  for (let index = begin; index < stretches.length && found.length <= limit; index++) {
    const stretch = stretches[index]!
    const from = index === begin && search.pageToken ? place : undefined
    const rows = await readStretch(database, { scope, plan, stretch, from, limit: limit + 1 - found.length })
    for (const row of rows) {
      const values = stretch.columns.map((_, column) => row[columnName(column)])
      found.push({ number: Number(row['number']), at: [index, ...placeOf(values)] })
    }
  }
  const page = found.slice(0, limit)
  const items = await loadTrackedRuns(
    database,
    page.map(({ number }) => number),
    search.keys,
  )
  return { items, next: found.length > limit ? encodeToken(question, page.at(-1)!.at) : null }
}

interface Scope {
  /** All when it is undefined. */
  readonly experiments: readonly number[] | undefined
  readonly lifecycles: readonly ('active' | 'deleted')[]
}

/** How runs are come by: sets of few runs first, where the filter has any, then each is asked the rest. */
interface Plan {
  readonly sets: readonly Sql[]
  readonly holds: readonly RunCondition[]
  /** Whether the experiments themselves have few runs. */
  readonly small: boolean
}

async function planSearch(
  database: Kysely<MetadataTables>,
  scope: Scope,
  conditions: readonly RunCondition[],
  few: number,
): Promise<Plan> {
  const small = await isFew(database, sql`SELECT 1 FROM experiment_runs run WHERE ${inScope(indexed, scope)}`, few)
  const sets: Sql[] = []
  const holds: RunCondition[] = []
  for (const condition of conditions)
    if (condition.set !== undefined && !small && (await isFew(database, condition.set, few))) sets.push(condition.set)
    else holds.push(condition)
  return { sets, holds, small }
}

async function isFew(database: Kysely<MetadataTables>, select: Sql, few: number): Promise<boolean> {
  const counted = await sql<{ n: number }>`SELECT count(*) AS n FROM (${select} LIMIT ${few})`.execute(database)
  return counted.rows[0]!.n < few
}

const indexed = { experiment: sql`run.experiment`, lifecycle: sql`run.lifecycle` }
const unindexed = { experiment: sql`+run.experiment`, lifecycle: sql`+run.lifecycle` }

/** @param by columns of the runs: a plus before them keeps SQLite from coming by runs by them */
function inScope(by: { experiment: Sql; lifecycle: Sql }, { experiments, lifecycles }: Scope): RawBuilder<SqlBool> {
  const among =
    experiments?.length === 1
      ? sql`= ${experiments[0]}`
      : sql`IN (SELECT value FROM json_each(${JSON.stringify(experiments)}))`
  const here = experiments === undefined ? sql`1` : sql`${by.experiment} ${among}`
  return lifecycles.length === 1 ? sql`${here} AND ${by.lifecycle} = ${lifecycles[0]}` : sql`${here}`
}

/** The runs of a stretch from a place on, each with the values that it is sorted by. */
async function readStretch(
  database: Kysely<MetadataTables>,
  asked: {
    readonly scope: Scope
    readonly plan: Plan
    readonly stretch: Stretch
    readonly from: Place | undefined
    readonly limit: number
  },
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { scope, plan, stretch, from, limit } = asked
  const { first, columns, joins } = stretch
  const led = plan.sets.length > 0 || (first !== undefined && !plan.small)
  const where = [
    inScope(led ? unindexed : indexed, scope),
    stretch.where,
    ...plan.holds.map((condition) => holdsIn(condition, stretch)),
    ...(plan.sets.length === 0 ? [] : [sql`run.number IN (${sql.join(plan.sets, sql` INTERSECT `)})`]),
    ...(from === undefined ? [] : [afterSql(columns, from)]),
  ]
  const selected = columns.map(({ column }, index) => sql`${column} AS ${sql.ref(columnName(index))}`)
  const result = await sql<Record<string, unknown>>`
    SELECT run.number AS number, ${sql.join(selected)} FROM ${sourceSql(first, plan)} ${joins}
    WHERE ${sql.join(where, sql` AND `)} ORDER BY ${orderSql(columns)} LIMIT ${limit}`.execute(database)
  return result.rows
}

/** What is compared under the key that a stretch is ordered by is compared where it is read: in a range of that index. */
function holdsIn({ holds, ofFirst }: RunCondition, { first, keyless }: Stretch): RawBuilder<SqlBool> {
  const isSame = (one: { readonly table: Sql; readonly key: string } | undefined) =>
    one !== undefined && one.table === ofFirst?.table && one.key === ofFirst.key
  if (isSame(first)) return ofFirst!.holds
  return isSame(keyless) ? sql`0` : holds
}

/** A CROSS JOIN is made in the order in which it is written. */
function sourceSql(first: Stretch['first'], plan: Plan): Sql {
  if (first === undefined) return sql`experiment_runs run`
  if (plan.sets.length > 0 || plan.small)
    return sql`experiment_runs run CROSS JOIN ${first.table} first ON first.run = run.number AND first.key = ${first.key}`
  return sql`${first.table} first CROSS JOIN experiment_runs run ON run.number = first.run AND first.key = ${first.key}`
}

function columnName(index: number): string {
  return `k${index}`
}
