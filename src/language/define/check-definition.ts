import type { DataTypeName } from '../../core/data-type.ts'
import type { Expression } from '../expr/expression.ts'

/**
 * What a breach means: `warn` is told, `fail` fails the batch; `critical` refuses the row, which becomes a dead letter,
 * where a single row can breach the check.
 */
export type CheckSeverity = 'warn' | 'fail' | 'critical'

/** How many of the rows may breach: a number of rows, or a share of them (below it, when it says so). */
export type Tolerance = { readonly rows: number } | { readonly share: number; readonly below?: boolean }

/** A value that a check compares with; times are microseconds. */
export type CheckValue = string | number | boolean

/** Both inclusive; at least one of them is given. */
export interface CheckBounds {
  readonly min?: number
  readonly max?: number
}

/** Counts of an earlier sample, which a distribution is compared with. */
export type DistributionReference =
  /** Counts of the bins between the edges, open at both ends: one more than there are edges. */
  | { readonly kind: 'bins'; readonly edges: readonly number[]; readonly counts: readonly number[] }
  /** Counts of values; `others` counts all that are not named. */
  | { readonly kind: 'values'; readonly counts: Readonly<Record<string, number>>; readonly others: number }

export type Comparison = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte'

interface Severe {
  readonly severity: CheckSeverity
}

interface OfColumn extends Severe {
  readonly column: string
}

/** Absent: no row may breach. */
interface OfRows extends Severe {
  readonly allowed?: Tolerance
}

interface OfValues extends OfColumn, OfRows {}

/** What must hold of a table's rows, as plain data: one member of the union for each kind of check. */
export type CheckDefinition =
  | ({ readonly check: 'columnExists' } & OfColumn)
  | ({ readonly check: 'columns'; readonly columns: readonly string[]; readonly ordered: boolean } & Severe)
  | ({ readonly check: 'type'; readonly type: DataTypeName } & OfColumn)
  | ({ readonly check: 'notNull' } & OfValues)
  | ({ readonly check: 'completeness'; readonly min: number } & OfColumn)
  | ({ readonly check: 'missingTokens'; readonly tokens: readonly string[] } & OfValues)
  | ({ readonly check: 'unique' } & OfValues)
  | ({ readonly check: 'compoundKey'; readonly columns: readonly string[] } & OfRows)
  | ({ readonly check: 'distinctCount' } & OfColumn & CheckBounds)
  | ({ readonly check: 'distinctRatio' } & OfColumn & CheckBounds)
  | ({ readonly check: 'inSet'; readonly values: readonly CheckValue[] } & OfValues)
  | ({ readonly check: 'notInSet'; readonly values: readonly CheckValue[] } & OfValues)
  | ({ readonly check: 'range' } & OfValues & CheckBounds)
  | ({ readonly check: 'length' } & OfValues & CheckBounds)
  | ({ readonly check: 'pattern'; readonly pattern: string } & OfValues)
  | ({ readonly check: 'dateParse'; readonly format: string } & OfValues)
  | ({ readonly check: 'mean' } & OfColumn & CheckBounds)
  | ({ readonly check: 'stddev' } & OfColumn & CheckBounds)
  | ({ readonly check: 'quantile'; readonly at: number } & OfColumn & CheckBounds)
  | ({ readonly check: 'rowCount' } & Severe & CheckBounds)
  /** `within`: microseconds. */
  | ({ readonly check: 'freshness'; readonly within: number } & OfColumn)
  | ({
      readonly check: 'crossColumn'
      readonly left: string
      readonly comparison: Comparison
      readonly right: string
    } & OfRows)
  | ({ readonly check: 'foreignKey'; readonly stream: string; readonly references: string } & OfValues)
  | ({
      readonly check: 'distribution'
      readonly reference: DistributionReference
      /** Smallest population stability index that counts. */
      readonly psi: number
    } & OfColumn)
  | ({ readonly check: 'expression'; readonly expression: Expression } & OfRows)

export type CheckName = CheckDefinition['check']

/** The definition of one kind of check. */
export type CheckOf<Name extends CheckName> = Extract<CheckDefinition, { readonly check: Name }>

/** The checks that a single row can breach: only they can be critical. */
export const rowChecks: readonly CheckName[] = [
  'notNull',
  'missingTokens',
  'inSet',
  'notInSet',
  'range',
  'length',
  'pattern',
  'dateParse',
  'crossColumn',
  'expression',
]
