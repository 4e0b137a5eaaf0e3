import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Comparator, Condition } from './parse-filter.ts'

type Sql = RawBuilder<unknown>

/**
 * SQL that compares a column as a condition says; its value is bound.
 * @param column an expression of the type of the condition's value, never null where the condition holds
 */
export function compareSql(
  column: Sql,
  { comparator, value }: Pick<Condition, 'comparator' | 'value'>,
): RawBuilder<SqlBool> {
  if (comparator === 'IN' || comparator === 'NOT IN') {
    const list = sql`(SELECT value FROM json_each(${JSON.stringify(value)}))`
    return comparator === 'IN' ? sql`${column} IN ${list}` : sql`${column} NOT IN ${list}`
  }
  if (comparator === 'IS NULL') return sql`${column} IS NULL`
  if (comparator === 'IS NOT NULL') return sql`${column} IS NOT NULL`
  // SQLite's LIKE minds no case, and its GLOB does.
  if (comparator === 'LIKE') return sql`${column} GLOB ${globOf(String(value))}`
  if (comparator === 'ILIKE') return sql`${column} LIKE ${value}`
  return sql`${column} ${operators[comparator]} ${value}`
}

/**
 * SQL that compares a metric: NaN is other than any number, and neither less nor more.
 * @param value the column of values, which is 0 where `nan` is 1
 */
export function compareMetricSql(value: Sql, nan: Sql, condition: Condition): RawBuilder<SqlBool> {
  const compared = compareSql(value, condition)
  return condition.comparator === '!=' ? sql`(${nan} = 1 OR ${compared})` : sql`${nan} = 0 AND ${compared}`
}

const operators: Readonly<
  Record<Exclude<Comparator, 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL'>, Sql>
> = {
  '=': sql`=`,
  '!=': sql`<>`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
}

/** A pattern of LIKE as one of GLOB: what means something there alone stands in brackets. */
function globOf(pattern: string): string {
  return pattern.replaceAll(/[*?[]/g, '[$&]').replaceAll('%', '*').replaceAll('_', '?')
}
