import type { CheckDefinition, CheckName } from '../../language/define/check-definition.ts'
import type { CheckKind } from './check.ts'
import { columnExists } from './checks/column-exists.ts'
import { columns } from './checks/columns.ts'
import { completeness } from './checks/completeness.ts'
import { compoundKey } from './checks/compound-key.ts'
import { crossColumn } from './checks/cross-column.ts'
import { dateParse } from './checks/date-parse.ts'
import { distinctCount } from './checks/distinct-count.ts'
import { distinctRatio } from './checks/distinct-ratio.ts'
import { distribution } from './checks/distribution.ts'
import { expression } from './checks/expression.ts'
import { foreignKey } from './checks/foreign-key.ts'
import { freshness } from './checks/freshness.ts'
import { inSet } from './checks/in-set.ts'
import { length } from './checks/length.ts'
import { mean } from './checks/mean.ts'
import { missingTokens } from './checks/missing-tokens.ts'
import { notInSet } from './checks/not-in-set.ts'
import { notNull } from './checks/not-null.ts'
import { pattern } from './checks/pattern.ts'
import { quantile } from './checks/quantile.ts'
import { range } from './checks/range.ts'
import { rowCount } from './checks/row-count.ts'
import { stddev } from './checks/stddev.ts'
import { type } from './checks/type.ts'
import { unique } from './checks/unique.ts'

/** Every kind of check, one line each. */
export const checks: { readonly [Name in CheckName]: CheckKind<Name> } = {
  columnExists,
  columns,
  type,
  notNull,
  completeness,
  missingTokens,
  unique,
  compoundKey,
  distinctCount,
  distinctRatio,
  inSet,
  notInSet,
  range,
  length,
  pattern,
  dateParse,
  mean,
  stddev,
  quantile,
  rowCount,
  freshness,
  crossColumn,
  foreignKey,
  distribution,
  expression,
}

/** The kind of a check; what it is given must be a definition of that kind. */
export function kindOf(definition: CheckDefinition): CheckKind<CheckName> {
  return checks[definition.check] as unknown as CheckKind<CheckName>
}

/** A check in words, which are its name. */
export function checkWords(definition: CheckDefinition): string {
  return kindOf(definition).words(definition)
}
