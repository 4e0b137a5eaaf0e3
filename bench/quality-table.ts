// The table of the quality benchmark: a million rows of 50 columns in one Parquet file, more rows by reading it again.

import type { Schema } from '../src/core/data-type.ts'
import {
  atLeast,
  between,
  completeness,
  distinctCount,
  inSet,
  lengthBetween,
  matches,
  meanOf,
  missingTokens,
  notNull,
  quantileOf,
  rowCount,
  stddevOf,
  t,
  unique,
} from '../src/index.ts'
import type { CheckDefinition } from '../src/language/define/check-definition.ts'
import { sqlText } from '../src/stores/lake/duckdb.ts'

export const FILE_ROWS = 1_000_000

const numbers = Array.from({ length: 22 }, (_, index) => `number_${index}`)
const ints = Array.from({ length: 14 }, (_, index) => `int_${index}`)
const texts = Array.from({ length: 10 }, (_, index) => `text_${index}`)

export const schema: Schema = {
  id: t.int(),
  name: t.string(),
  at: t.timestamp(),
  used: t.bool(),
  ...Object.fromEntries(numbers.map((name) => [name, t.number({ nullable: true })])),
  ...Object.fromEntries(ints.map((name) => [name, t.int()])),
  ...Object.fromEntries(texts.map((name) => [name, t.string({ nullable: true })])),
}

/** SQL of a million rows, different ones each time it runs, but of the same kind. */
export function generated(rows: number): string {
  const columns = [
    'i AS id',
    "'customer-' || i AS name",
    '978307200000000 + i * 17000000 AS at',
    'i % 3 = 0 AS used',
    ...numbers.map(
      (name, index) =>
        `CASE WHEN hash(i, ${index}) % 50 > 0 THEN round(ln(1 + hash(i, ${index}, 1) % 1000000) * ${index + 1}, 4) END AS ${name}`,
    ),
    ...ints.map((name, index) => `(hash(i, ${index}, 2) % ${10 ** ((index % 6) + 1)})::BIGINT AS ${name}`),
    ...texts.map(
      (name, index) =>
        `CASE WHEN hash(i, ${index}, 3) % 100 > 0 THEN 'v' || hash(i, ${index}, 4) % ${10 ** ((index % 4) + 1)} END AS ${name}`,
    ),
  ]
  return `SELECT ${columns.join(', ')} FROM range(${rows}) AS r(i)`
}

/** SQL of `rows` rows: the file's again and again, with ids of their own. */
export function tableOf(file: string, rows: number): string {
  const copies = Math.max(1, Math.round(rows / FILE_ROWS))
  const parts = Array.from({ length: copies }, (_, copy) => {
    const first = copy * FILE_ROWS
    return copy === 0
      ? `SELECT * FROM read_parquet(${sqlText(file)})`
      : `SELECT * REPLACE (id + ${first} AS id, 'customer-' || (id + ${first}) AS name) FROM read_parquet(${sqlText(file)})`
  })
  return `(${parts.join(' UNION ALL ')} LIMIT ${rows})`
}

/** A gate of sixty checks, such as a table of this width has. */
export const gate: readonly CheckDefinition[] = [
  rowCount().atLeast(1),
  unique('id'),
  notNull('name'),
  matches('name', '^customer-[0-9]+$'),
  ...numbers.flatMap((name) => [atLeast(name, 0), completeness(name).atLeast(0.9)]),
  meanOf(numbers[0]!).between(0, 100),
  stddevOf(numbers[1]!).atMost(100),
  quantileOf(numbers[2]!, 0.95).atMost(1000),
  ...ints.map((name) => between(name, 0, 1_000_000)),
  inSet(
    texts[0]!,
    Array.from({ length: 10 }, (_, value) => `v${value}`),
  ),
  inSet(
    texts[3]!,
    Array.from({ length: 10_000 }, (_, value) => `v${value}`),
  ),
  missingTokens(texts[1]!),
  lengthBetween(texts[2]!, 1, 10),
  distinctCount(texts[3]!).atMost(10_000),
] as readonly CheckDefinition[]

/** The checks of single rows, as a stream has them that refuses rows. */
export const critical: readonly CheckDefinition[] = gate
  .filter(({ check }) => ['notNull', 'pattern', 'range', 'inSet', 'missingTokens', 'length'].includes(check))
  .map((check) => ({ ...check, severity: 'critical' }) as CheckDefinition)
