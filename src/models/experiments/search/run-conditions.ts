import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { compareMetricSql, compareSql } from '../filter/condition-sql.ts'
import type { Condition } from '../filter/parse-filter.ts'

type Sql = RawBuilder<unknown>

const attributeColumns: Readonly<Record<string, Sql>> = {
  run_id: sql`run.id`,
  run_name: sql`run.name`,
  user_id: sql`run.user`,
  status: sql`run.status`,
  start_time: sql`run.started_ms`,
  end_time: sql`run.ended_ms`,
  // As it is put together where runs are read.
  artifact_uri: sql`(SELECT rtrim(ifnull(artifact_location, 'mlflow-artifacts:/' || id), '/') FROM experiments WHERE id = run.experiment)
    || '/' || run.id || '/artifacts'`,
}

/** The column of an attribute of runs, which are `run`. */
export function runAttributeSql(key: string): Sql {
  return attributeColumns[key]!
}

/** Tables of what runs say of themselves under keys. */
export const keyTables = {
  metric: sql.table('run_latest_metrics'),
  parameter: sql.table('run_params'),
  tag: sql.table('run_tags'),
} as const

/** A condition as it is asked of each run, and as the set of runs that it holds for where indexes give that. */
export interface RunCondition {
  /** True of the runs, which are `run`, that it holds for. */
  readonly holds: RawBuilder<SqlBool>
  /** SELECT of the numbers of these runs. */
  readonly set: Sql | undefined
  /**
   * Of what is compared under a key: the same of the table that leads by that key, as `first`, where an index answers it. It
   * holds for no run that lacks the key.
   */
  readonly ofFirst?: { readonly table: Sql; readonly key: string; readonly holds: RawBuilder<SqlBool> }
}

/** SQL of a condition of a filter of runs. */
export function runConditionSql(condition: Condition): RunCondition {
  const { entity, key, comparator } = condition
  if (entity === 'attribute') {
    const holds = compareSql(runAttributeSql(key), condition)
    const named =
      (key === 'run_id' && (comparator === '=' || comparator === 'IN')) || (key === 'status' && comparator === '=')
    return { holds, set: named ? sql`SELECT number FROM experiment_runs AS run WHERE ${holds}` : undefined }
  }
  if (entity === 'dataset') return datasetCondition(condition)
  const table = keyTables[entity]
  const present = sql<SqlBool>`EXISTS (SELECT 1 FROM ${table} said WHERE said.run = run.number AND said.key = ${key})`
  if (comparator === 'IS NULL') return { holds: sql`NOT ${present}`, set: undefined }
  if (comparator === 'IS NOT NULL') return { holds: present, set: sql`SELECT run FROM ${table} WHERE key = ${key}` }
  const comparedIn = (name: 'said' | 'first') => {
    const [value, nan] = [sql.ref(`${name}.value`), sql.ref(`${name}.nan`)]
    return entity === 'metric' ? compareMetricSql(value, nan, condition) : compareSql(value, condition)
  }
  const compared = comparedIn('said')
  return {
    ofFirst: { table, key, holds: comparedIn('first') },
    // Not EXISTS: SQLite would look up some of these by their value, among those of all runs.
    holds: sql`(SELECT ${compared} FROM ${table} said WHERE said.run = run.number AND said.key = ${key})`,
    set: sql`SELECT said.run FROM ${table} said WHERE said.key = ${key} AND ${compared}`,
  }
}

function datasetCondition(condition: Condition): RunCondition {
  const context = condition.key === 'context'
  const column = context ? sql`used.context` : sql`dataset.${sql.ref(condition.key)}`
  const read = sql`run_datasets used JOIN input_datasets dataset ON dataset.number = used.dataset`
  const compared = compareSql(column, condition)
  return {
    holds: sql`EXISTS (SELECT 1 FROM ${read} WHERE used.run = run.number AND ${compared})`,
    set: sql`SELECT DISTINCT used.run FROM ${read} WHERE ${compared}`,
  }
}
